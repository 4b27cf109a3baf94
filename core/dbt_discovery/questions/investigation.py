"""An investigation: what was different about the runs in which something took unusually long or short."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbt_discovery.analysis.anomalies import Anomaly
from dbt_discovery.analysis.suspects import of_code, of_commands, of_company, of_contents, of_whole_run
from dbt_discovery.exceptions import NotFound, UpstreamError
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import JobFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord, RunStep
from dbt_discovery.models.results import RunResults

__all__ = ["LOOKED_INTO", "Case", "suspects_of"]

LOOKED_INTO = 10
"""How many runs are looked into for what costs requests."""
_EARLIER = 5
_LIKE = 3

Evidence = tuple[Sequence[RunResults], Sequence[RunResults]]
"""What the unusual runs made of their models, and what some runs before them did."""


@dataclass(frozen=True, slots=True)
class Case:
    """An anomaly with its run.

    Attributes:
        anomaly: What is unusual.
        run: The run, or the first of those at the new level.
        own: The series of runs it stands out from, oldest first.
        unique_id: The model, if it is one that took unusually long, and not the run.
    """

    anomaly: Anomaly
    run: RunRecord
    own: Sequence[RunRecord]
    unique_id: str | None = None

    @property
    def alike(self) -> Sequence[RunRecord]:
        """The run, and the next ones at its level."""
        return self.own[self.anomaly.place :][: _LIKE if self.anomaly.shift else 1]

    @property
    def earlier(self) -> list[RunRecord]:
        """The runs of its job before it, oldest first."""
        return [run for run in self.own[: self.anomaly.place] if run.job_id == self.run.job_id]


async def suspects_of(inquiry: Inquiry, cases: Sequence[Case], around: TimeRange) -> list[tuple[str, ...]]:
    """What may have caused each anomaly, the most telling first.

    Of the first `LOOKED_INTO` cases also what costs requests: the commands of the run, and what it made of its models.

    Args:
        inquiry: The question.
        cases: The anomalies.
        around: A stretch of time that holds all of their runs; its runs are known already.
    """
    if not cases:
        return []
    jobs = {job.job_id: job for job in await inquiry.jobs()}
    there = await inquiry.select_runs(JobFilter(job_ids=tuple(jobs)), around, list(jobs.values()))
    everything = sorted(there, key=lambda run: run.began)
    closer = cases[:LOOKED_INTO]
    steps = await asyncio.gather(*(_steps(inquiry, case.run) for case in closer))
    evidence = await _evidence(inquiry, closer)
    found = []
    for place, case in enumerate(cases):
        why: list[str] = []
        if place < len(closer):
            why += of_commands(steps[place], _commands(jobs, case.run))
            why += _of_models(case, *evidence[place])
        why += of_code(case.run, case.earlier)
        why += of_company(case.run, case.earlier[-_EARLIER:], everything, {each: jobs[each].name for each in jobs})
        found.append(tuple(why))
    return found


def _of_models(case: Case, since: Sequence[RunResults], before: Sequence[RunResults]) -> list[str]:
    if case.unique_id:
        return of_whole_run(case.unique_id, since, before)
    return of_contents(since, before, case.anomaly.runtime - case.anomaly.expected)


def _commands(jobs: Mapping[str, JobRecord], run: RunRecord) -> Sequence[str]:
    return jobs[run.job_id].steps if run.job_id in jobs else ()


async def _steps(inquiry: Inquiry, run: RunRecord) -> Sequence[RunStep]:
    """The steps of a run; none where dbt Cloud does not tell, which costs a suspect and not the answer."""
    try:
        return (await inquiry.run(run.run_id))[1]
    except (UpstreamError, NotFound):
        return ()


async def _evidence(inquiry: Inquiry, cases: Sequence[Case]) -> list[Evidence]:
    """What the runs of each case and some before them made of their models, as far as that is known."""
    sides = [(case.alike, case.earlier[-_LIKE:]) for case in cases]
    runs = {run.run_id: run for both in sides for side in both for run in side}
    try:
        results = dict(zip(runs, await inquiry.models_of_runs(list(runs.values())), strict=True))
    except UpstreamError as error:
        inquiry.tell(f"What the unusual runs made of their models could not be read: {error}")
        results = {}
    return [
        ([found for run in since if (found := results.get(run.run_id))],
         [found for run in before if (found := results.get(run.run_id))])
        for since, before in sides
    ]  # fmt: skip
