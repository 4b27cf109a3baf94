"""The arithmetic of runs, against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dbt_discovery import RunStatus
from dbt_discovery.analysis.measures import count_left_out, counts, mean
from dbt_discovery.analysis.run_summary import measure_jobs
from dbt_discovery.models.records import RunRecord

START = datetime(2026, 11, 18, 10, tzinfo=UTC)
RUN = RunRecord(
    run_id="1",
    job_id="2",
    project_id="3",
    environment_id="4",
    status=RunStatus.SUCCESS,
    timed_out=False,
    status_message="",
    created_at=START,
    started_at=START,
    finished_at=START,
    runtime=1.0,
    queued=0.0,
    git_sha=None,
    git_branch=None,
    dbt_version=None,
    url="",
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7.0], 7.0),
        ([0.0, 100.0], 95.0),  # rank 0.95 of 1 step
        ([1.0, 2.0, 3.0], 2.9),  # rank 1.9: 2 + 0.9 * 1
        ([10.0, 20.0, 30.0, 40.0, 1000.0], 808.0),  # rank 3.8: 40 + 0.8 * 960
        ([40.0, 10.0, 1000.0, 30.0, 20.0], 808.0),  # order does not count
        ([float(n) for n in range(1, 22)], 20.0),  # rank 19 exactly: the 20th of 21
        ([5.0, 5.0, 5.0], 5.0),
    ],
)
def test_95th_percentile_interpolates_between_ranks(values: list[float], expected: float) -> None:
    runs = [replace(RUN, run_id=str(number), runtime=value) for number, value in enumerate(values)]
    assert measure_jobs(runs)["2"].p95_runtime == pytest.approx(expected)


def test_nothing_has_no_measures_and_no_mean() -> None:
    assert measure_jobs([]) == {}
    assert mean([]) is None


def test_mean() -> None:
    assert mean([1.0, 2.0, 6.0]) == 3.0


@pytest.mark.parametrize("status", RunStatus)
def test_only_finished_runs_count(status: RunStatus) -> None:
    assert counts(replace(RUN, status=status)) == (status in (RunStatus.SUCCESS, RunStatus.FAILURE))


def test_what_is_left_out_is_counted_by_reason() -> None:
    runs = [
        RUN,
        replace(RUN, status=RunStatus.FAILURE),
        replace(RUN, status=RunStatus.CANCELLED),
        replace(RUN, status=RunStatus.CANCELLED, timed_out=True),
        replace(RUN, status=RunStatus.CANCELLED, started_at=None, runtime=None),
        replace(RUN, status=RunStatus.QUEUED, runtime=None),
        replace(RUN, status=RunStatus.STARTING, runtime=None),
        replace(RUN, status=RunStatus.RUNNING, runtime=None),
        replace(RUN, runtime=None),
        replace(RUN, status=RunStatus.UNKNOWN),
    ]
    assert count_left_out(runs) == {"cancelled": 2, "never_started": 1, "running": 3, "no_timing": 2}
