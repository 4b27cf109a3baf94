"""Which runs took unusually long or short, and since when."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from pydantic import Field

from dbt_discovery.analysis.anomalies import FEWEST_RUNS, SENSITIVITIES, Sensitivity, judge
from dbt_discovery.analysis.measures import count_left_out, counts
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.filters import JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.report import Column, Coverage, Reading, Row, iso
from dbt_discovery.models.unique_ids import NodeKey, name_in
from dbt_discovery.questions.containment import jobs_with
from dbt_discovery.questions.investigation import Case, suspects_of
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import choice_reading, period_reading
from dbt_discovery.words import count, duration, either, minute, percent

__all__ = ["RuntimeAnomalies", "runtime_anomalies"]

_BEFORE = timedelta(days=28)
_AFTER = timedelta(days=14)
_MEASURES = (
    Column(key="kind", label="Kind"),
    "start_time",
    "runtime",
    seconds("expected", "Expected"),
    Column(key="deviation", label="Deviation", type="number"),
    Column(key="suspects", label="Suspects"),
    "project_name",
    "environment_name",
    "run_id",
    "url",
)
_COLUMNS = {"jobs": columns("job_name", *_MEASURES), "models": columns("name", "job_name", *_MEASURES)}


class RuntimeAnomalies(Limited, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `runtime_anomalies`."""

    of: Literal["jobs", "models"] = Field(default="jobs", description="Look at whole runs of jobs, or at models.")
    sensitivity: Sensitivity = Field(
        default="normal", description="How readily something counts as unusual: low, normal or high."
    )


@dataclass(slots=True)
class _Series:
    """The runs of one job, or those with one model, oldest first: which, how long, and whether they succeeded."""

    places: array[int] = field(default_factory=lambda: array("l"))
    runtimes: array[float] = field(default_factory=lambda: array("d"))
    usual: bytearray = field(default_factory=bytearray)

    def add(self, place: int, runtime: float, *, usual: bool) -> None:
        """Takes in one more run."""
        self.places.append(place)
        self.runtimes.append(runtime)
        self.usual.append(usual)

    def turn_round(self) -> None:
        """Makes the last run the first."""
        for column in (self.places, self.runtimes, self.usual):
            column.reverse()


Key = tuple[str, str | None]
"""A job's id and nothing, or a model's environment and unique_id."""


@report(
    title="Runtime anomalies",
    group="runs",
    examples=(
        "Were there any unusual run times last week?",
        "Since when is the marketing build so fast?",
        "Which models suddenly take longer?",
    ),
    sample={"period": "last_week"},
)
async def runtime_anomalies(inquiry: Inquiry, arguments: RuntimeAnomalies) -> Findings:
    """The runs that took unusually long or short, and the moments from which on all runs did.

    The runs of each job (or of each model in its environment, of whatever job) in the period, the four weeks before and
    the two weeks after are looked at; told is what happened in the period. Times are compared as logarithms.

    - *Season*: what the hour of the weekday usually adds is allowed for, where most of these have four runs, else what
      the hour of the day does. So a full refresh every Sunday is no anomaly.
    - `level shift`: from this run on, all take longer or shorter: by 15 % in the median at least, for five runs at
      least, and more clearly than chance explains. A rank test in the manner of Pettitt (1979) looks for it, in the
      whole and in parts (seeded binary segmentation; Kovács et al., 2023): the two-sided p-value of Mann and Whitney at
      the clearest place times the number of places and parts has to be less than 1 %. `runtime` and `expected` are the
      medians at the new level and at the one before.
    - `outlier`: this run alone stands out from its level: its modified z-score 0.6745 (x - median) / MAD is more than
      3.5 (Iglewicz and Hoaglin, 1993), and it lies 20 % and five seconds from what was expected at least, so that small
      differences in runs that are all alike do not count. `deviation` is that score, of a level shift the distance
      between the levels in the same measure.

    A `sensitivity` of low takes 5 and 0.1 %, high takes 2.5 and 5 %. Failed runs may have stopped early: they show
    nothing of what is usual, and stand out only if they took longer. Jobs and models with fewer than ten successful
    runs are not judged.

    `suspects` are what to look at first: a commit or a version of dbt that is new with the run, another job that ran at
    the same time for once, and, of the first ten rows, commands that are not the job's own (such as a full refresh), a
    changed number of models, and the models that took the time. They cost a request for each of those runs, and one for
    twenty runs' results.
    """
    jobs: Sequence[JobRecord] = await inquiry.select_jobs_of_runs(arguments)
    if arguments.of == "jobs":
        jobs = await jobs_with(inquiry, arguments, jobs)
    period = arguments.period or await inquiry.assumed_period(arguments, jobs)
    taken, span = arguments.model_copy(update={"period": period}), inquiry.span(period)
    around = replace(span, start=span.start - _BEFORE, end=max(span.end, min(inquiry.now, span.end + _AFTER)))
    every = await inquiry.select_runs(taken, around, jobs)
    wanted: set[NodeKey] = set()
    if taken.of == "models":
        wanted = {model.key for model in await inquiry.select_models(taken)}
        homes = {home for home, _ in wanted}
        every = [run for run in every if run.environment_id in homes]
    inside = [run for run in every if run.began in span]
    runs = [run for run in every if counts(run)]
    series = await _of_models(inquiry, wanted, runs) if taken.of == "models" else _of_jobs(runs)
    cases, judged = _cases(inquiry, taken, span, runs, series)
    cases.sort(key=lambda each: (not each.anomaly.shift, -abs(each.anomaly.deviation), int(each.run.run_id)))
    names, suspects = await Names.of(inquiry), await suspects_of(inquiry, cases, around)
    rows = [_row(case, names, why) for case, why in zip(cases, suspects, strict=True)]
    how: dict[str, str] = {
        each: f"{each}: modified z-scores over {score:g}, level shifts that chance makes in {percent(chance)}"
        for each, (score, chance) in SENSITIVITIES.items()
    }
    usual = f"successful runs at that hour of the weekday, from {_BEFORE.days} days before the period on"
    return Findings(
        finding=_finding(rows, taken, span, judged),
        columns=_COLUMNS[taken.of],
        rows=rows,
        coverage=Coverage(unit="runs", considered=sum(map(counts, inside)), left_out=count_left_out(inside)),
        reading=[
            period_reading(span, arguments),
            Reading(key="usual", label="Usual", value=usual),
            choice_reading(taken, "of", "Anomalies of", {"jobs": "jobs", "models": "models"}),
            choice_reading(taken, "sensitivity", "Sensitivity", how),
        ],
        span=span,
        arguments=taken,
        limit=taken.limit,
    )


