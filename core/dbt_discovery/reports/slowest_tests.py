"""Which tests take longest."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Literal

from pydantic import Field

from dbt_discovery.analysis.measures import apart
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import JobFields, ModelFields, PeriodFields, ProjectFilter, RuntimeFields
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Reading, Row
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.questions.selected_tests import (
    finished_runs,
    select_tests,
    still_there,
    tests_of_jobs,
)
from dbt_discovery.reports.averages import average_of
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import alternative, order_reading, period_reading, state_reading
from dbt_discovery.words import count, duration

__all__ = ["SlowestTests", "slowest_tests"]

_MEASURES = {"avg": "runtime", "median": "median_runtime", "max": "max_runtime", "total": "total_runtime"}
_WORDS = {
    "avg": "average run time",
    "median": "median run time",
    "max": "longest single run",
    "total": "total run time",
}
_COLUMNS = columns(
    Column(key="name", label="Test"),
    "tested_model",
    "runtime",
    seconds("median_runtime", "Median"),
    seconds("max_runtime", "Longest"),
    seconds("total_runtime", "Total"),
    "runs",
    "last_run_status",
    "column",
    "project_name",
    "environment_name",
    "unique_id",
)


class SlowestTests(Limited, RuntimeFields, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `slowest_tests`."""

    order_by: Literal["avg", "median", "max", "total"] = Field(
        default="avg", description="Rank by average, median, longest or total runtime; without a period they are one."
    )


@report(
    title="Slowest tests",
    group="tests",
    examples=("Which tests are slowest?", "Which tests took most time last week?"),
    sample={"projects": ["marketing"], "limit": 5},
)
async def slowest_tests(inquiry: Inquiry, arguments: SlowestTests) -> Findings:
    """The tests that take longest to run.

    Without a period a test's runtime is the execution time that its environment has of it: of its last run or, where
    that did not pass, of the last one in which it did (quirks of dbt Cloud, 1); `last_run_status` tells which. With a
    period, `runtime` is the mean over the finished runs that started in it and in which the test was executed, whatever
    came of it, with the median, the longest and the total beside it. The runtime bounds apply to `runtime`. Fields of
    models narrow by the model that is tested; where jobs are named, the tests are those of their latest runs or, in a
    period, only these jobs' runs count.
    """
    span = inquiry.span(arguments.period) if arguments.period else None
    tests = await select_tests(inquiry, arguments)
    if span:
        times = await _times(inquiry, arguments, span, tests)
        tests = await still_there(inquiry, times.keys(), tests)
    else:
        tests = await tests_of_jobs(inquiry, arguments, tests)
        times = {test.key: array("d", () if test.last_runtime is None else (test.last_runtime,)) for test in tests}
    names = await Names.of_places(inquiry)
    timed = [test for test in tests if times[test.key]]
    rows = [row for test in timed if arguments.admits_runtime((row := _row(names, test, times[test.key]))["runtime"])]
    measure = _MEASURES[arguments.order_by]
    rows.sort(key=lambda row: (-row[measure], row["name"], row["environment_id"], row["unique_id"]))
    left_out: dict[LeftOut, int] = {"no_timing": len(tests) - len(timed)} if len(tests) > len(timed) else {}
    if span:
        reading = [
            period_reading(span, arguments),
            order_reading(arguments, _WORDS, "Slowest by"),
        ]
    else:
        often = alternative(arguments, "average of the last 7 days", period="last_7_days")
        taken = Reading(key="runs", label="Runtime of", value="the last run that passed", alternatives=(often,))
        reading = [taken]
    return Findings(
        finding=_finding(rows, arguments, span),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="tests", considered=len(timed), left_out=left_out),
        reading=[*reading, await state_reading(inquiry, arguments)],
        span=span,
        chart=Chart(kind="bar", x="name", y=(measure,)),
        limit=arguments.limit,
    )


async def _times(
    inquiry: Inquiry, arguments: SlowestTests, span: TimeRange, tests: Sequence[TestRecord]
) -> dict[NodeKey, array[float]]:
    """How long each test took in the period's runs; nothing of one that was never executed in them."""
    runs = await finished_runs(inquiry, arguments, span, tests)
    times: dict[NodeKey, array[float]] = {}
    async for run, results in inquiry.tests_of_many_runs(runs):
        for unique_id, runtime in zip(results.unique_ids, results.runtimes, strict=True) if results else ():
            own = times.setdefault((run.environment_id, unique_id), array("d"))
            if runtime is not None:
                own.append(runtime)
    return times


def _row(names: Names, test: TestRecord, times: Sequence[float]) -> Row:
    return {
        **names.test(test),
        "runtime": fmean(times),
        "median_runtime": median(times),
        "max_runtime": max(times),
        "total_runtime": sum(times),
        "runs": len(times),
        "last_run_status": test.last_run_status.value if test.last_run_status else None,
    }


def _finding(rows: Sequence[Row], arguments: SlowestTests, span: TimeRange | None) -> str:
    when = f" {span.when}" if span else ""
    if not rows:
        return f"No test with a runtime fits the question{when}."
    first = rows[0]
    name, runs = f"{first['name']} ({first['project_name']})", count(first["runs"], "run")
    if not span:
        return f"{name} is the slowest test: {duration(first['runtime'])} in the last run that passed."
    average = average_of(first["runs"], first["runtime"], first["median_runtime"])
    said: Mapping[str, str] = {
        "avg": f"{name} is the slowest test{when}: {average}",
        "median": f"{name} is the slowest test{when}: a median of {duration(first['median_runtime'])} over {runs}",
        "max": f"{name} had the longest single run of a test{when}: {duration(first['max_runtime'])}",
        "total": f"{name} took most time of all tests{when}: {duration(first['total_runtime'])} in {runs}",
    }
    parted = arguments.order_by == "total" and apart(first["runtime"], first["median_runtime"])
    middle = f", though the median is {duration(first['median_runtime'])}" if parted else ""
    return f"{said[arguments.order_by]}{middle}."
