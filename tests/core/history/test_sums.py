"""What the database adds up is what `run_summary` adds up over the same records, to the last bit; and it is right."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from dbt_discovery.analysis.run_summary import RunQuery, count_runs, measure_jobs
from dbt_discovery.history.store import StoreSession
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord

from tests.core.history.records import DAY, EVER, NOON, a_run, stored, whole_day

HOURS = 48
"""From `NOON` on, runs begin."""


def some_runs(number: int, seed: int = 7) -> list[RunRecord]:
    """Runs with ties, gaps and every status, a few of jobs that have only one run, or of none."""
    dice = Random(seed)
    return [a_random_run(dice, run_id) for run_id in dice.sample(range(10 * number), number)]


def a_random_run(dice: Random, run_id: int) -> RunRecord:
    status = dice.choice([*RunStatus, *(RunStatus.SUCCESS,) * 6, RunStatus.FAILURE])
    started = None if dice.random() < 0.1 else NOON + timedelta(minutes=dice.randrange(60 * HOURS))
    runtime = dice.choice([None, 0.0, 60.0, 60.0, dice.randrange(10**9) / 1e6, dice.random() * 90_000])
    return a_run(
        run_id,
        job_id=dice.choice(["", "1", "2", "2", "3", "3", "3", str(2**53), str(1000 + dice.randrange(30))]),
        project_id=dice.choice(["", "10", "20"]),
        environment_id=dice.choice(["", "100", "200"]),
        status=status,
        created_at=NOON + timedelta(minutes=dice.randrange(60 * HOURS)),
        started_at=started,
        runtime=None if runtime is None else round(runtime, 6),
        queued=dice.choice([None, 0.0, 0.1, dice.randrange(10**9) / 1e6]),
    )


def queries() -> list[RunQuery]:
    start, end = NOON + timedelta(hours=7), NOON + timedelta(hours=31, microseconds=1)
    statuses = [(), (RunStatus.FAILURE,), (RunStatus.CANCELLED, RunStatus.SUCCESS), (RunStatus.QUEUED,)]
    environments = [None, (), ("100",), ("100", "200", "404")]
    jobs = [None, (), ("2",), ("1", "3", str(2**53))]
    return [EVER] + [RunQuery(start, end, *rest) for rest in product(statuses, environments, jobs)]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 20, 21, 700])
async def test_sums_of_the_database_are_those_of_the_records(session: StoreSession, number: int) -> None:
    runs = some_runs(number)
    await session.put_days([whole_day(DAY + timedelta(days=n)) for n in range(4)], runs)
    for query in queries():
        kept = [run for run in runs if query.keeps(run)]
        assert await session.runs(query) == stored(kept), query
        assert set(await session.counts(query)) == set(count_runs(kept)), query
        assert len(await session.counts(query)) == len(count_runs(kept)), query
        assert await session.measures(query) == measure_jobs(kept), query


async def test_a_query_begins_with_its_start_and_ends_before_its_end(session: StoreSession) -> None:
    moments = [NOON - timedelta(microseconds=1), NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)]
    runs = [a_run(n, started_at=moment) for n, moment in enumerate(moments)]
    await session.put_days([whole_day()], runs)
    found = await session.runs(RunQuery(NOON, NOON + timedelta(hours=2)))
    assert [run.run_id for run in found] == ["1", "2"]


async def test_a_run_that_never_started_is_found_by_its_creation(session: StoreSession) -> None:
    run = a_run(created_at=NOON, started_at=None, status=RunStatus.CANCELLED, runtime=None)
    await session.put_days([whole_day()], [run])
    query = RunQuery(NOON, NOON + timedelta(microseconds=1))
    assert await session.runs(query) == (run,)
    assert [each.reason for each in await session.counts(query)] == ["never_started"]


# By other means than either of the two


@pytest.mark.parametrize("seed", range(4))
async def test_measures_are_those_that_statistics_give(session: StoreSession, seed: int) -> None:
    runs = some_runs(400, seed)
    await session.put_days([whole_day(DAY + timedelta(days=n)) for n in range(4)], runs)
    by_job: dict[str, list[RunRecord]] = defaultdict(list)
    for run in runs:
        if run.job_id and run.status in ("success", "failure") and run.runtime is not None:
            by_job[run.job_id].append(run)
    measured = await session.measures(EVER)
    assert measured.keys() == by_job.keys()
    for job_id, own in by_job.items():
        runtimes = [run.runtime or 0.0 for run in own]
        queued = [run.queued for run in own if run.queued is not None]
        found, longest = measured[job_id], max(runtimes)
        quantiles = statistics.quantiles([*runtimes, *runtimes[:1]][: max(2, len(runtimes))], n=20, method="inclusive")
        assert found.job_id == job_id
        assert found.runs == len(own)
        assert found.avg_runtime == pytest.approx(statistics.fmean(runtimes))
        assert found.total_runtime == pytest.approx(sum(runtimes))
        assert found.max_runtime == pytest.approx(longest)
        assert found.median_runtime == pytest.approx(statistics.median(runtimes))
        assert found.p95_runtime == pytest.approx(quantiles[18])
        assert found.max_run_id == str(max(int(run.run_id) for run in own if run.runtime == longest))
        assert found.avg_queued == (pytest.approx(statistics.fmean(queued)) if queued else None)


async def test_each_kind_of_run_is_counted_once(session: StoreSession) -> None:
    runs = some_runs(700)
    await session.put_days([whole_day(DAY + timedelta(days=n)) for n in range(4)], runs)
    expected: Counter[tuple[str, str, str, str | None]] = Counter()
    for run in runs:
        if run.status == "cancelled":
            reason: str | None = "cancelled" if run.started_at else "never_started"
        elif run.status in ("success", "failure"):
            reason = "no_timing" if run.runtime is None else None
        else:
            reason = "no_timing" if run.status == "unknown" else "running"
        expected[run.job_id, run.project_id, run.status.value, reason] += 1
    counted = await session.counts(EVER)
    assert {(each.job_id, each.project_id, each.status.value, each.reason): each.runs for each in counted} == expected
    assert len(counted) == len(expected)


async def test_a_tie_for_the_longest_goes_to_the_newest_run(session: StoreSession) -> None:
    await session.put_days([whole_day()], [a_run(n) for n in (9, 100, 23)])
    assert (await session.measures(EVER))["11"].max_run_id == "100"
