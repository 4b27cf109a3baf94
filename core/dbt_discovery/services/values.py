"""Single values of dbt Cloud's answers, read with care: each function gives what it can stand for, else nothing.

None of them ever raises: a field that came in another form must not cost the row it stands in.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from dbt_discovery.models.base import NodeStatus, RunStatus

__all__ = [
    "elapsed",
    "to_event",
    "to_id",
    "to_moment",
    "to_node_status",
    "to_object",
    "to_objects",
    "to_run_status",
    "to_seconds",
    "to_text",
    "to_texts",
]

_RUN_STATUS = {
    1: RunStatus.QUEUED,
    2: RunStatus.STARTING,
    3: RunStatus.RUNNING,
    10: RunStatus.SUCCESS,
    20: RunStatus.FAILURE,
    30: RunStatus.CANCELLED,
}
_RUN_STATUS_WORDS = {
    "queued": RunStatus.QUEUED,
    "starting": RunStatus.STARTING,
    "running": RunStatus.RUNNING,
    "success": RunStatus.SUCCESS,
    "succeeded": RunStatus.SUCCESS,
    "error": RunStatus.FAILURE,
    "errored": RunStatus.FAILURE,
    "failed": RunStatus.FAILURE,
    "cancelled": RunStatus.CANCELLED,
    "canceled": RunStatus.CANCELLED,
}
_NODE_STATUS = {
    "success": NodeStatus.SUCCESS,
    "pass": NodeStatus.SUCCESS,
    "reused": NodeStatus.SUCCESS,
    "no-op": NodeStatus.SKIPPED,
    "skipped": NodeStatus.SKIPPED,
    "skip": NodeStatus.SKIPPED,
    "error": NodeStatus.ERROR,
    "runtime error": NodeStatus.ERROR,
    "partial success": NodeStatus.ERROR,  # batches of it failed, and dbt would retry it
    "fail": NodeStatus.FAIL,
    "warn": NodeStatus.WARN,
}
_DATE_FIRST = re.compile(r"\d{4}-\d{2}-\d{2}")


def to_moment(value: Any) -> datetime | None:
    """A timestamp in any of dbt Cloud's forms (space or T, nanoseconds, epoch seconds) as an aware moment in UTC.

    A moment in year 1 is kept: with it dbt says of a source that no row was ever loaded.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError, ValueError):
            return None
    if not isinstance(value, str) or not _DATE_FIRST.match(value):  # digits alone would read as a date of their own
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"\s*UTC$", "Z", value))  # catalogs write 2023-03-06 17:02UTC
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def to_event(value: Any) -> datetime | None:
    """The moment at which something happened; None where it never did, which may be written as year 1."""
    moment = to_moment(value)
    return moment if moment and moment.year > 1 else None


def elapsed(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one moment to another; None where one is missing, or where they are the wrong way round."""
    if start is None or end is None or end < start:
        return None
    return (end - start) / timedelta(seconds=1)


def to_run_status(value: Any) -> RunStatus:
    """A run's status: a code, or a word as older versions and webhooks have it; what is new reads as unknown."""
    if isinstance(value, str):
        word = value.strip().lower()
        return _RUN_STATUS.get(_code(word)) or _RUN_STATUS_WORDS.get(word, RunStatus.UNKNOWN)
    known = isinstance(value, int) and not isinstance(value, bool)
    return _RUN_STATUS.get(value, RunStatus.UNKNOWN) if known else RunStatus.UNKNOWN


def _code(word: str) -> int:
    return int(word) if re.fullmatch(r"[0-9]{1,4}", word) else 0


def to_node_status(word: Any) -> NodeStatus | None:
    """A node's outcome, in any capitals; None when it has none yet, unknown when the word is new (quirk 10)."""
    return _NODE_STATUS.get(str(word).strip().lower(), NodeStatus.UNKNOWN) if word else None


def to_seconds(value: Any) -> float | None:
    """A duration in seconds, as a number or as the text of one; None where it is negative or no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if isfinite(seconds) and seconds >= 0 else None


def to_id(value: Any) -> str:
    """An id, which comes as a number or as text; empty where there is none. Rows that share it share its memory."""
    return "" if value is None or isinstance(value, bool | dict | list) else sys.intern(str(value))


def to_text(value: Any) -> str | None:
    """A text; None where there is none."""
    return None if value is None or value == "" or isinstance(value, dict | list) else str(value)


def to_texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, or the one that stands for a list."""
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def to_object(value: Any) -> Mapping[str, Any]:
    """An object; an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def to_objects(value: Any) -> tuple[Mapping[str, Any], ...]:
    """The objects of a list."""
    return tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
