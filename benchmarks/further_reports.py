"""Further reports over data that is there: no requests, and hardly more time than the arithmetic takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbt_discovery import DbtAccount

from benchmarks.bare_sql import longest_jobs_in_sql
from benchmarks.measuring import Row, best, ratio, requests_of, seconds_of
from benchmarks.sizes import HISTORY, WEEK
from benchmarks.stage import Stage, account_on

__all__ = ["longest_jobs_over_all_runs", "requests_of_further_reports", "slowest_models_over_all_models"]

_FIRST: list[tuple[str, dict[str, Any]]] = [
    ("longest_running_jobs", {"period": WEEK}),
    ("list_jobs", {}),
    ("list_models", {}),
]
_FURTHER: list[tuple[str, dict[str, Any]]] = [
    ("longest_running_jobs", {"period": WEEK, "order_by": "p95"}),
    ("longest_running_jobs", {"period": WEEK, "job_type": "scheduled", "run_status": "success"}),
    ("longest_running_jobs", {"period": WEEK.split("/")[1], "order_by": "total"}),
    ("slowest_models", {}),
    ("slowest_models", {"tags": "nightly", "order_by": "max"}),
    ("list_jobs", {"job_type": "scheduled"}),
    ("list_models", {"materialization": "table"}),
]


def requests_of_further_reports(stage: Stage) -> Iterator[Row]:
    """Other reports over the week's runs, the jobs and the models that were asked for before."""
    with account_on(stage.week) as dbt:
        with stage.week.at_once():
            _run(dbt, _FIRST)
        requests = requests_of(stage.week, lambda: _run(dbt, _FURTHER))
    yield Row(f"{len(_FURTHER)} further reports over the same data: requests", requests, "requests", 0)


def longest_jobs_over_all_runs(stage: Stage) -> Iterator[Row]:
    """The longest-running jobs of all stored runs, against the SQL that gives the same figures."""
    store = stage.folder / "all_runs.sqlite"
    with account_on(stage.large, store) as dbt:

        def ask() -> object:
            return dbt.run_report("longest_running_jobs", period=HISTORY)

        with stage.large.at_once():
            ask()
        ours = best(lambda: seconds_of(ask))
    rows = longest_jobs_in_sql(store, HISTORY)
    theirs = best(lambda: seconds_of(lambda: longest_jobs_in_sql(store, HISTORY)))
    what = f"longest jobs over {sum(row[1] for row in rows):,} stored runs: time / the SQL bare"
    yield ratio(what, ours, theirs, 1.5, "SQL")


def slowest_models_over_all_models(stage: Stage) -> Iterator[Row]:
    """The slowest models of all that the cache holds."""
    with account_on(stage.large) as dbt:
        with stage.large.at_once():
            count = dbt.run_report("slowest_models").coverage.considered
        seconds = best(lambda: seconds_of(lambda: dbt.run_report("slowest_models")))
    yield Row(f"slowest models over {count:,} cached models", 1000 * seconds, "ms", 100, f"{seconds:.3f} s")


def _run(dbt: DbtAccount, reports: list[tuple[str, dict[str, Any]]]) -> None:
    for name, arguments in reports:
        dbt.run_report(name, **arguments)
