"""The bound: what of an account is still known when it is asked for again."""

from __future__ import annotations

from inspect import signature

import dbt_cloud_sandbox as sandbox
from dbt_discovery import CachingStrategy, DbtAccount, RunFilter, Settings

from tests.core.upstream import NOW

RUNS = 3000
BOUND = signature(CachingStrategy).parameters["max_bytes"].default


def test_ninety_days_of_a_hundred_thousand_runs_are_known_when_they_are_asked_for_again() -> None:
    """A smaller account in a cache that is smaller likewise. Days that are over are not asked for again."""
    world = sandbox.generated_world(runs=RUNS, days=90, now=lambda: NOW)
    seconds = [0.0]
    caching = CachingStrategy(max_bytes=BOUND * RUNS // 100_000, timer=lambda: seconds[0])
    settings = Settings(fixed_now=NOW)
    with DbtAccount(transport=sandbox.transport(world), settings=settings, caching_strategy=caching) as account:
        first = account.get_runs(filter=RunFilter(period="last_90_days"))
        asked = account.requests
        assert len(first) > RUNS // 2
        seconds[0] = 3600
        again = account.get_runs(filter=RunFilter(period="last_90_days"))
        assert list(again) == list(first)
        assert account.requests - asked < 10, "today, and what no longer counts as fresh"
        seconds[0] = 7200
        report = account.run_report("slowest_models", period="last_7_days")
        asked = account.requests
        assert account.run_report("slowest_models", period="last_7_days") == report
        assert account.requests == asked
