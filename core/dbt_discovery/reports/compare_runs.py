"""What differs between two runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from dbt_discovery.analysis.comparison import LEAST_CHANGE, Change, NodeChange, compare_nodes
from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.inquiry import LATEST_RUNS, Inquiry
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import Conflict, JobFilter, to_reference
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.models.report import Column, Coverage, Reading, Row
from dbt_discovery.models.subjects import TheRun
from dbt_discovery.models.telling import Told
from dbt_discovery.questions.subjects import the_run
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import alternative, order_reading, run_reading
from dbt_discovery.services.together import together
from dbt_discovery.words import cut_text, duration, either, few, minute

__all__ = ["CompareRuns", "compare_runs"]

_COLUMNS = columns(
    Column(key="name", label="Node"),
    "resource_type",
    Column(key="change", label="Change"),
    Column(key="before_status", label="Status before"),
    Column(key="after_status", label="Status after"),
    seconds("before_runtime", "Runtime before"),
    seconds("after_runtime", "Runtime after"),
    seconds("difference", "Difference"),
    "error",
    "unique_id",
)
_ORDERS = {"importance": "importance, newly failed first", "difference": "difference of the runtimes, largest first"}
_LOOKED_BACK = timedelta(days=31)
_ERROR_LENGTH = 500
_NAMED = 2


_OR_THE_SUCCESS = Told(words="Else the job's last success before it.")


class CompareRuns(ManyRows, TheRun):
    """Arguments of `compare_runs`."""

    base_run_id: Annotated[str | None, BeforeValidator(partial(to_reference, kind="run")), _OR_THE_SUCCESS] = Field(
        default=None, pattern=r"^\d+$", description="The run to compare with; without, the job's last success before."
    )
    min_change: Annotated[float, Told(words="Least change listed: 0.2 is 20 %.")] = Field(
        default=0.2, ge=0, le=100, description="Least change of a runtime to list, as a ratio: 0.2 is 20 %."
    )
    order_by: Literal["importance", "difference"] = Field(
        default="importance", description="Sort by importance (newly failed first), or by the seconds of difference."
    )

    @model_validator(mode="after")
    def _two_runs(self) -> Self:
        if self.run_id and self.run_id == self.base_run_id:
            raise Conflict("base_run_id", "Name another run in base_run_id than in run_id.")
        return self


@dataclass(frozen=True, slots=True)
class _Base:
    """The run that another is compared with.

    Attributes:
        run: The run.
        why: Why it is this one, in words.
        before: The run that finished right before the other, where that is not this one.
    """

    run: RunRecord
    why: str
    before: RunRecord | None = None


@report(
    title="Two runs compared",
    group="runs",
    examples=(
        "What changed since the last run of the finance nightly build?",
        "Which models and tests newly failed in the latest marketing daily build?",
        "Compare run 502 with run 498.",
    ),
    sample={"job": "Marketing daily build"},
)
async def compare_runs(inquiry: Inquiry, arguments: CompareRuns) -> Findings:
    """The nodes that differ between two runs: newly failed, fixed, slower, faster, added and gone.

    A run, or a job's latest finished one, is compared with `base_run_id`: without it with the latest successful run of
    the same job before it, else with the finished run before it. Models, tests, seeds and snapshots count, as the runs'
    own results have them.

    A node is `newly_failed` if it failed and did not before (it may be new), `fixed` if it came out well and failed
    before, `status_changed` on any other change, such as from success to skipped or from warn to success. One that came
    out well both times is `slower` or `faster` where its runtime changed by `min_change` of the runtime before, and by
    one second at least: what is less is taken as noise. `added` and `gone` are those that only one of the runs ran.
    Two runs are two samples: `runtime_changes` compares whole periods.
    """
    run, _ = await the_run(inquiry, arguments.run_id, arguments.job)
    base = await _base(inquiry, arguments, run)
    names = await Names.of(inquiry)
    of = names.called(run)
    nodes = await together(_nodes(inquiry, base.run), _nodes(inquiry, run)) if base else (None, None)
    before, after = nodes
    known = before is not None and after is not None
    changes = compare_nodes(before or (), after or (), arguments.min_change) if known else []
    if arguments.order_by == "difference":
        changes.sort(key=lambda each: abs(each.difference or 0.0), reverse=True)
    place = names.place(run.project_id, run.environment_id) | {"run_id": run.run_id, "url": run.url}
    return Findings(
        finding=_finding(changes, run, base, of, known=known),
        columns=_COLUMNS,
        rows=[place | _row(each) for each in changes],
        coverage=Coverage(unit="runs", considered=sum(each is not None for each in nodes)),
        reading=_readings(arguments, base, of, run),
        limit=arguments.limit,
    )


async def _base(inquiry: Inquiry, arguments: CompareRuns, run: RunRecord) -> _Base | None:
    """The run to compare with; None where there is none before."""
    if arguments.base_run_id:
        if arguments.base_run_id == run.run_id:
            raise InvalidArgument("base_run_id", f"Run {run.run_id} is the one to compare: name another as base.")
        named, _ = await inquiry.run(arguments.base_run_id)
        if named.job_id != run.job_id:
            inquiry.tell("The two runs are of different jobs, which may well run different nodes.")
        if named.began > run.began:
            inquiry.tell(f"Run {named.run_id} is the later of the two, though what it did is told as before.")
        return _Base(named, "as named")
    earlier = await _earlier(inquiry, run)
    if not earlier:
        return None
    success = next((each for each in earlier if each.status is RunStatus.SUCCESS), None)
    found = _Base(earlier[0], "the finished run before it, since no success before it is near")
    if success:
        found = _Base(success, "the latest success before it", earlier[0] if success != earlier[0] else None)
    inquiry.resolved["base_run_id"] = inquiry.names["base_run_id"] = found.run.run_id
    return found


async def _earlier(inquiry: Inquiry, run: RunRecord) -> list[RunRecord]:
    """The finished runs of a run's job before it, newest first: its newest, and where none succeeded the month's."""
    job = next((job for job in await inquiry.jobs() if job.job_id == run.job_id), None)
    if job is None:
        raise InvalidArgument(
            "base_run_id", f"The job of run {run.run_id} is no more: name the run to compare it with."
        )
    (runs,) = await inquiry.latest_runs([job])
    earlier = _finished_before(run, runs)
    if len(runs) == LATEST_RUNS and all(each.status is not RunStatus.SUCCESS for each in earlier):
        month = inquiry.span(f"{(run.began - _LOOKED_BACK).isoformat()}/{run.began.isoformat()}")
        older = await inquiry.select_runs(JobFilter(job_ids=(job.job_id,)), month, [job])
        earlier = _finished_before(run, {each.run_id: each for each in (*older, *runs)}.values())
        if all(each.status is not RunStatus.SUCCESS for each in earlier):
            inquiry.tell(f"Runs more than {_LOOKED_BACK.days} days before it are not looked through for a success.")
    return earlier


def _finished_before(run: RunRecord, runs: Iterable[RunRecord]) -> list[RunRecord]:
    """Those of some runs that began before another and finished, newest first."""
    earlier = [each for each in runs if each.status.finished and each.began < run.began]
    return sorted(earlier, key=lambda each: each.began, reverse=True)


async def _nodes(inquiry: Inquiry, run: RunRecord) -> Sequence[NodeRun] | None:
    """What a run made of its nodes; the inquiry says where nobody knows."""
    nodes = await inquiry.timed_nodes_of_run(run)
    if nodes is None:
        inquiry.lack(f"dbt Cloud has no results of run {run.run_id} ({run.status.value}).")
    return nodes


def _row(each: NodeChange) -> Row:
    before, after = each.before, each.after
    return {
        "unique_id": each.node.unique_id,
        "name": each.node.name,
        "resource_type": each.node.resource_type,
        "change": each.change,
        "before_status": before.status.value if before else None,
        "after_status": after.status.value if after else None,
        "before_runtime": before.runtime if before else None,
        "after_runtime": after.runtime if after else None,
        "difference": each.difference,
        "error": cut_text(after.error, _ERROR_LENGTH) if after else None,
    }


def _readings(arguments: CompareRuns, base: _Base | None, of: str, run: RunRecord) -> list[Reading]:
    readings = [run_reading(run, of, arguments)]
    if base:
        other = base.before
        instead = (alternative(arguments, "the finished run before it", base_run_id=other.run_id),) if other else ()
        value = f"run {base.run.run_id}, started {minute(base.run.began)}: {base.why}"
        readings.append(Reading(key="base_run_id", label="Compared with", value=value, alternatives=instead))
    least = f"by {LEAST_CHANGE:g} s at least"
    everything = (alternative(arguments, least, min_change=0.0),) if arguments.min_change else ()
    if arguments.min_change:
        least = f"by {arguments.min_change:.0%}, and {least}"
    readings.append(Reading(key="min_change", label="Slower or faster", value=least, alternatives=everything))
    return [*readings, order_reading(arguments, _ORDERS, "Sorted by")]


def _finding(changes: Sequence[NodeChange], run: RunRecord, base: _Base | None, of: str, *, known: bool) -> str:
    if base is None:
        return f"No run before {of} has finished, so that there is nothing to compare it with."
    if not known:
        return f"No comparison: dbt Cloud lacks the results of {of}, or of run {base.run.run_id}."
    by_change: dict[Change, list[NodeChange]] = {}
    for each in changes:
        by_change.setdefault(each.change, []).append(each)
    told = [_told(change, by_change[change]) for change in get_args(Change) if change in by_change]
    what = either(told, "and") if told else "no node differs"
    return f"{of[0].upper()}{of[1:]} against run {base.run.run_id}, {base.why}: {what}; {_whole(run, base.run)}."


def _told(change: Change, changes: Sequence[NodeChange]) -> str:
    """How many nodes differ in a way, and which most of all."""
    told = f"{len(changes):,} {change.replace('_', ' ')}"
    if change in ("slower", "faster"):
        most = max(changes, key=lambda each: each.seconds)
        return f"{told} ({most.node.name}{' most' if len(changes) > 1 else ''}, by {duration(most.seconds)})"
    return f"{told} ({few([each.node.name for each in changes], _NAMED)})"


def _whole(run: RunRecord, base: RunRecord) -> str:
    """How the runs differ as a whole."""
    parts = []
    if run.status is not base.status:
        parts.append(f"it ended in {run.status.value} (before {base.status.value})")
    if run.runtime is not None and base.runtime is not None:
        parts.append(f"it took {duration(run.runtime)} (before {duration(base.runtime)})")
    if run.git_sha and base.git_sha:
        same = run.git_sha == base.git_sha
        parts.append("on the same commit" if same else f"on commit {run.git_sha[:7]} (before {base.git_sha[:7]})")
    if run.dbt_version != base.dbt_version and run.dbt_version and base.dbt_version:
        parts.append(f"with dbt {run.dbt_version} (before {base.dbt_version})")
    return ", ".join(parts) or "nothing is known of the runs as a whole"
