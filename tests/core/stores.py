"""Services over a run store of a test's own: in memory, unless it brings a database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from dbt_discovery.history.address import MEMORY
from dbt_discovery.history.store import RunStore
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.run_days import RunDays
from dbt_discovery.services.runs import RunService

from tests.core.upstream import NOW

__all__ = ["days_over", "runs_over"]


def days_over(
    client: DbtClient,
    *,
    clock: Callable[[], datetime] = lambda: NOW,
    timer: Callable[[], float] = time.time,
    store: RunStore | None = None,
) -> RunDays:
    kept = store or RunStore(MEMORY)
    return RunDays(client, lambda: kept, clock, timer)


def runs_over(
    client: DbtClient,
    *,
    clock: Callable[[], datetime] = lambda: NOW,
    timer: Callable[[], float] = time.time,
    store: RunStore | None = None,
) -> RunService:
    return RunService(client, days_over(client, clock=clock, timer=timer, store=store))
