"""Which tests fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field, model_validator

from dbt_discovery.analysis.failures import FailureTally, tally_failures
from dbt_discovery.exceptions import NotFound, UpstreamError
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.filters import Conflict, JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, Reading, Row, iso
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.questions.selected_tests import (
    finished_runs,
    select_tests,
    still_there,
    tests_of_jobs,
)
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import alternative, period_reading, state_reading
from dbt_discovery.services.together import together
from dbt_discovery.words import count, cut_text, minute

__all__ = ["FailingTests", "failing_tests"]

_WORST_FIRST = (NodeStatus.ERROR, NodeStatus.FAIL, NodeStatus.WARN)
_LOOKED_UP = 20
"""Runs that are asked for at most to tell when tests last passed."""
_NAME = Column(key="name", label="Test")
_NOW = columns(
    _NAME,
    "tested_model",
    "column",
    "last_run_status",
    Column(key="failed_rows", label="Rows at fault", type="number", unit="count"),
    Column(key="last_run_time", label="Last run at", type="datetime"),
    "last_success_time",
    "job_name",
    "project_name",
    "environment_name",
    "error",
    "run_id",
    "url",
    "unique_id",
)
_OFTEN = columns(
    _NAME,
    "tested_model",
    "column",
    "failures",
    "runs",
    "failure_rate",
    Column(key="errors", label="Of these errors", type="number", unit="count"),
    Column(key="warnings", label="Warnings", type="number", unit="count"),
    "last_run_status",
    "last_failure_time",
    "job_name",
    "project_name",
    "environment_name",
    "run_id",
    "url",
    "unique_id",
)


class FailingTests(Limited, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `failing_tests`."""

    order_by: Literal["failures", "rate", "newest"] = Field(
        default="failures",
        description="Sort by failures (without a period: errors first, then rows at fault), by the share of runs that "
        "failed (needs a period), or the newest first.",
    )

    @model_validator(mode="after")
    def _rate_of_several_runs(self) -> FailingTests:
        if self.order_by == "rate" and not self.period:
            raise Conflict("order_by", "order_by rate needs a period: without one, only the last run of a test counts.")
        return self


@report(
    title="Failing tests",
    group="tests",
    examples=(
        "Which tests are failing?",
        "Which tests failed most often this month?",
        "Which tests fail on fct_revenue?",
    ),
    sample={"period": "last_week", "limit": 5},
)
async def failing_tests(inquiry: Inquiry, arguments: FailingTests) -> Findings:
    """The tests that fail or warn now or, with a period, those that failed most often in it.

    Without a period it is the last run of each test that counts, whatever job made it: `last_run_status` is fail
    (it found rows at fault), error (it could not be run) or warn (it found rows, within what its severity allows),
    and `failed_rows` how many rows that were. `last_success_time` is when the run ended in which a failing test
    last passed; to dbt Cloud a warning is a pass too. A test that was skipped, because what it tests was not built,
    did not fail; how many those are is said. Where jobs are named, the tests are those that the latest runs of
    these jobs ran.

    With a period, it is the finished runs that started in it: `failures` counts those in which the test failed or
    ended in an error, `runs` those in which it was executed, and failure_rate = failures / runs. Warnings are
    counted by themselves. `run_id` and `url` are of the latest failure, `last_run_status` is the present state.
    Tests that the environment no longer has are left out, which is said.

    Fields of models narrow by the model that is tested.
    """
    tests = await select_tests(inquiry, arguments)
    if arguments.period:
        return await _most_often(inquiry, arguments, inquiry.span(arguments.period), tests)
    return await _now(inquiry, arguments, await tests_of_jobs(inquiry, arguments, tests))


async def _now(inquiry: Inquiry, arguments: FailingTests, tests: Sequence[TestRecord]) -> Findings:
    failing = [test for test in tests if test.last_run_status in _WORST_FIRST]
    if arguments.order_by == "newest":
        failing.sort(key=lambda test: (-_seconds(test), test.name, test.key))
    else:
        failing.sort(key=lambda test: (_rank(test), -(test.last_run_failures or 0), test.name, test.key))
    if skipped := sum(test.last_run_status is NodeStatus.SKIPPED for test in tests):
        inquiry.tell(f"{count(skipped, 'test')} did not run the last time, because the tested model was not built.")
    told = next((test for test in failing if test.last_run_status is not NodeStatus.WARN), None)
    passed = await _last_passed(inquiry, [*([told] if told else []), *failing[: arguments.limit]])
    names = await Names.of(inquiry)
    rows: list[Row] = []
    for test in failing:
        last = None if test.timed_by_last_run else passed.get(test.last_success_run_id or "")
        rows.append(
            {
                **names.test(test),
                "last_run_status": test.last_run_status.value if test.last_run_status else None,
                "failed_rows": test.last_run_failures,
                "error": cut_text(test.last_run_error),
                "last_run_time": iso(test.last_run_time),
                "last_success_time": iso(last.finished_at) if last else None,
                "job_id": test.last_run_job_id or "",
                "job_name": names.jobs.get(test.last_run_job_id or ""),
                "run_id": test.last_run_id or "",
                "url": inquiry.run_url(test.project_id, test.last_run_id) if test.last_run_id else None,
            }
        )
    often = alternative(arguments, "most often failing in the last 7 days", period="last_7_days")
    return Findings(
        finding=_finding_now(rows, len(tests)),
        columns=_NOW,
        rows=rows,
        coverage=Coverage(unit="tests", considered=len(tests)),
        reading=[
            Reading(key="period", label="When", value="now, by each test's last run", alternatives=(often,)),
            await state_reading(inquiry, arguments),
        ],
        limit=arguments.limit,
    )


