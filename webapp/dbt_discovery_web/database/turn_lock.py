"""The lock that makes the turns of a thread wait for each other, whichever processes they run in."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

__all__ = ["turn_lock"]

logger = logging.getLogger(__name__)

_PAUSE = 0.05


@asynccontextmanager
async def turn_lock(database: Path | None, thread_id: str) -> AsyncIterator[None]:
    """The right to change a thread of a database; one process at a time has it, others wait.

    It is a lock of the operating system on a file beside the database, so that it ends with the process that holds it,
    however that ends. It does not nest. Threads in memory, with no database, need none.
    """
    if database is None:
        yield
        return
    name = hashlib.blake2b(thread_id.encode(), digest_size=8).hexdigest()
    file = database.with_name(f"{database.name}-turn-{name}")
    handle = await _taken(file)
    try:
        yield
    finally:
        if handle is not None:
            with suppress(OSError):  # Windows removes no open file; it is then used again
                file.unlink()
            os.close(handle)


async def _taken(file: Path) -> int | None:
    """The open and locked file; None, with a warning, where locks or files cannot be had at all."""
    while True:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            logger.warning("Turns of a thread may mix, because %s cannot be made: %s.", file, error.strerror)
            return None
        held = False
        try:
            held = _lock(handle) and _is_still(file, handle)
        except OSError as error:
            logger.warning("Turns of a thread may mix, because %s cannot be locked: %s.", file, error.strerror)
            return None
        finally:
            if not held:
                os.close(handle)
        if held:
            return handle
        await asyncio.sleep(_PAUSE)


def _is_still(file: Path, handle: int) -> bool:
    """Whether the name still leads to the open file: who had the lock before has removed it."""
    try:
        return os.path.samestat(file.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
