"""Runs of a period: those that a filter of runs keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import RunFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.questions.containment import runs_with

__all__ = ["RunsOfPeriod", "runs_of_period"]


@dataclass(frozen=True, slots=True)
class RunsOfPeriod:
    """Runs that started in a stretch of time.

    Attributes:
        span: The stretch of time.
        assumed: Whether the filter named none.
        jobs: The jobs whose runs are looked at, by id.
        runs: The runs, newest first.
    """

    span: TimeRange
    assumed: bool
    jobs: Mapping[str, JobRecord]
    runs: Sequence[RunRecord]


async def runs_of_period(inquiry: Inquiry, wanted: RunFilter) -> RunsOfPeriod:
    """The runs that a filter keeps; without a period, those of the seven days up to now or to the latest run.

    Raises:
        NotFound, AmbiguousName: Something is not called that, or several are.
    """
    jobs = {job.job_id: job for job in await inquiry.select_jobs_of_runs(wanted)}
    span = inquiry.span(wanted.period or await inquiry.assumed_period(wanted, list(jobs.values())))
    started = await inquiry.select_runs(wanted, span, list(jobs.values()))
    runs = await runs_with(inquiry, wanted, [run for run in started if wanted.admits_runtime(run.runtime)])
    runs.sort(key=lambda run: (run.began, int(run.run_id)), reverse=True)
    return RunsOfPeriod(span, wanted.period is None, jobs, runs)
