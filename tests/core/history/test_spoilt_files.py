"""A file that cannot be used costs a warning and time, never an answer: memory stands in for it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery.history.store import RunStore

from tests.core.history.cloud import Cloud
from tests.core.history.failing import AWAY, BACK, Timer, ask, locked, opened, pragma, warnings
from tests.core.history.records import EVER, ORIGIN, a_run, page_of, whole_day
from tests.core.upstream import NOW


def a_file_in_the_place_of_a_folder(file: Path) -> Path:
    file.write_text("not a folder")
    return file / "runs.sqlite"


def a_folder_in_its_place(file: Path) -> Path:
    file.mkdir()
    return file


def another_kind_of_file(file: Path) -> Path:
    file.write_bytes(b"PK\x03\x04" + b"not a database " * 500)
    return file


def cut_short(file: Path) -> Path:
    a_database(file)
    file.write_bytes(file.read_bytes()[:5_000])
    return file


def garbage_at_its_head(file: Path) -> Path:
    a_database(file)
    content = bytearray(file.read_bytes())
    content[:200] = b"\xa5" * 200
    file.write_bytes(content)
    return file


def garbage_in_its_middle(file: Path) -> Path:
    a_database(file)
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)
    return file


def spoil_every_page(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page + 100 : page + 4096] = b"\xa5" * 3996
    file.write_bytes(content)


def remove(file: Path) -> None:
    file.unlink()


def a_database(file: Path) -> None:
    async def fill() -> None:
        store = RunStore(DatabaseAddress("sqlite", file))
        session = store.session(ORIGIN, page_of)
        await session.put_days([whole_day()], [a_run(n) for n in range(500)])
        await store.aclose()

    asyncio.run(fill())


@pytest.mark.parametrize(
    "spoil",
    [
        a_file_in_the_place_of_a_folder,
        a_folder_in_its_place,
        another_kind_of_file,
        cut_short,
        garbage_at_its_head,
        garbage_in_its_middle,
    ],
)
def test_a_file_that_cannot_be_used_costs_one_warning(
    spoil: Callable[[Path], Path], file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    place = spoil(file)

    async def ask_thrice() -> None:
        async with opened(place, timer) as store:
            for _ in range(3):
                await ask(Cloud(), store, timer)
                timer.seconds += 61
            assert not store.lasting

    asyncio.run(ask_thrice())
    (warning,) = warnings(caplog)
    assert warning.startswith(f"{AWAY}, because {place} cannot be used: ")
    assert warning.endswith("Answers take longer meanwhile. Set DBT_DISCOVERY_DATABASE_URL to a database that can.")


async def test_a_file_that_is_damaged_while_it_is_used_costs_an_answer_nothing(
    file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(file, timer) as store:
        await ask(Cloud(), store, timer)
    spoil_every_page(file)
    async with opened(file, timer) as store:
        await ask(Cloud(), store, timer)
    assert warnings(caplog)[-1].startswith(AWAY)


@pytest.mark.parametrize(
    "damage",
    ["status = 99", "created_at = 'x'", "created_at = 9e18", "runtime = 'x'", "git_sha = CAST(x'fffe' AS TEXT)"],
)
async def test_rows_that_cannot_be_read_are_fetched_again_into_memory(
    damage: str, file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(file, timer) as store:
        await ask(Cloud(), store, timer)
        with sqlite3.connect(file) as other:
            other.execute(f"UPDATE stored_runs SET {damage}")
        other.close()
        await ask(Cloud(), store, timer)
    assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]


async def test_results_that_cannot_be_read_are_fetched_again_into_memory(
    file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(file, timer) as store:
        await ask(Cloud(), store, timer)
        with sqlite3.connect(file) as other:
            other.execute("UPDATE stored_results SET outcomes = x'00ff'")
        other.close()
        await ask(Cloud(), store, timer)
        assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]


async def test_a_file_that_may_only_be_read_costs_one_warning(
    file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    a_cloud = Cloud()
    with pragma("PRAGMA query_only = ON"):
        async with opened(file, timer) as store:
            for _ in range(3):
                await ask(a_cloud, store, timer)
                timer.seconds += 61
    assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]


async def test_a_disk_that_is_full_costs_one_warning_and_is_used_again_when_it_has_room(
    file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(file, timer) as store:
        await store.session(ORIGIN, page_of).put_days([whole_day()], [])
    with sqlite3.connect(file) as other:
        (pages,) = other.execute("PRAGMA page_count").fetchone()
    other.close()
    cloud = Cloud(busy=300)
    with pragma(f"PRAGMA max_page_count = {pages}"):
        async with opened(file, timer) as store:
            for _ in range(3):
                assert await cloud.answers(store, timer) == cloud.expected
                timer.seconds += 61
            assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]
    async with opened(file, timer) as store:
        assert await cloud.answers(store, timer) == cloud.expected
        assert store.lasting


async def test_a_file_that_another_process_holds_is_waited_for_and_then_done_without(
    file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = Cloud()
    async with opened(file, timer) as store:
        await ask(cloud, store, timer)
        fetched = cloud.lists
        timer.seconds += 61
        with locked(file):
            for _ in range(3):
                await ask(cloud, store, timer)
            assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]
            assert not store.lasting
            timer.seconds += 61
            await ask(cloud, store, timer)
            assert len(warnings(caplog)) == 1
        assert cloud.lists > fetched
        timer.seconds += 61
        await ask(cloud, store, timer)
        assert warnings(caplog)[1:] == [BACK.format(file)]
        assert store.lasting
        fetched = cloud.lists
        await ask(cloud, store, timer)
        assert cloud.lists == fetched


async def test_a_store_that_is_locked_for_a_moment_is_waited_for(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = RunStore(DatabaseAddress("sqlite", file), patience=20)
    await store.session(ORIGIN, page_of).put_days([whole_day()], [])
    with locked(file):
        waiting = asyncio.create_task(store.session(ORIGIN, page_of).put_days([whole_day()], [a_run()]))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    await waiting
    assert await store.session(ORIGIN, page_of).runs(EVER) == (a_run(),)
    await store.aclose()
    assert not warnings(caplog)


async def test_a_file_that_was_removed_is_made_again(file: Path, timer: Timer) -> None:
    cloud = Cloud()
    async with opened(file, timer) as store:
        await ask(cloud, store, timer)
    remove(file)
    async with opened(file, timer) as store:
        await ask(cloud, store, timer)
        assert store.lasting


async def test_an_account_whose_database_cannot_be_used_gives_the_same_report(
    account: DbtAccount, world: sandbox.World, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = a_file_in_the_place_of_a_folder(file)
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{place}")
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as without:
        found = await without.arun_report("longest_running_jobs", period="last_7_days")
        assert (await without.aget_store()).location == "memory"
    expected = await account.arun_report("longest_running_jobs", period="last_7_days")
    assert found.rows == expected.rows
    assert found.coverage == expected.coverage
    assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]
