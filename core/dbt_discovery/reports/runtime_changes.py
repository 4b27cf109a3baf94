"""What became slower or faster."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from dbt_discovery.analysis.measures import apart, count_left_out, counts
from dbt_discovery.analysis.runtime_comparison import Comparison
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange, parse_period
from dbt_discovery.models.records import JobRecord, ModelRecord, RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Reading, Row
from dbt_discovery.models.telling import JOBS_NAMED
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.questions.containment import jobs_with
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import choice_reading, order_reading, period_reading
from dbt_discovery.words import count, duration, few

__all__ = ["RuntimeChanges", "runtime_changes"]

_FEWEST_RUNS = 2
_WORDS = {"difference": "notable changes first, then by seconds", "ratio": "notable changes first, then by percentage"}
_DIRECTIONS = {"slower": "slower", "faster": "faster", "both": "slower or faster"}
_MEASURES = (
    seconds("before", "Median before"),
    seconds("after", "Median now"),
    seconds("difference", "Difference"),
    Column(key="ratio", label="Difference in %", type="number", unit="ratio"),
    Column(key="notable", label="Notable", type="bool"),
    Column(key="runs_before", label="Runs before", type="number", unit="count"),
    Column(key="runs_after", label="Runs now", type="number", unit="count"),
    seconds("avg_before", "Average before"),
    seconds("avg_after", "Average now"),
)
_COLUMNS = {
    "models": columns("name", "project_name", *_MEASURES, "environment_name", "unique_id"),
    "jobs": columns("job_name", "project_name", *_MEASURES, "environment_name", "job_id"),
}


class RuntimeChanges(Limited, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `runtime_changes`."""

    TOLD = JOBS_NAMED

    of: Literal["models", "jobs"] = Field(default="models", description="Compare models or whole jobs.")
    direction: Literal["slower", "faster", "both"] = Field(
        default="slower", description="Which changes to give: what became slower, faster, or both."
    )
    order_by: Literal["difference", "ratio"] = Field(
        default="difference",
        description="Sort by the difference in seconds, or in percent; notable changes come first.",
    )


Key = NodeKey | str
"""What a row is about: a model in its environment, or a job's id."""


@dataclass(slots=True)
class _Sides:
    """The runtimes of one job or model before and after, in seconds."""

    before: array[float] = field(default_factory=lambda: array("d"))
    after: array[float] = field(default_factory=lambda: array("d"))


@report(
    title="Runtime changes",
    group="models",
    examples=(
        "Which models are slower this week than last?",
        "Why is the nightly job slower?",
        "Which jobs got faster last month?",
    ),
    sample={"period": "last_week"},
)
async def runtime_changes(inquiry: Inquiry, arguments: RuntimeChanges) -> Findings:
    """The models or jobs that became slower (or faster) than in the stretch of time before.

    A period is compared with the one of the same length right before it: `last_week` with the week before,
    `this_week`, which still goes on, with last week up to the same weekday and hour, dates with as many days before
    them. Without a period, `this_week` is taken (or the seven days up to the latest run, where that is older).
    Medians are compared, which one odd run does not move; means stand beside them. `difference` is in seconds,
    `ratio` is that part of the median before: 0.5 is half as long again.

    Finished runs count that started in either period; a model counts with its execution time in the runs, of all jobs
    of its environment, that have one. At least two runs are needed in both periods: a note says how many have fewer,
    and what ran in one of the periods only.

    `notable` tells change from noise. It is true if the medians differ by a tenth of the one before at least, and
    either a Mann-Whitney rank test gives chance less than 1 %, or every run of one period took a quarter longer than
    every run of the other. It is null where a period has fewer than three runs, which is too few to tell.

    What runs made of their models is asked for once, twenty runs in a request, and then kept.
    """
    jobs: Sequence[JobRecord] = await inquiry.select_jobs_of_runs(arguments)
    if arguments.of == "jobs":
        jobs = await jobs_with(inquiry, arguments, jobs)
    period = arguments.period or await inquiry.assumed_period(arguments, jobs)
    if arguments.period is None and period == "last_7_days":
        period = "this_week"
    taken = arguments.model_copy(update={"period": period})
    span = inquiry.span(period)
    earlier = parse_period(period).before(inquiry.now, inquiry.zone)
    before, after = [await inquiry.select_runs(taken, each, jobs) for each in (earlier, span)]
    if taken.of == "models":
        models = await inquiry.select_models(taken)
        homes = {model.environment_id for model in models}
        before, after = [[run for run in runs if run.environment_id in homes] for runs in (before, after)]
        known, sides = await _of_models(inquiry, taken, models, before, after)
    else:
        known, sides = await _of_jobs(inquiry, jobs, before, after)
    compared = {
        key: Comparison.of(own.before, own.after)
        for key, own in sides.items()
        if min(len(own.before), len(own.after)) >= _FEWEST_RUNS
    }
    _tell_the_rest(inquiry, taken.of, known, sides)
    rows = [
        {**known[key], **_measures(each)} for key, each in compared.items() if _is_wanted(each.change, taken.direction)
    ]
    rows.sort(key=lambda row: (not row["notable"], -abs(row[taken.order_by] or 0.0), *map(str, row.values())))
    left_out: Counter[LeftOut] = Counter(count_left_out(before)) + Counter(count_left_out(after))
    held = [sum(map(counts, runs)) for runs in (after, before)]
    both = f"{span.label}: {count(held[0], 'finished run')}; before: {earlier.label}: {count(held[1], 'finished run')}"
    return Findings(
        finding=_finding(rows, taken, span, earlier, len(compared)),
        columns=_COLUMNS[taken.of],
        rows=rows,
        coverage=Coverage(unit="runs", considered=sum(held), left_out=dict(left_out)),
        reading=[
            period_reading(span, arguments),
            Reading(key="compared", label="Compared", value=both),
            Reading(key="measure", label="Measure", value="median of the finished runs; averages stand beside it"),
            choice_reading(taken, "of", "Changes of", {"models": "models", "jobs": "jobs"}),
            choice_reading(taken, "direction", "Direction", _DIRECTIONS),
            order_reading(taken, _WORDS, "Sorted by"),
        ],
        span=span,
        chart=Chart(kind="bar", x="name" if taken.of == "models" else "job_name", y=("before", "after")),
        arguments=taken,
        limit=taken.limit,
    )


