"""What the OpenAPI document promises, tried on every operation with requests that Schemathesis makes up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from tempfile import mkdtemp
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
import schemathesis
from anyio.from_thread import start_blocking_portal
from dbt_discovery import DbtAccount, InvalidArgument, Settings
from dbt_discovery.models.period import parse_period
from dbt_discovery.reports import registry
from dbt_discovery.reports.declaration import ReportDeclaration
from dbt_discovery_web.app import create_app
from fastapi import FastAPI
from pydantic import ValidationError
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CoveragePhaseData

from tests.conftest import NOW

EXAMPLES = 12
"""Requests made up at random for each operation, beside those that try each parameter in turn."""

_CONFIG = SchemathesisConfig(
    seed=20261118,
    projects=ProjectsConfig(
        default=ProjectConfig(
            generation=GenerationConfig(max_examples=EXAMPLES, deterministic=True),
            phases=PhasesConfig(
                coverage=CoveragePhaseConfig(generate_duplicate_query_parameters=True),
            ),
        )
    ),
)


_SETTINGS = Settings(
    fixed_now=NOW,
    database_url=f"sqlite:///{mkdtemp()}/fuzzed.db",
    chat_model="offline",
    DBT_DISCOVERY_WEBHOOK_SECRET="nobody makes up a signature under it",
    metadata_requests_per_minute=1_000_000,  # so that nobody waits for requests that ask for a refresh
)


def _app() -> FastAPI:
    """An app on a small account."""
    transport = sandbox.transport(sandbox.generated_world(now=lambda: NOW, days=10))
    return create_app(_SETTINGS, account=DbtAccount(transport=transport, settings=_SETTINGS))


Ask = Callable[[schemathesis.Case], httpx.Response]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Sends the request of a case to the app, which runs as long as the tests of this module do."""
    app = _app()
    transport = httpx.ASGITransport(app)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

        run = portal.call(client.get, "/runs?limit=1&run_status=success").json()["items"][0]["run_id"]

        def send(case: schemathesis.Case) -> httpx.Response:
            if "run" in (case.path_parameters or {}) and case.meta and case.meta.generation.mode.is_positive:
                case.path_parameters["run"] = run  # nobody makes up the id of a run that there was
            request = case.as_transport_kwargs(base_url=str(client.base_url))
            del request["cookies"]  # the app knows none
            if "data" in request:
                request["content"] = request.pop("data")
            return portal.call(partial(client.request, **request))

        yield send
        portal.call(client.aclose)


_DOCUMENT = _app().openapi()
_STATUSES: dict[str, set[int]] = {}
_FIRST: dict[tuple[str, str], str] = {}
"""The operation on which each parameter is tried out, value by value: it is the same wherever it is described alike."""

every_operation = schemathesis.openapi.from_dict(_DOCUMENT, config=_CONFIG)


def _is_tried_elsewhere(case: schemathesis.Case) -> bool:
    """Whether a case tries out a parameter of a query that another operation has too, and that tries it out."""
    tried = case.meta.phase.data if case.meta else None
    if not isinstance(tried, CoveragePhaseData) or tried.parameter_location is not ParameterLocation.QUERY:
        return False
    described = _DOCUMENT["paths"][case.operation.path][case.operation.method].get("parameters", ())
    for parameter in described:
        if parameter["name"] == tried.parameter:
            key = (tried.parameter, json.dumps(parameter["schema"], sort_keys=True))
            return _FIRST.setdefault(key, case.operation.label) != case.operation.label
    return False


def _mend_query(case: schemathesis.Case) -> None:
    """Mends what is valid field by field, and yet no question: OpenAPI has no words for rules between parameters."""
    meta, query = case.meta, case.query
    if meta is None or not meta.generation.mode.is_positive or query is None:
        return
    query.pop("cursor", None)  # it has to come from an answer, as it does in the tests of paging
    least, most = query.get("min_runtime"), query.get("max_runtime")
    if least is not None and most is not None and least > most:
        query["min_runtime"], query["max_runtime"] = most, least
    segment = case.operation.path.rpartition("/")[2]
    if segment.startswith("chart."):  # the arguments are those of whichever report is named
        named_report = registry().get(str((case.path_parameters or {}).get("name")).replace("-", "_").casefold())
        for name in query.keys() - {"theme"} if named_report else ():
            del query[name]
        query.update(named_report.sample if named_report else {})
    elif declaration := registry().get({"runtimes": "list_runs"}.get(segment, segment)):
        named = {name: "a" for name in (case.path_parameters or {}) if name in declaration.arguments.model_fields}
        _mend(declaration, query, named)
    elif "period" in query and not _is_period(query["period"]):
        query["period"] = "last_week"


def _mend(declaration: ReportDeclaration[Any], query: dict[str, Any], named: dict[str, Any]) -> None:
    """Leaves out what a report refuses for a reason of its own, and names what it cannot do without.

    `named` stands for what the path names already.
    """
    for _ in range(len(query) + 1):
        try:
            declaration.arguments.model_validate(query | named)
        except ValidationError as error:
            own = [fault for fault in error.errors() if fault["type"] == "value_error"]
            for fault in own:
                conflict = fault["ctx"]["error"]
                name = fault["loc"][0] if fault["loc"] else conflict.argument
                if query.pop(name, None) is None:
                    query.update(declaration.sample)
            if own:
                continue
        return


def _is_period(text: str) -> bool:
    try:
        parse_period(text)
    except InvalidArgument:
        return False
    return True


@every_operation.parametrize()
def test_every_operation_keeps_what_the_document_promises(case: schemathesis.Case, ask: Ask) -> None:
    if _is_tried_elsewhere(case):
        return
    _mend_query(case)
    answer = ask(case)
    _STATUSES.setdefault(case.operation.definition.raw["operationId"], set()).add(answer.status_code)
    case.validate_response(answer)


def test_no_operation_was_only_ever_refused() -> None:
    """Promises are cheap where nothing is asked that can be answered."""
    unknown = {"get_thread", "delete_thread", "rename_thread", "follow_turn", "stop_turn", "judge_answer"}
    unknown |= {"read_page", "take_dbt_event"}  # whose ids, and signature, are made up here
    refused = {name for name, statuses in _STATUSES.items() if not statuses & {200, 204}}
    assert refused <= unknown
    assert 503 not in _STATUSES.get("take_dbt_event", ())  # as it is without a secret
