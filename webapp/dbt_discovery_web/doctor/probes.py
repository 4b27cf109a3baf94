"""Probes: every request the doctor makes, all at once and within one deadline. What the answers mean is told elsewhere.

take_probes  asks both APIs
_admin       each resource of the Admin API by itself
_discovery   each environment's state
_attempt     one question: its value, or why there is none
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from dbt_discovery import DbtDiscoveryError, Settings
from dbt_discovery.connection import Connection
from dbt_discovery.environments import state_environment
from dbt_discovery.exceptions import QueryRejected, Unreachable
from dbt_discovery.models.records import EnvironmentRecord, JobRecord, ProjectRecord, RunRecord
from dbt_discovery.models.report import Source
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import Endpoints
from dbt_discovery.services.operation import Answer

from dbt_discovery_web.doctor.questions import ACCOUNTS, EnvironmentState, environment_state, run_in_order

__all__ = ["NOBODY", "PATIENCE", "Outcome", "Probes", "Resources", "take_probes"]

T = TypeVar("T")

NOBODY = "0"
"""An id that no account and no environment has: only those who are let in are told that there is none."""
PATIENCE = 20.0
"""Seconds in which every answer must be there."""
_LOOKED_AT = 20
"""Environments that are asked for: their number must not eat up the Discovery API's requests a minute."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of a question: its value, or why there is none."""

    value: T | None = None
    error: DbtDiscoveryError | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    """The Admin API's resources, each with its own permission.

    Attributes:
        runs: The first and the latest run that are known; empty without any.
    """

    projects: Outcome[tuple[ProjectRecord, ...]]
    environments: Outcome[tuple[EnvironmentRecord, ...]]
    jobs: Outcome[tuple[JobRecord, ...]]
    runs: Outcome[tuple[RunRecord, ...]]

    @property
    def errors(self) -> tuple[DbtDiscoveryError | None, ...]:
        """Why each of them was not given; None for what was."""
        return self.projects.error, self.environments.error, self.jobs.error, self.runs.error


@dataclass(frozen=True, slots=True)
class Probes:
    """Everything that was asked, and what came of it.

    Attributes:
        addresses: Where the APIs are.
        accounts: Names of the accounts that the token sees, by id.
        resources: None where no account is known to ask about.
        discovery: Whether the Discovery API lets the token in.
        states: The environments looked at; a state of None is one out of the token's sight.
        left_out: How many more environments there are.
        source: Who answered, as far as anybody did.
    """

    addresses: Endpoints
    accounts: Outcome[dict[str, str]]
    resources: Resources | None
    discovery: Outcome[bool]
    states: Mapping[str, Outcome[EnvironmentState | None]] = field(default_factory=dict)
    left_out: int = 0
    source: Source | None = None

    @property
    def projects(self) -> tuple[ProjectRecord, ...]:
        """The account's projects, as far as the Admin API gives them."""
        return (self.resources.projects.value if self.resources else None) or ()

    @property
    def environments(self) -> tuple[EnvironmentRecord, ...]:
        """The account's environments, as far as the Admin API gives them."""
        return (self.resources.environments.value if self.resources else None) or ()


async def take_probes(connect: Callable[[str], Connection], settings: Settings, patience: float = PATIENCE) -> Probes:
    """Asks both APIs what they show the token.

    Args:
        connect: Opens a connection to the account of an id.
        settings: They name the account and environments, where they do.
        patience: Seconds in which every answer must be there.

    Raises:
        ConfigurationError: An address or the token cannot be used at all.
    """
    async with AsyncExitStack() as stack:
        probing = _Probing(stack, connect, settings, patience)
        return await probing.take()


