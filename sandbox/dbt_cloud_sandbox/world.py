"""The world: an account and what happened in it, as of a clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from dbt_cloud_sandbox.ledger import Ledger
from dbt_cloud_sandbox.records import (
    Account,
    CatalogEntry,
    Environment,
    FreshnessResult,
    Job,
    Node,
    NodeResult,
    Project,
    Run,
)


def utc_now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


class World(ABC):
    """An account as a reader of raw records sees it. The APIs are views of this and nothing else.

    Attributes:
        kind: ``sandbox`` (generated) or ``artifacts`` (real dbt files).
        label: What a reader is told the data is.
        fingerprint: 12 hex digits that change when the world's content does.
        account: The one account.
        warnings: One sentence per file that was skipped, and why.
    """

    kind: str
    label: str
    fingerprint: str
    account: Account
    warnings: tuple[str, ...] = ()

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self._now = now or utc_now
        self._ledger: Ledger | None = None

    def now(self) -> datetime:
        """The world's present, in UTC."""
        return self._now().astimezone(UTC)

    def second(self) -> datetime:
        """The present as the Admin API tells it: in whole seconds."""
        return self.now().replace(microsecond=0)

    def ledger(self) -> Ledger:
        """What finds the runs as of now."""
        runs = self.runs()
        if self._ledger is None or self._ledger.runs is not runs:
            self._ledger = Ledger(runs)
        return self._ledger

    @abstractmethod
    def projects(self) -> Sequence[Project]:
        """All projects, by id."""

    @abstractmethod
    def environments(self) -> Sequence[Environment]:
        """All environments, by id."""

    @abstractmethod
    def jobs(self) -> Sequence[Job]:
        """All jobs, by id."""

    @abstractmethod
    def runs(self) -> Sequence[Run]:
        """All runs as of now, by id. The same object comes back as long as nothing has changed."""

    @abstractmethod
    def nodes(self, environment_id: int) -> Sequence[Node]:
        """The definitions of the environment's latest manifest, by unique id."""

    @abstractmethod
    def results(self, run_id: int) -> Sequence[NodeResult]:
        """What a finished run did to each node, in order of completion; empty for others and cancelled ones."""

    @abstractmethod
    def freshness(self, run_id: int) -> Sequence[FreshnessResult]:
        """What a finished run found about sources."""

    @abstractmethod
    def catalog(self, environment_id: int) -> Mapping[str, CatalogEntry]:
        """What the newest docs run of the environment found in the warehouse, by unique id."""

    @abstractmethod
    def selected(self, job_id: int) -> frozenset[str]:
        """Unique ids of the nodes the job's runs can touch."""

    @abstractmethod
    def next_run(self, job_id: int) -> datetime | None:
        """When the job's schedule starts it next; None when it is not scheduled."""

    @abstractmethod
    def artifact_paths(self, run: Run, step: int | None = None) -> Sequence[str]:
        """Names of the files the step left (the last dbt step by default)."""

    @abstractmethod
    def artifact(self, run: Run, path: str, step: int | None = None) -> bytes | None:
        """One of those files, or None."""