async def _last_passed(inquiry: Inquiry, tests: Sequence[TestRecord]) -> dict[str, RunRecord]:
    """The runs in which tests last passed, as far as they are still to be had; of the first tests only."""
    ids = list(dict.fromkeys(t.last_success_run_id for t in tests if t.last_success_run_id and not t.timed_by_last_run))
    if len(ids) > _LOOKED_UP:
        inquiry.tell(f"When tests last passed was looked up in {_LOOKED_UP} runs, for the first tests.")

    async def find(run_id: str) -> RunRecord | None:
        try:
            return (await inquiry.run(run_id))[0]
        except (NotFound, UpstreamError):
            return None

    found = await together(*map(find, ids[:_LOOKED_UP]))
    return {run.run_id: run for run in found if run}


async def _most_often(
    inquiry: Inquiry, arguments: FailingTests, span: TimeRange, tests: Sequence[TestRecord]
) -> Findings:
    runs = await finished_runs(inquiry, arguments, span, tests)
    tallies: dict[NodeKey, FailureTally] = {}
    async for run, results in inquiry.tests_of_many_runs(runs):
        if results:
            tally_failures(tallies, run, results)
    ran = [test for test in await still_there(inquiry, tallies.keys(), tests) if tallies[test.key].runs]
    names = await Names.of(inquiry)
    rows: list[Row] = []
    for test in ran:
        tally = tallies[test.key]
        if last := tally.last_failed:
            rows.append(
                {
                    **names.run(last),
                    **names.test(test),
                    "failures": tally.failures,
                    "runs": tally.runs,
                    "failure_rate": tally.failure_rate,
                    "errors": tally.errors,
                    "warnings": tally.warnings,
                    "last_run_status": test.last_run_status.value if test.last_run_status else None,
                    "last_failure_time": iso(last.began),
                }
            )
    rows.sort(key=lambda row: (row["name"], row["environment_id"], row["unique_id"]))
    measure = {"failures": "failures", "rate": "failure_rate", "newest": "last_failure_time"}[arguments.order_by]
    rows.sort(key=lambda row: (row[measure], row["failure_rate"]), reverse=True)
    now = alternative(arguments, "failing now", period=None, order_by=None)
    failed = Reading(key="failed", label="Failed", value="fail or error; warnings apart", alternatives=(now,))
    return Findings(
        finding=_finding_often(rows, arguments, span, len(ran)),
        columns=_OFTEN,
        rows=rows,
        coverage=Coverage(unit="tests", considered=len(ran)),
        reading=[period_reading(span, arguments), failed, await state_reading(inquiry, arguments)],
        span=span,
        chart=Chart(kind="bar", x="name", y=("failure_rate" if arguments.order_by == "rate" else "failures",)),
        limit=arguments.limit,
    )


def _rank(test: TestRecord) -> int:
    return _WORST_FIRST.index(test.last_run_status) if test.last_run_status in _WORST_FIRST else len(_WORST_FIRST)


def _seconds(test: TestRecord) -> float:
    return test.last_run_time.timestamp() if test.last_run_time else 0.0


def _finding_now(rows: Sequence[Row], considered: int) -> str:
    if not considered:
        return "No test fits the question."
    kinds = Counter(row["last_run_status"] for row in rows)
    failing, warning = kinds["fail"] + kinds["error"], kinds["warn"]
    if not rows:
        return f"No test fails or warns, of {count(considered, 'test')}."
    warned = f"{warning:,} of {count(considered, 'test')} {'warns' if warning == 1 else 'warn'}"
    if not failing:
        return f"No test fails; {warned}."
    first = next(row for row in rows if row["last_run_status"] != "warn")
    if first["last_run_status"] == "error":
        how = "ended in an error"
    else:
        how = "failed" + (f" with {count(first['failed_rows'], 'row')} at fault" if first["failed_rows"] else "")
    passed = first["last_success_time"]
    since = f" (it last passed {minute(passed)})" if passed else ""
    whole = f"{failing:,} of {count(considered, 'test')} {'fails' if failing == 1 else 'fail'} now"
    more = f", and {warning:,} {'warns' if warning == 1 else 'warn'}" if warning else ""
    return f"{whole}{more}: {first['name']} ({first['project_name']}) {how}{since}."


def _finding_often(rows: Sequence[Row], arguments: FailingTests, span: TimeRange, considered: int) -> str:
    if not considered:
        return f"No test that fits the question ran {span.when}."
    if not rows:
        return f"No test failed {span.when}, of {count(considered, 'test')} that ran."
    first, others = rows[0], len(rows) - 1
    name = f"{first['name']} ({first['project_name']})"
    how = {"failures": "failed most often", "rate": "failed in the largest share of its runs", "newest": "failed last"}
    more = (
        f"; {others:,} of {count(considered - 1, 'other test')} failed too" if others else ", and no other test failed"
    )
    rate = f"in {first['failures']:,} of {count(first['runs'], 'run')}"
    return f"{name} {how[arguments.order_by]} {span.when}: {rate}{more}."
