"""The runs of a busy week, against the same pages fetched one after another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from dbt_discovery import DbtAccount, RunFilter

from benchmarks.bare import BareClient
from benchmarks.measuring import Row, best, ratio, requests_of, seconds_of
from benchmarks.serving import Served
from benchmarks.sizes import WEEK
from benchmarks.stage import Stage, account_on

__all__ = ["week_of_runs"]

_PAGE = 100
"""Most runs that the Admin API gives at once."""
_RUNS = RunFilter(period=WEEK)


def week_of_runs(stage: Stage) -> Iterator[Row]:
    """An account whose jobs are known is asked for the week's runs: requests, and time against the bare pages."""
    served = stage.week
    first, last = WEEK.split("/")
    with BareClient(served) as bare:
        with served.at_once():  # the sandbox makes its pages
            count = len(bare.runs(first, last))
            with _known_jobs(served) as dbt:
                dbt.get_runs(filter=_RUNS)
        theirs = best(lambda: seconds_of(lambda: bare.runs(first, last)))
    with _known_jobs(served) as dbt:
        requests = requests_of(served, lambda: dbt.get_runs(filter=_RUNS))
    what = f"runs of a week with {count:,}"
    yield Row(f"{what}: requests", requests, "requests", ceil(count / _PAGE) + 3)
    yield ratio(f"{what}: time / the pages one by one", best(lambda: _asked(served)), theirs, 0.2, "one by one")


def _asked(served: Served) -> float:
    with _known_jobs(served) as dbt:
        return seconds_of(lambda: dbt.get_runs(filter=_RUNS))


@contextmanager
def _known_jobs(served: Served) -> Iterator[DbtAccount]:
    """An account that knows its projects and jobs, and nothing of their runs."""
    with account_on(served) as dbt:
        with served.at_once():
            dbt.get_jobs()
        yield dbt
