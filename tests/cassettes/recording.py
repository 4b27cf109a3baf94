"""Where cassettes come from: the account they are recorded from, and what is asked of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import vcr.request  # type: ignore[import-untyped]
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.history.address import MEMORY
from dbt_discovery.history.store import RunStore
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.services.bundle import Services
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import Endpoints, endpoints_for
from dbt_discovery.services.wire import Wire
from dbt_discovery.settings import Settings
from pydantic import SecretStr

from tests.servers.sandbox_server import sandbox_server

CASSETTES = Path(__file__).parents[2] / "cassettes" / "core" / "services"
SUBJECT = CASSETTES / "subject.json"

SANDBOX_NOW = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
"""The moment in the sandbox: its only day has seen 26 runs, of which some failed, one waits and one is under way."""

_REPLAYED = "http://dbt-cloud.localhost"
"""The address in every cassette, whatever the account's own was."""
_HISTORIES = 3


@dataclass(frozen=True)
class Subject:
    """What the cassettes are about, chosen when they are recorded and kept beside them.

    Attributes:
        recorded_from: `sandbox` or `dbt Cloud`.
        now: The moment of the recording.
        environment_id: The production environment with the fewest models, if it can be one with a failed model.
        unique_ids: A few models of it.
        job_id: A job of which a run failed.
        run_id: That run.
    """

    recorded_from: str
    now: str
    account_id: str
    environment_id: str
    unique_ids: list[str]
    job_id: str
    run_id: str

    @classmethod
    def read(cls) -> Subject:
        """The subject of the cassettes that are there."""
        return cls(**json.loads(SUBJECT.read_text()))

    def write(self) -> None:
        """Keeps the subject for replaying."""
        SUBJECT.parent.mkdir(parents=True, exist_ok=True)
        SUBJECT.write_text(json.dumps(asdict(self), indent=2) + "\n")


@dataclass(frozen=True)
class Place:
    """Where requests go, with which token, and at what moment."""

    kind: str
    endpoints: Endpoints
    token: SecretStr
    account_id: str
    now: datetime

    @asynccontextmanager
    async def services(self, token: str | None = None) -> AsyncIterator[Services]:
        """The core's services here, with nothing in their memory."""
        secret = SecretStr(token) if token else self.token
        wire = Wire(self.endpoints, secret, self.account_id, lambda: self.now)
        try:
            client, store = DbtClient(wire, CachingStrategy(enable_caching=False)), RunStore(MEMORY)
            yield Services.over(client, lambda: self.now, lambda: store)
            await store.aclose()
        finally:
            await wire.aclose()


def replaying(subject: Subject) -> Place:
    """The place that exists in the cassettes only."""
    endpoints = Endpoints("dbt-cloud.localhost", _REPLAYED, f"{_REPLAYED}/graphql")
    now = datetime.fromisoformat(subject.now)
    return Place(subject.recorded_from, endpoints, SecretStr("replayed"), subject.account_id, now)


@contextmanager
def recording() -> Iterator[Place]:
    """The account that the environment names, or a sandbox served on a loopback port at a fixed moment."""
    settings = Settings(_env_file=None)
    if settings.account_named:
        if not settings.service_token or not settings.account_id:
            raise RuntimeError("Set DBT_SERVICE_TOKEN and DBT_ACCOUNT_ID (and DBT_HOST) to record from an account.")
        endpoints = endpoints_for(settings.host, settings.metadata_url, settings.admin_url)
        yield Place("dbt Cloud", endpoints, settings.service_token, settings.account_id, settings.now())
        return
    world = sandbox.generated_world(days=0, now=lambda: SANDBOX_NOW)
    with sandbox_server(world) as server:
        endpoints = endpoints_for(None, f"{server.url}/graphql", server.url)
        yield Place("sandbox", endpoints, SecretStr("sandbox"), str(world.account.id), SANDBOX_NOW)


async def choose_subject(place: Place) -> Subject:
    """What to ask about here: whatever makes small cassettes and still holds a failure.

    Raises:
        RuntimeError: The account has no production environment with models, or no run failed on its latest day.
    """
    async with place.services() as services:
        environments = (await services.projects.environments()).value
        production = [each.environment_id for each in environments if each.deployment_type == "production"]
        models = [(await services.models.models(each)).value for each in production]
        smallest = min((each for each in models if each), key=lambda each: (not _fails(each), len(each)), default=None)
        latest = await services.runs.between(RunQuery(place.now - timedelta(days=1), place.now + timedelta(seconds=1)))
        failed = [run for run in latest.value if run.status is RunStatus.FAILURE]
        nodes = [len((await services.results.nodes_of_run(run)).value or ()) for run in failed]
    if smallest is None or not any(nodes):
        raise RuntimeError("The account has no production models, or no run with results failed since yesterday.")
    _, run = min(((count, run) for count, run in zip(nodes, failed, strict=True) if count), key=lambda each: each[0])
    ran = [model.unique_id for model in smallest if model.last_run_id]
    return Subject(
        recorded_from=place.kind,
        now=place.now.isoformat(),
        account_id=place.account_id,
        environment_id=smallest[0].environment_id,
        unique_ids=ran[:_HISTORIES],
        job_id=run.job_id,
        run_id=run.run_id,
    )


def _fails(models: Sequence[ModelRecord]) -> bool:
    return any(model.last_run_status is NodeStatus.ERROR for model in models)


_KEPT_HEADERS = frozenset({"content-type", "x-dbt-cloud-sandbox"})


def scrubbed_request(request: vcr.request.Request) -> vcr.request.Request:
    """A request as it may be kept: no host of anyone's, and no header but its content type."""
    request.uri = str(httpx.URL(request.uri).copy_with(scheme="http", host=httpx.URL(_REPLAYED).host, port=None))
    request.headers = _kept(request.headers)
    return request


def scrubbed_response(response: dict[str, Any]) -> dict[str, Any]:
    """A response as it may be kept: no header but its content type and the sandbox's mark.

    Raises:
        RuntimeError: Its body holds something that looks like a token.
    """
    if re.search(rb"\bdbt[uc]_[\w-]{8}", response["body"]["string"]):
        raise RuntimeError("A response holds something that looks like a dbt Cloud token: it is not recorded.")
    return {**response, "headers": _kept(response["headers"])}


def _kept(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if name.lower() in _KEPT_HEADERS}