async def _of_models(
    inquiry: Inquiry,
    arguments: RuntimeChanges,
    models: Sequence[ModelRecord],
    before: Sequence[RunRecord],
    after: Sequence[RunRecord],
) -> tuple[Mapping[Key, Row], Mapping[Key, _Sides]]:
    """What rows about the models begin with, and how long each took in the runs of both periods."""
    names, recent = await Names.of(inquiry), {run.run_id for run in after}
    known: dict[Key, Row] = {model.key: names.model(model) for model in models}
    runs = [run for run in (*before, *after) if counts(run)]
    sides: dict[Key, _Sides] = {}
    gone: set[NodeKey] = set()
    async for run, results in inquiry.models_of_many_runs(runs):
        for unique_id, runtime in results.timed() if results else ():
            key = (run.environment_id, unique_id)
            if key not in known:
                gone.add(key)
                continue
            own = sides.get(key) or sides.setdefault(key, _Sides())
            (own.after if run.run_id in recent else own.before).append(runtime)
    if gone and not arguments.narrows_models:
        inquiry.tell(f"{count(len(gone), 'model')} left out that runs built and the environment no longer has.")
    return known, sides


async def _of_jobs(
    inquiry: Inquiry, jobs: Sequence[JobRecord], before: Sequence[RunRecord], after: Sequence[RunRecord]
) -> tuple[Mapping[Key, Row], Mapping[Key, _Sides]]:
    """What rows about the jobs begin with, and how long the runs of each took in both periods."""
    names = await Names.of(inquiry)
    sides: dict[Key, _Sides] = {}
    for runs, side in ((before, "before"), (after, "after")):
        for run in runs:
            if counts(run) and run.runtime is not None:
                getattr(sides.setdefault(run.job_id, _Sides()), side).append(run.runtime)
    return {job.job_id: names.job(job) for job in jobs}, sides


def _measures(found: Comparison) -> Row:
    return {
        "before": found.before,
        "after": found.after,
        "difference": found.change,
        "ratio": found.ratio,
        "notable": found.notable,
        "runs_before": found.runs_before,
        "runs_after": found.runs_after,
        "avg_before": found.mean_before,
        "avg_after": found.mean_after,
    }


def _is_wanted(change: float, direction: str) -> bool:
    return change != 0 and direction in ("both", "slower" if change > 0 else "faster")


def _tell_the_rest(inquiry: Inquiry, of: str, known: Mapping[Key, Row], sides: Mapping[Key, _Sides]) -> None:
    """Says what ran in one of the periods only, or too seldom to be compared."""
    noun, key = ("model", "name") if of == "models" else ("job", "job_name")
    new = [known[each][key] for each, own in sides.items() if not own.before]
    old = [known[each][key] for each, own in sides.items() if not own.after]
    seldom = sum(0 < min(len(own.before), len(own.after)) < _FEWEST_RUNS for own in sides.values())
    for names, where in ((new, "this period"), (old, "the period before")):
        if names:
            inquiry.tell(f"{count(len(names), noun)} ran in {where} only: {few(sorted(names), 5)}.")
    if seldom:
        inquiry.tell(f"{count(seldom, noun)} left out that ran fewer than {_FEWEST_RUNS} times in one of the periods.")


def _finding(rows: Sequence[Row], arguments: RuntimeChanges, span: TimeRange, earlier: TimeRange, compared: int) -> str:
    noun = arguments.of.removesuffix("s")
    if not compared:
        return f"No {noun} ran often enough {span.when} and {earlier.when} to be compared."
    word = _DIRECTIONS[arguments.direction]
    if not rows:
        if compared == 1:
            return f"The only {noun} compared did not become {word} {span.when}."
        return f"None of {count(compared, noun)} became {word} {span.when}."
    first, notable = rows[0], sum(bool(row["notable"]) for row in rows)
    name = f"{first.get('name') or first['job_name']} ({first['project_name']})"
    part = f", {first['ratio']:+.0%}" if first["ratio"] is not None else ""
    change = (
        f"{duration(first['after'])} in the median over {count(first['runs_after'], 'run')}, from "
        f"{duration(first['before'])} over {count(first['runs_before'], 'run')} before{part}"
    )
    if apart(first["avg_after"], first["after"]) or apart(first["avg_before"], first["before"]):
        change += f" (on average {duration(first['avg_after'])}, from {duration(first['avg_before'])})"
    if notable:
        became = "slowed down" if first["difference"] > 0 else "sped up"
        if compared == 1:
            return f"{name} {became} {span.when}: {change}."
        others = f"{notable:,} of {count(compared, noun)} {'is' if notable == 1 else 'are'} notably {word}"
        return f"{name} {became} most {span.when}: {change}; {others}."
    why = "rests on too few runs to tell" if first["notable"] is None else "is within the usual spread"
    return f"No {noun} is notably {word} {span.when}: the largest change, {name} with {change}, {why}."
