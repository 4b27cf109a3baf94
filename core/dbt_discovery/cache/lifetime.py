"""Lifetime: for how long an answer will do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dbt_discovery.exceptions import NotFound

__all__ = ["BRIEF", "FINAL", "MOST_LIVES", "Lifetime", "lifetime_of"]

FINAL = timedelta(days=1)
"""How long an answer lasts that can no longer change."""
BRIEF = 30.0
"""Most seconds for which it counts that something is not there: it may be on its way."""
MOST_LIVES = 4
"""How many times `cache_ttl` an answer lasts at most that came back the same each time."""
_GRACE = 300.0
"""Most seconds for which an answer that has outlived its time is given at once."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """For how long an answer will do.

    Attributes:
        fresh: Seconds for which nobody asks again.
        grace: Seconds after these for which it is given at once all the same, while somebody asks again.
        longest: Seconds after which it is of no use to any process, however often the same came back there.
    """

    fresh: float
    grace: float = 0.0
    longest: float = 0.0


def lifetime_of(value: Any, *, ttl: float, lasts: timedelta | None, complete: bool, unchanged: int) -> Lifetime:
    """For how long a value will do.

    One that says for how long itself is about to change, or final: the first gets no grace, and never more than the
    ttl. What is not complete may come whole later, so it is never final, and gets none either. Where there is no value,
    there may be soon.

    Args:
        value: The value; `NotFound` where there is no such thing.
        ttl: Seconds for one that does not say.
        lasts: How long it says itself.
        complete: Whether nothing of it is missing.
        unchanged: How often in a row it came back the same.
    """
    if lasts is not None and lasts >= FINAL and complete:
        days, grace = lasts.total_seconds(), _GRACE if ttl else 0.0
        return Lifetime(days, grace, days + grace)
    own = ttl if lasts is None else min(lasts.total_seconds(), ttl)
    if value is None or isinstance(value, NotFound):
        own = min(own, BRIEF)
        return Lifetime(own, longest=own)
    if not complete or (lasts is not None and lasts < FINAL):
        return Lifetime(own, longest=own)
    fresh, most = ttl * min(1 + unchanged, MOST_LIVES), ttl * MOST_LIVES
    return Lifetime(fresh, min(fresh, _GRACE), most + min(most, _GRACE))
