"""Which tests are flaky."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from dbt_discovery.analysis.flakiness import Flakiness, Track
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, Reading, Row, iso
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.questions.selected_tests import finished_runs, jobs_of_tests, select_tests, still_there
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import order_reading, period_reading, state_reading
from dbt_discovery.words import count

__all__ = ["FlakyTests", "flaky_tests"]

_DAYS = 30
"""Days that are looked at where no period is named: flakes are rare."""
_WORDS = {"flips": "changes of verdict", "rate": "share of runs that failed", "newest": "latest recovery"}
_MEASURES = {"flips": "flips", "rate": "failure_rate", "newest": "last_flip_time"}
_COLUMNS = columns(
    Column(key="name", label="Test"),
    "tested_model",
    Column(key="flips", label="Flips", type="number", unit="count"),
    Column(key="commits", label="Commits", type="number", unit="count"),
    "failures",
    "runs",
    "failure_rate",
    Column(key="last_flip_time", label="Last flip", type="datetime"),
    "job_name",
    "project_name",
    "environment_name",
    Column(key="git_sha", label="Commit", type="id"),
    Column(key="failed_run_id", label="Failed in", type="id"),
    Column(key="failed_url", label="Page of the failure", type="link"),
    Column(key="passed_run_id", label="Passed in", type="id"),
    Column(key="passed_url", label="Page of the pass", type="link"),
    "unique_id",
)


class FlakyTests(Limited, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `flaky_tests`."""

    order_by: Literal["flips", "rate", "newest"] = Field(
        default="flips",
        description="Sort by flips, by the share of runs that failed, or by the latest recovery.",
    )


@report(
    title="Flaky tests",
    group="tests",
    examples=("Which tests are flaky?", "Which tests do we just retry until they pass?"),
    sample={"period": "last_week"},
)
async def flaky_tests(inquiry: Inquiry, arguments: FlakyTests) -> Findings:
    """The tests that failed and then passed on the same commit.

    Looked at are the finished runs that started in the period, 30 days unless one is named, in the order in which they
    started, each environment for itself. A flip is a change of verdict, from failed to passed or back, from one run to
    the next on one git_sha; `commits` counts the git_shas on which the test both failed and passed. A test is listed if
    on one of them it failed first and passed next, and had passed, or not run, before it failed: one that had been
    failing on an earlier commit already was repaired, or its data were; how many of these there are is said. Data may
    change under a commit as well: a test that fails on a bad load and passes on the next looks flaky, and in a way is.

    Only pass and fail are verdicts. An error says that the test itself could not run, and a warning that it found rows
    within what its severity allows: both count as runs, and neither makes or breaks a flip. failure_rate = failures /
    runs. `last_flip_time`, `git_sha` and the two runs are of the latest failure that a pass followed on its commit;
    last_flip_time is when that pass's run started. Runs that name no commit (those of artifacts, and what a token
    without the Admin API shows) are left out, which is said. Where jobs are named, only their runs count. Fields of
    models narrow by the model that is tested.
    """
    jobs = await jobs_of_tests(inquiry, arguments)
    period = arguments.period or await inquiry.assumed_period(arguments, jobs, _DAYS)
    taken, span = arguments.model_copy(update={"period": period}), inquiry.span(period)
    tests = await select_tests(inquiry, taken)
    runs = await finished_runs(inquiry, taken, span, tests)
    on_commits = [run for run in runs if run.git_sha]
    if lost := len(runs) - len(on_commits):
        inquiry.lack(f"{lost:,} of {count(len(runs), 'run')} left out that do not tell their commit.")
    found = Flakiness()
    async for run, results in inquiry.tests_of_many_runs(on_commits):
        if results:
            found.add(run, results)
    tracks = found.tracks
    ran = await still_there(inquiry, tracks.keys(), tests)
    if repaired := sum(tracks[test.key].was_repaired for test in ran):
        inquiry.tell(
            f"{count(repaired, 'test')} failed over several commits before passing on the last of them: taken as "
            "repaired, and not as flaky."
        )
    names = await Names.of(inquiry)
    rows = [row for test in ran if tracks[test.key].is_flaky and (row := _row(names, test, tracks[test.key]))]
    rows.sort(key=lambda row: (row["name"], row["environment_id"], row["unique_id"]))
    rows.sort(key=lambda row: (row[_MEASURES[taken.order_by]], row["failure_rate"]), reverse=True)
    return Findings(
        finding=_finding(rows, span, len(ran), bool(runs) and not on_commits),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="tests", considered=len(ran)),
        reading=[
            period_reading(span, arguments),
            Reading(
                key="flaky", label="Flaky", value="failed, then passed on the same commit; errors and warnings apart"
            ),
            order_reading(arguments, _WORDS),
            await state_reading(inquiry, arguments),
        ],
        span=span,
        chart=Chart(kind="bar", x="name", y=("flips",)),
        arguments=taken,
        limit=taken.limit,
    )


def _row(names: Names, test: TestRecord, track: Track) -> Row | None:
    failed, passed = track.failed, track.passed
    if failed is None or passed is None:
        return None
    return {
        **names.test(test),
        "flips": track.flips,
        "commits": len(track.commits),
        "failures": track.failures,
        "runs": track.runs,
        "failure_rate": track.failures / track.runs,
        "last_flip_time": iso(passed.began),
        "git_sha": passed.git_sha,
        "job_id": passed.job_id,
        "job_name": names.jobs.get(passed.job_id),
        **_of_run("failed", failed),
        **_of_run("passed", passed),
    }


def _of_run(word: str, run: RunRecord) -> Row:
    return {f"{word}_run_id": run.run_id, f"{word}_url": run.url}


def _finding(rows: Sequence[Row], span: TimeRange, considered: int, nameless: bool) -> str:
    if nameless:
        return f"No run {span.when} tells its commit, so flaky tests cannot be told from others."
    if not considered:
        return f"No test that fits the question ran {span.when}."
    if not rows:
        return (
            f"No test failed and then passed on the same commit {span.when}, of {count(considered, 'test')} that ran."
        )
    first = rows[0]
    flaky = f"{len(rows):,} of {count(considered, 'test')} {'was' if len(rows) == 1 else 'were'} flaky {span.when}"
    often = f"changed its verdict {count(first['flips'], 'time')} on {count(first['commits'], 'commit')}"
    failed = f"failing {first['failures']:,} of {count(first['runs'], 'run')}"
    return f"{flaky}: {first['name']} ({first['project_name']}) {often}, {failed}."
