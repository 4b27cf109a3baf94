from __future__ import annotations

import asyncio
import multiprocessing
import os
from pathlib import Path

from dbt_discovery_web.database.turn_lock import turn_lock


async def test_turns_of_a_thread_follow_each_other_and_leave_no_file(tmp_path: Path) -> None:
    inside, most = 0, 0

    async def turn() -> None:
        nonlocal inside, most
        async with turn_lock(tmp_path / "db.sqlite", "one"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(turn() for _ in range(5)))
    assert most == 1
    assert os.listdir(tmp_path) == []


async def test_turns_of_different_threads_and_databases_do_not_wait(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(5),
        turn_lock(tmp_path / "db.sqlite", "one"),
        turn_lock(tmp_path / "db.sqlite", "two"),
        turn_lock(tmp_path / "other.sqlite", "one"),
        turn_lock(None, "one"),
        turn_lock(None, "one"),
    ):
        pass


def die_with_the_lock(database: Path) -> None:
    async def take() -> None:
        async with turn_lock(database, "one"):
            os._exit(0)

    asyncio.run(take())


async def test_lock_ends_with_a_process_that_dies(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=die_with_the_lock, args=(tmp_path / "db.sqlite",))
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == 0
    assert len(os.listdir(tmp_path)) == 1
    async with asyncio.timeout(5), turn_lock(tmp_path / "db.sqlite", "one"):
        pass
    assert os.listdir(tmp_path) == []


async def test_folder_that_takes_no_file_gives_the_turn_with_a_warning(tmp_path: Path, caplog: object) -> None:
    async with turn_lock(tmp_path / "nowhere" / "db.sqlite", "one"):
        pass
    assert "Turns of a thread may mix" in caplog.text  # type: ignore[attr-defined]
