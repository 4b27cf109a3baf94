"""What is put into a run store comes out of it as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from dbt_discovery.history.records import Origin, StoredSource
from dbt_discovery.history.store import RunStore, StoreSession
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.results import RunResults
from dbt_discovery.services.parsing import parse_run

from tests.core.history.records import DAY, EVER, NOON, ORIGIN, a_run, page_of, stored, whole_day

MOST = 2**53
"""The largest id that every part of dbt Cloud can hold."""

ODD = {
    "full": a_run(
        status_message="It failed: “ключ”\n\tat line 3",
        git_sha="0b2d" * 10,
        git_branch="main",
        dbt_version="2025.3.18+051679e",
        timed_out=True,
        status=RunStatus.CANCELLED,
    ),
    "nothing but an id": a_run(
        *(MOST,),
        job_id="",
        project_id="",
        environment_id="",
        status=RunStatus.QUEUED,
        started_at=None,
        finished_at=None,
        runtime=None,
        queued=None,
    ),
    "large ids": a_run(MOST, job_id=str(MOST - 1), project_id=str(MOST - 2), environment_id=str(MOST - 3)),
    "page elsewhere": a_run(url="https://abc123.us1.dbt.com/deploy/1/projects/10/runs/1"),
    "microseconds": a_run(
        created_at=NOON + timedelta(microseconds=1),
        started_at=NOON + timedelta(microseconds=2),
        finished_at=NOON + timedelta(microseconds=333_335),
        runtime=0.333333,
        queued=0.000001,
    ),
    "a status of the future": a_run(status=RunStatus.UNKNOWN, finished_at=None, runtime=None),
    "before 1970": a_run(created_at=datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
}


@pytest.mark.parametrize("run", ODD.values(), ids=ODD)
async def test_a_run_comes_out_as_it_was_put_in(session: StoreSession, run: RunRecord) -> None:
    await session.put_days([whole_day()], [run])
    assert await session.runs(EVER) == (run,)


async def test_what_no_database_takes_is_left_out_of_a_text(session: StoreSession) -> None:
    await session.put_days([whole_day()], [a_run(status_message="Failed\0 at \ud800 line 3", git_branch="a\0b")])
    (run,) = await session.runs(EVER)
    assert (run.status_message, run.git_branch) == ("Failed at ? line 3", "ab")


@pytest.mark.parametrize("status", RunStatus)
async def test_every_status_is_kept(session: StoreSession, status: RunStatus) -> None:
    run = a_run(status=status)
    await session.put_days([whole_day()], [run])
    assert await session.runs(EVER) == (run,)


async def test_a_run_that_does_not_say_when_it_was_created_is_kept_with_the_day_it_came_with(
    session: StoreSession,
) -> None:
    run = parse_run({"id": 7, "status": 3}, page_of)
    await session.put_days([whole_day(DAY), whole_day(DAY + timedelta(days=1))], [run])
    assert await session.runs(EVER) == (run,)
    await session.put_days([whole_day(DAY + timedelta(days=1))], [])
    assert await session.runs(EVER) == (run,)
    await session.put_days([whole_day(DAY)], [])
    assert await session.runs(EVER) == ()


async def test_runs_come_oldest_first_and_by_id_where_they_began_together(session: StoreSession) -> None:
    runs = [a_run(n, started_at=NOON + timedelta(hours=n % 3)) for n in (9, 10, 2, 1, 3, 100)]
    await session.put_days([whole_day()], runs)
    assert [run.run_id for run in await session.runs(EVER)] == ["3", "9", "1", "10", "100", "2"]


async def test_a_day_comes_out_as_it_was_put_in(session: StoreSession) -> None:
    days = [
        whole_day(DAY),
        whole_day(DAY + timedelta(days=2), final=False, complete=False, as_of=NOON + timedelta(microseconds=1)),
    ]
    await session.put_days(days, [])
    wanted = [DAY + timedelta(days=n) for n in range(-1, 4)]
    assert await session.days(wanted) == {day.day: day for day in days}
    assert await session.days([]) == {}
    assert await session.days([date(1969, 1, 1)]) == {}


async def test_a_day_takes_the_place_of_what_was_known_of_it_and_of_no_other(session: StoreSession) -> None:
    other = a_run(3, created_at=NOON - timedelta(days=1), started_at=NOON - timedelta(days=1))
    await session.put_days([whole_day(DAY - timedelta(days=1)), whole_day()], [a_run(1), a_run(2), other])
    newer = replace(a_run(2), status=RunStatus.FAILURE)
    await session.put_days([whole_day(final=False)], [newer, a_run(4)])
    assert await session.runs(EVER) == (other, newer, a_run(4))
    assert not (await session.days([DAY]))[DAY].final


async def test_a_run_that_moved_to_another_day_is_there_once(session: StoreSession) -> None:
    await session.put_days([whole_day()], [a_run(1)])
    later = replace(a_run(1), created_at=NOON + timedelta(days=1))
    await session.put_days([whole_day(DAY + timedelta(days=1))], [later])
    assert await session.runs(EVER) == (later,)


async def test_more_rows_than_one_statement_takes_are_kept(session: StoreSession) -> None:
    runs = [a_run(n, started_at=NOON + timedelta(seconds=n % 7)) for n in range(12_000)]
    await session.put_days([whole_day()], runs)
    assert await session.runs(EVER) == stored(runs)


# Results

EVERYTHING = RunResults(
    tuple(f"model.shop.m{status}" for status in NodeStatus),
    tuple(NodeStatus),
    (0.0, None, 1.25, 0.1 + 0.2, 86_400.000001, None),
)


async def test_results_come_out_as_they_were_put_in(session: StoreSession) -> None:
    results = {
        "1": EVERYTHING,
        str(MOST): RunResults((), (), ()),
        "3": None,
        "4": RunResults(("model.shop.ключ “x”\0\ud800\n",), (NodeStatus.SUCCESS,), (1e-9,)),
    }
    await session.put_results(results)
    assert await session.results([*results, "5"]) == results
    assert await session.with_results([*results, "5"]) == set(results)


async def test_runs_that_built_the_same_share_its_list(session: StoreSession, store: RunStore) -> None:
    names = tuple(f"model.shop.some_quite_long_name_of_a_model_{n}" for n in range(2_000))
    same = {str(n): RunResults(names, (NodeStatus.SUCCESS,) * 2_000, (1.0 * n,) * 2_000) for n in range(50)}
    await session.put_results({"0": same["0"]})
    _, before = await size_and_results(session)
    await session.put_results(same)
    kept = await session.results(list(same))
    assert kept == same
    assert len({id(results.unique_ids) for results in kept.values() if results}) == 1
    assert (await size_and_results(session))[1] == before + 49


async def size_and_results(session: StoreSession) -> tuple[int, int]:
    size, sources = await session.describe()
    return size, sources[0].results


async def test_later_results_take_the_place_of_earlier_ones(session: StoreSession) -> None:
    await session.put_results({"1": None, "2": EVERYTHING})
    await session.put_results({"1": EVERYTHING, "2": None})
    assert await session.results(["1", "2"]) == {"1": EVERYTHING, "2": None}


async def test_results_of_more_runs_than_one_statement_takes_are_found(session: StoreSession) -> None:
    ids = [str(n) for n in range(2_300)]
    await session.put_results(dict.fromkeys(ids, EVERYTHING))
    assert (await session.results(ids)).keys() == await session.with_results(ids) == set(ids)
    assert await session.results([]) == {}
    assert await session.with_results([]) == set()


# Sources


async def test_sources_do_not_see_each_other(store: RunStore, session: StoreSession) -> None:
    other = store.session(replace(ORIGIN, fingerprint="6a11", label="Other"), page_of)
    await session.put_days([whole_day()], [a_run(1), a_run(2)])
    await session.put_results({"1": EVERYTHING})
    assert await other.days([DAY]) == {}
    assert await other.runs(EVER) == ()
    assert await other.results(["1"]) == {}
    await other.put_days([whole_day(final=False)], [a_run(1, status=RunStatus.RUNNING)])
    assert {run.status for run in await session.runs(EVER)} == {RunStatus.SUCCESS}
    assert (await session.days([DAY]))[DAY].final


async def test_a_source_is_told_apart_by_its_fingerprint_alone(store: RunStore, session: StoreSession) -> None:
    await session.put_days([whole_day()], [a_run()])
    renamed = store.session(Origin(ORIGIN.fingerprint, "Acme Inc.", "elsewhere", "1"), page_of)
    assert await renamed.runs(EVER) == (a_run(),)


async def test_what_there_is_can_be_described(store: RunStore, session: StoreSession) -> None:
    nothing = StoredSource("Acme", "cloud.getdbt.com", "1", True, 0, 0, None, None, 0, 0, None)
    assert (await session.describe())[1] == (nothing,)
    await session.put_days([whole_day(), whole_day(DAY + timedelta(days=1), final=False)], [a_run(1), a_run(2)])
    await session.put_results({"1": EVERYTHING, "2": None})
    other = store.session(replace(ORIGIN, fingerprint="6a11", label="Aaa"), page_of)
    await other.put_days([whole_day()], [])
    size, (mine, others) = await session.describe()
    assert size > 4096
    asked_at = datetime.fromtimestamp(1_795_000_000.25, UTC)
    assert mine == StoredSource(
        "Acme", "cloud.getdbt.com", "1", True, 2, 1, DAY, DAY + timedelta(days=1), 2, 2, asked_at
    )
    assert (others.label, others.mine, others.days, others.runs) == ("Aaa", False, 1, 0)


async def test_the_own_source_or_all_of_them_can_be_removed(store: RunStore, session: StoreSession) -> None:
    other = store.session(replace(ORIGIN, fingerprint="6a11"), page_of)
    for each in (session, other):
        await each.put_days([whole_day()], [a_run(1), a_run(2)])
        await each.put_results({"1": EVERYTHING})
    assert await session.clear("mine") == 2
    assert (await session.days([DAY]), await session.runs(EVER), await session.results(["1"])) == ({}, (), {})
    assert len(await other.runs(EVER)) == 2
    assert await other.results(["1"]) == {"1": EVERYTHING}
    await session.put_days([whole_day()], [a_run(1)])
    assert await session.clear("all") == 3
    assert await other.results(["1"]) == {}
    assert [source.days for source in (await session.describe())[1]] == [0]
    await session.put_days([whole_day()], [a_run(1)])
    assert await session.runs(EVER) == (a_run(1),)