def _of_jobs(runs: Sequence[RunRecord]) -> dict[Key, _Series]:
    """The runs of each job, by its id."""
    series: dict[Key, _Series] = {}
    for place, run in enumerate(runs):
        own = series.setdefault((run.job_id, None), _Series())
        own.add(place, run.runtime or 0.0, usual=run.status is RunStatus.SUCCESS)
    return series


async def _of_models(inquiry: Inquiry, wanted: Collection[NodeKey], runs: Sequence[RunRecord]) -> dict[Key, _Series]:
    """The runs that hold each model, by its environment and unique_id."""
    place_of = {run.run_id: place for place, run in enumerate(runs)}
    series: dict[Key, _Series] = {}
    async for run, results in inquiry.models_of_many_runs(runs):
        if results is None:
            continue
        place = place_of[run.run_id]
        for unique_id, status, runtime in zip(results.unique_ids, results.statuses, results.runtimes, strict=True):
            key = (run.environment_id, unique_id)
            if runtime is not None and key in wanted:
                own = series.get(key) or series.setdefault(key, _Series())
                own.add(place, runtime, usual=status is NodeStatus.SUCCESS)
    for own in series.values():
        own.turn_round()  # they came newest first
    return series


def _cases(
    inquiry: Inquiry,
    arguments: RuntimeAnomalies,
    span: TimeRange,
    runs: Sequence[RunRecord],
    series: Mapping[Key, _Series],
) -> tuple[list[Case], int]:
    """What is unusual in the period, and of how many jobs or models that is known; says of how many it is not."""
    moments = [run.created_at.astimezone(inquiry.zone) for run in runs]  # schedules go by that, however long the queue
    cases: list[Case] = []
    judged = few = seasonless = 0
    for (_, unique_id), own in series.items():
        if not any(runs[place].began in span for place in own.places):
            continue
        times, usual = [moments[place] for place in own.places], list(map(bool, own.usual))
        judgement = judge(times, own.runtimes, usual, arguments.sensitivity)
        if judgement is None:
            few += 1
            continue
        judged, seasonless = judged + 1, seasonless + (not judgement.seasonal)
        for anomaly in judgement.anomalies:
            run = runs[own.places[anomaly.place]]
            if run.began in span:
                cases.append(Case(anomaly, run, [runs[place] for place in own.places], unique_id))
    noun = arguments.of.removesuffix("s")
    if few:
        inquiry.tell(
            f"{count(few, noun)} not judged: fewer than {FEWEST_RUNS} successful runs are known to compare with."
        )
    if seasonless:
        inquiry.tell(f"For {count(seasonless, noun)} too few runs are known to allow for the weekday and the hour.")
    return cases, judged


def _row(case: Case, names: Names, why: Sequence[str]) -> Row:
    about = {"unique_id": case.unique_id, "name": name_in(case.unique_id)} if case.unique_id else {}
    return {
        **about,
        **names.run(case.run),
        "kind": "level shift" if case.anomaly.shift else "outlier",
        "start_time": iso(case.run.began),
        "runtime": case.anomaly.runtime,
        "expected": case.anomaly.expected,
        "deviation": case.anomaly.deviation,
        "suspects": "; ".join(why) or None,
    }


def _finding(rows: Sequence[Row], arguments: RuntimeAnomalies, span: TimeRange, judged: int) -> str:
    if not rows:
        if not judged:
            return f"No {arguments.of.removesuffix('s')} has enough finished runs {span.when} and before to be judged."
        return f"None of {count(judged, arguments.of.removesuffix('s'))} took unusually long or short {span.when}."
    shifts = sum(row["kind"] == "level shift" for row in rows)
    parts = [
        count(number, kind) for number, kind in ((shifts, "level shift"), (len(rows) - shifts, "outlier")) if number
    ]
    first = rows[0]
    name = f"{first.get('name') or first['job_name']} ({first['project_name']})"
    runtime, expected = duration(first["runtime"]), duration(first["expected"])
    changed = f"went from {expected} to {runtime}" if shifts else f"took {runtime} instead of {expected}"
    told = f"{name} {changed} on {minute(first['start_time'])}"
    why = f" ({first['suspects'].split('; ')[0]})" if first["suspects"] else ""
    return f"{either(parts, 'and')} {span.when}, the clearest: {told}{why}."
