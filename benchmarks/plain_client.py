"""Against a plain client: a connection for each request, pages of 100, one after another, and nothing kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from statistics import fmean

from dbt_discovery import DbtAccount

from benchmarks.bare import BareClient, NewConnections
from benchmarks.measuring import Row, seconds_of
from benchmarks.serving import Served
from benchmarks.sizes import WEEK
from benchmarks.stage import Stage, account_on

__all__ = ["plain_client_on_all_models", "plain_client_on_longest_jobs"]

_PAGE = 100
_FINISHED = {10, 20}


def plain_client_on_longest_jobs(stage: Stage) -> Iterator[Row]:
    """How much sooner the week's longest-running jobs are known."""
    yield from _rows(
        stage.week,
        "longest jobs of a week",
        lambda dbt: dbt.run_report("longest_running_jobs", period=WEEK),
        longest_jobs,
    )


def plain_client_on_all_models(stage: Stage) -> Iterator[Row]:
    """How much sooner all models are known."""
    yield from _rows(stage.large, "all models", lambda dbt: dbt.get_models(), lambda plain: plain.models(_PAGE))


def longest_jobs(plain: BareClient) -> list[tuple[str, float]]:
    """Names and average runtimes of the week's jobs, longest first, as a short script works them out."""
    names = {job["id"]: job["name"] for job in plain.rows("jobs")}
    runtimes = defaultdict(list)
    for run in plain.runs(*WEEK.split("/")):
        if run["status"] in _FINISHED:
            start, end = (datetime.fromisoformat(run[moment]) for moment in ("started_at", "finished_at"))
            runtimes[run["job_id"]].append((end - start).total_seconds())
    averages = [(names[job_id], fmean(times)) for job_id, times in runtimes.items()]
    return sorted(averages, key=lambda job: -job[1])


def _rows(
    served: Served, name: str, ours: Callable[[DbtAccount], object], theirs: Callable[[BareClient], object]
) -> Iterator[Row]:
    """How often our time goes into the plain client's, for the first ask and for the second."""
    with served.at_once(), account_on(served) as dbt, NewConnections(served) as plain:  # the sandbox makes its pages
        ours(dbt)
        theirs(plain)
    with account_on(served) as dbt, NewConnections(served) as plain:
        for time in ("first", "second"):
            we, they = seconds_of(lambda: ours(dbt)), seconds_of(lambda: theirs(plain))
            absolute = f"{we:.4f} s; plain client {they:.3f} s"
            yield Row(f"plain client, {name}, {time} ask: its time / ours", they / we, "times", None, absolute)
