"""How long runs waited, and what ran meanwhile, on runs written by hand."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from dbt_discovery.analysis.queueing import has_waited, measure_waits, running_meanwhile
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NOW = NOON + timedelta(hours=5)


def run(run_id: int, job: str, created: float, started: float | None, finished: float | None) -> RunRecord:
    """A run whose moments are seconds after noon; one without a start was cancelled, one without an end goes on."""
    moments = [None if each is None else NOON + timedelta(seconds=each) for each in (created, started, finished)]
    created_at, started_at, finished_at = moments
    assert created_at
    status = RunStatus.SUCCESS if finished is not None else RunStatus.RUNNING
    return RunRecord(
        run_id=str(run_id),
        job_id=job,
        project_id="10",
        environment_id="100",
        status=RunStatus.CANCELLED if started is None else status,
        timed_out=False,
        status_message="",
        created_at=created_at,
        started_at=started_at,
        finished_at=finished_at,
        runtime=finished - started if finished is not None and started is not None else None,
        queued=((started if started is not None else finished) or 0.0) - created,
        git_sha=None,
        git_branch=None,
        dbt_version=None,
        url="",
    )


def test_waits_are_those_of_the_runs_that_started() -> None:
    runs = [run(n, "1", 0, queued, queued + 100) for n, queued in enumerate([10, 20, 30, 40, 400])]
    found = measure_waits([*runs, run(9, "1", 0, None, 5000)])
    assert found
    assert (found.runs, found.avg_queued, found.median_queued, found.max_queued) == (5, 100.0, 30.0, 400.0)
    assert found.p95_queued == pytest.approx(40 + 0.8 * 360)  # four fifths of the way from the fourth to the fifth
    assert found.waiting_share == 0.5  # 500 s of waiting, 500 s of running


def test_one_run_is_its_own_percentile_and_none_is_none() -> None:
    one = measure_waits([run(1, "1", 0, 30, 40)])
    assert one
    assert (one.avg_queued, one.p95_queued) == (30.0, 30.0)
    assert measure_waits([run(1, "1", 0, None, 40)]) is None
    assert measure_waits([]) is None


def test_a_run_that_goes_on_has_waited_and_has_no_share_yet() -> None:
    found = measure_waits([run(1, "1", 0, 30, None)])
    assert found
    assert (found.avg_queued, found.waiting_share) == (30.0, None)


def test_no_time_at_all_has_no_share() -> None:
    found = measure_waits([run(1, "1", 0, 0, 0)])
    assert found
    assert found.waiting_share is None


def test_only_a_run_that_started_has_waited() -> None:
    assert has_waited(run(1, "1", 0, 5, 10))
    assert not has_waited(run(1, "1", 0, None, 10))


def test_what_ran_while_a_run_waited_is_told_by_the_second() -> None:
    waiting = run(1, "late", 100, 200, 300)
    others = [
        run(2, "before", 0, 0, 100),  # ended as the wait began
        run(3, "into", 0, 50, 130),
        run(4, "inside", 0, 150, 160),
        run(5, "out of", 0, 190, 900),
        run(6, "around", 0, 0, 1000),
        run(7, "after", 0, 200, 210),
        run(8, "never", 120, None, 180),
        run(9, "still", 0, 180, None),
    ]
    found = running_meanwhile([waiting], [waiting, *others], NOW)
    assert found == {"late": {"into": 30.0, "inside": 10.0, "out of": 10.0, "around": 100.0, "still": 20.0}}


def test_a_job_may_wait_for_its_own_earlier_run_but_no_run_for_itself() -> None:
    first, second = run(1, "hourly", 0, 0, 4000), run(2, "hourly", 3600, 4000, 8000)
    assert running_meanwhile([first, second], [first, second], NOW) == {"hourly": {"hourly": 400.0}}


def test_many_runs_amount_to_what_every_pair_does() -> None:
    chance = random.Random(5)
    runs = []
    for number in range(120):
        created = chance.uniform(0, 3000)
        started = created + chance.uniform(0, 300)
        runs.append(run(number, str(number % 7), created, started, started + chance.uniform(1, 600)))
    expected: Counter[tuple[str, str]] = Counter()
    for one in runs:
        for other in runs:
            begin, end = max(one.created_at, other.started_at), min(one.started_at, other.finished_at)  # type: ignore[type-var]
            assert begin
            assert end
            if one is not other and end > begin:
                expected[one.job_id, other.job_id] += (end - begin).total_seconds()  # type: ignore[assignment]
    found = running_meanwhile(runs, runs, NOW)
    assert {(a, b): seconds for a, own in found.items() for b, seconds in own.items()} == pytest.approx(dict(expected))
