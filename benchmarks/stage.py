"""The stage: the served accounts that the benchmarks ask, and our client on them."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from dbt_discovery import DbtAccount, Settings

from benchmarks.serving import Served, served_sandbox
from benchmarks.sizes import DAYS, NOW, Sizes

__all__ = ["Stage", "account_on"]

_UNLIMITED = 1_000_000_000
"""Requests a minute: what takes a client's time is to be seen, not how long dbt Cloud would make it wait."""


class Stage:
    """Served accounts, each started when it is first asked for and ended with the stage.

    Attributes:
        sizes: How much there is of everything.
    """

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @cached_property
    def large(self) -> Served:
        """One project whose production environment has all the models, and ninety days of runs."""
        sizes = {"projects": 1, "models": self.sizes.models, "runs": self.sizes.stored_runs, "days": DAYS}
        return self._open.enter_context(served_sandbox(**sizes))

    @cached_property
    def week(self) -> Served:
        """An account whose history is the week, with that many runs in it, and today so far."""
        return self._open.enter_context(served_sandbox(runs=self.sizes.week_runs, days=7))

    @cached_property
    def ordinary(self) -> Served:
        """The sandbox's own account, as it comes."""
        return self._open.enter_context(served_sandbox())

    @cached_property
    def folder(self) -> Path:
        """A place for stores, which goes with the stage."""
        return Path(self._open.enter_context(TemporaryDirectory()))


def account_on(served: Served, database: Path | None = None) -> DbtAccount:
    """Our client, knowing nothing yet but what the store holds, if there is one."""
    return DbtAccount(
        "any",
        served.account_id,
        admin_url=served.url,
        metadata_url=f"{served.url}/graphql",
        settings=Settings(
            _env_file=None,
            fixed_now=NOW,
            database_url=f"sqlite:///{database}" if database else None,
            admin_requests_per_minute=_UNLIMITED,
            metadata_requests_per_minute=_UNLIMITED,
        ),
    )