class _Probing:
    """The questions under way."""

    def __init__(
        self, stack: AsyncExitStack, connect: Callable[[str], Connection], settings: Settings, patience: float
    ) -> None:
        self._stack, self._connect, self._settings, self._patience = stack, connect, settings, patience
        self._deadline = asyncio.get_running_loop().time() + patience
        self._first = self._open(settings.account_id or NOBODY)

    async def take(self) -> Probes:
        accounts = asyncio.create_task(self._accounts())
        admin = asyncio.create_task(self._admin(accounts))
        # Without the Admin API's list, Discovery is asked all the same; a slow one may have half of the time.
        await asyncio.wait([admin], timeout=self._patience / 2)
        resources = admin.result() if admin.done() else None
        wanted = _environments_of_interest(self._settings, resources)
        discovery, states = await self._discovery(wanted[:_LOOKED_AT])
        answered = (await accounts).value is not None or discovery.value
        return Probes(
            addresses=self._first.wire.endpoints,
            accounts=await accounts,
            resources=await admin,
            discovery=discovery,
            states=states,
            left_out=max(0, len(wanted) - _LOOKED_AT),
            source=(await self._attempt(self._first.wire.source(), self._admin_host)).value if answered else None,
        )

    def _open(self, account_id: str) -> Connection:
        connection = self._connect(account_id)
        self._stack.push_async_callback(connection.aclose)
        return connection

    async def _accounts(self) -> Outcome[dict[str, str]]:
        return await self._attempt(_value(self._first.services.client.ask(ACCOUNTS)), self._admin_host)

    async def _admin(self, accounts: asyncio.Task[Outcome[dict[str, str]]]) -> Resources | None:
        connection: Connection = self._first
        if not self._settings.account_id:
            seen = (await accounts).value or {}
            if len(seen) != 1:
                return None
            connection = self._open(next(iter(seen)))
        services, host = connection.services, self._admin_host
        projects, environments, jobs, runs = await asyncio.gather(
            self._attempt(_value(services.projects.projects()), host),
            self._attempt(_value(services.projects.environments()), host),
            self._attempt(_value(services.jobs.jobs()), host),
            self._attempt(_first_and_latest(services.client), host),
        )
        return Resources(projects, environments, jobs, runs)

    async def _discovery(
        self, wanted: Sequence[str]
    ) -> tuple[Outcome[bool], dict[str, Outcome[EnvironmentState | None]]]:
        asked = wanted or [NOBODY]
        host = urlsplit(self._first.wire.endpoints.discovery).netloc
        ask = self._first.services.client.ask
        outcomes = await asyncio.gather(*(self._attempt(_value(ask(environment_state(each))), host) for each in asked))
        refusals = [outcome.error for outcome in outcomes]
        # Whoever is told that an environment cannot be had was let in.
        let_in = any(error is None or isinstance(error, QueryRejected) for error in refusals)
        states = dict(zip(wanted, outcomes, strict=True)) if wanted else {}
        return (Outcome(value=True) if let_in else Outcome(error=refusals[0])), states

    @property
    def _admin_host(self) -> str:
        return urlsplit(self._first.wire.endpoints.admin).netloc

    async def _attempt(self, question: Awaitable[T], host: str) -> Outcome[T]:
        try:
            async with asyncio.timeout_at(self._deadline):
                return Outcome(await question)
        except TimeoutError:
            late = (
                f"{host} gave no answer within {self._patience:g} s. Try again, then check the network, proxies and the"
            )
            return Outcome(error=Unreachable(f"{late} address."))
        except DbtDiscoveryError as error:
            return Outcome(error=error)


async def _value(answer: Awaitable[Answer[T]]) -> T:
    return (await answer).value


async def _first_and_latest(client: DbtClient) -> tuple[RunRecord, ...]:
    """The first and the latest run that are still known."""
    orders = ("created_at", "-created_at")
    first, latest = await asyncio.gather(*(client.ask(run_in_order(client, order)) for order in orders))
    return (*first.value, *latest.value)


def _environments_of_interest(settings: Settings, resources: Resources | None) -> list[str]:
    """The ids to ask Discovery for: those that are named, those that speak for a project, then other deployments."""
    environments = (resources.environments.value if resources else None) or ()
    projects = (resources.projects.value if resources else None) or ()
    speaking = [state_environment(project, environments, settings.environment) for project in projects]
    others = (each for each in environments if each.type != "development")
    found = [each.environment_id for each in (*speaking, *others) if each]
    return list(dict.fromkeys((*settings.environment_ids, *found)))
