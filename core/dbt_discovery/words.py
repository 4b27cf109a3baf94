"""Numbers and lists as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

__all__ = ["count", "cut_text", "duration", "either", "few", "listed", "minute", "percent"]


def duration(seconds: float) -> str:
    """A duration in seconds, in words: `0.40 s`, `12.3 s`, `4 min 5 s`, `2 h 3 min`, `1 d 2 h`, `-12.3 s`."""
    if seconds < 0:
        words = duration(-seconds)
        return words if words == "0.00 s" else f"-{words}"
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / 60), 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(whole / 3600), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 run`, `1,234 runs`, `2 queries`."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{number:,} {plural}"


def percent(share: float) -> str:
    """A ratio in words: `66.7 %`, `25 %`."""
    return f"{share * 100:.1f}".removesuffix(".0") + " %"


def cut_text(text: str | None, most: int = 2000) -> str | None:
    """A text of a length that can be read, cut where it is longer; None of an empty one."""
    whole = (text or "").strip()
    return f"{whole[:most]} … (cut)" if len(whole) > most else whole or None


def minute(moment: datetime | str) -> str:
    """A moment, which may be given in ISO 8601, to the minute: `2026-11-18 10:30 UTC`."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{known.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def either(items: Iterable[Any], word: str = "or") -> str:
    """Items joined: `a`, `a or b`, `a, b or c`."""
    texts: Sequence[str] = [str(item) for item in items]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def few(names: Sequence[str], most: int = 3) -> str:
    """The first of some names, and how many more there are: `a`, `a and b`, `a, b, c and 2 more`."""
    more = [f"{len(names) - most:,} more"] if len(names) > most else []
    return either([*names[:most], *more], "and")


def listed(names: Sequence[str], noun: str) -> str:
    """How many there are and what the first are called, as in `5 jobs: a, b, c and 2 more.`, as a sentence."""
    return f"{count(len(names), noun)}: {few(names)}." if names else f"No {noun} fits the question."
