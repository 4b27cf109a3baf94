"""Runs of one job, and the averages over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_discovery.analysis.measures import counts, mean
from dbt_discovery.inquiry import LATEST_RUNS, MOST_RUNS, Inquiry
from dbt_discovery.models.filters import ModelFilter, RunFilter
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.questions.containment import runs_with
from dbt_discovery.questions.runtimes import of_runs
from dbt_discovery.resources.narrowing import checked_number

__all__ = ["JobRuns", "average_by_model", "checked_last_n", "newest_with", "runs_of_job", "slowest_mean"]

_AT_ONCE = 20
"""Runs that are looked into at once: as many as dbt Cloud is asked about in one request."""


@dataclass(frozen=True, slots=True)
class JobRuns:
    """Runs of a job that a filter keeps, newest first.

    Attributes:
        job: The job.
        runs: The runs.
        all: Whether every run was looked at that the question is about; else it was the newest `LATEST_RUNS`.
    """

    job: JobRecord
    runs: Sequence[RunRecord]
    all: bool

    def finished(self, inquiry: Inquiry, last_n: int) -> list[RunRecord]:
        """Those that finished and have a runtime; the inquiry says where fewer than `last_n` were to be found."""
        found = list(filter(counts, self.runs))
        self.say_if_short(inquiry, len(found), last_n)
        return found

    def say_if_short(self, inquiry: Inquiry, found: int, last_n: int) -> None:
        """Says that older runs were not looked at, where fewer than `last_n` were found."""
        if found < last_n and not self.all:
            name = self.job.name
            inquiry.lack(f"Only the newest {LATEST_RUNS} runs of {name} are looked through: name a period for more.")

    def passed_over(self, last_n: int) -> list[RunRecord]:
        """Those that do not count and lie among the newest `last_n` that do."""
        counting = list(filter(counts, self.runs))[:last_n]
        oldest = counting[-1].began if len(counting) == last_n else None
        return [run for run in self.runs if not counts(run) and (oldest is None or run.began >= oldest)]


def checked_last_n(last_n: int | None, wanted: RunFilter, *, optional: bool = False) -> int | None:
    """How many runs of a job are asked for; None for all of a period, where it is `optional` to say.

    Raises:
        InvalidArgument: It is no whole number, less than one, or more than are looked through.
    """
    if wanted.period:
        return checked_number("last_n", last_n, MOST_RUNS, optional=optional)
    return checked_number("last_n", last_n, LATEST_RUNS, ": name a period for more", optional=optional)


async def runs_of_job(inquiry: Inquiry, job: JobRecord, wanted: RunFilter) -> JobRuns:
    """The runs of a job that a filter keeps: those of its period, else those among the newest `LATEST_RUNS`."""
    if wanted.period:
        here = wanted.model_copy(update={"job_ids": (job.job_id,)})
        looked = await inquiry.select_runs(here, inquiry.span(wanted.period), [job])
        looked.sort(key=lambda run: (run.began, int(run.run_id)), reverse=True)
    else:
        (latest,) = await inquiry.latest_runs([job])
        looked = await inquiry.kept_runs(wanted, latest)
    kept = await runs_with(inquiry, wanted, [run for run in looked if wanted.admits_runtime(run.runtime)])
    return JobRuns(job, kept, all=bool(wanted.period) or len(latest) < LATEST_RUNS)


async def newest_with(inquiry: Inquiry, wanted: ModelFilter, runs: Sequence[RunRecord], count: int) -> list[RunRecord]:
    """The first `count` of some runs that hold a model which a filter keeps; no more are looked into than it takes."""
    found: list[RunRecord] = []
    for start in range(0, len(runs), _AT_ONCE):
        found += await runs_with(inquiry, wanted, runs[start : start + _AT_ONCE])
        if len(found) >= count:
            break
    return found[:count]


async def average_by_model(
    inquiry: Inquiry, job: JobRecord, runs: Sequence[RunRecord], wanted: ModelFilter
) -> list[float]:
    """The mean runtime of each model over some runs of a job, of those runs that have a time of it.

    The filter looks at the models as the job's environment has them now; its runtime bounds apply to the mean.

    Raises:
        NotFound, AmbiguousName: A model is not called that, or several are.
    """
    at_home = [run for run in runs if run.environment_id == job.environment_id]  # it may have moved here since
    times = {unique_id: timing for (_, unique_id), timing in (await of_runs(inquiry, at_home)).items() if timing.runs}
    if wanted.narrows_models:
        here = wanted.model_copy(update={"environment": job.environment_id})
        kept = {model.unique_id for model in await inquiry.select_models(here)}
        times = {unique_id: timing for unique_id, timing in times.items() if unique_id in kept}
    return [timing.mean for timing in times.values() if wanted.admits_runtime(timing.mean)]


def slowest_mean(runtimes: Sequence[float], slowest_n: int | None) -> float | None:
    """The mean of the longest runtimes, or of all; None of nothing.

    Raises:
        InvalidArgument: `slowest_n` is less than one.
    """
    checked_number("slowest_n", slowest_n, 1_000_000)
    return mean(sorted(runtimes, reverse=True)[:slowest_n])
