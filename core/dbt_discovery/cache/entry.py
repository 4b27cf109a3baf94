"""Entries: answers as the cache holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbt_discovery.exceptions import NotFound

__all__ = ["Entry", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """When something was asked.

    Attributes:
        as_of: The moment, for people.
        number: After how many questions.
        age: Seconds since then, where another process asked it and the answer is only now known here.
    """

    as_of: datetime
    number: int
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer in the cache.

    Attributes:
        value: What was answered; `NotFound` where there is no such thing.
        question: When it was asked.
        complete: Whether nothing of it is missing.
        scope: The part of the account it belongs to.
        since: From when its time counts.
        expires: Until when it is fresh.
        given_until: Until when it is given at once though it is not fresh, while somebody asks again.
        longest: Seconds after which it is of no use to any process.
        unchanged: How often in a row it came back the same after its time.
        weight: Bytes it takes.
        stale: Whether a newer one could not be had when it was last asked for.
    """

    value: Any
    question: Question
    complete: bool
    scope: str
    since: float
    expires: float
    given_until: float
    longest: float
    unchanged: int = 0
    weight: int = 0
    stale: bool = False

    @property
    def there(self) -> bool:
        """Whether there is what was asked for."""
        return not isinstance(self.value, NotFound)
