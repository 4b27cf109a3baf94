"""The second tier of the cache: answers that several processes share, as dbt Cloud gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

__all__ = ["SharedEntry", "SharedKey", "SharedTier"]


@dataclass(frozen=True, slots=True)
class SharedKey:
    """What tells one shared answer from others.

    Attributes:
        account: The account and the token's rights, as a digest: what is shared holds neither host nor token in clear.
        scope: The part of the account it belongs to.
        digest: A digest of what was asked.
    """

    account: str
    scope: str
    digest: str


@dataclass(frozen=True, slots=True)
class SharedEntry:
    """An answer in the second tier.

    Attributes:
        body: What dbt Cloud answered, as parsed JSON.
        complete: Whether nothing of it is missing.
        as_of: When it was asked for, for people.
        asked_at: The same in seconds on the tier's own clock, which all processes share.
        age: Seconds since then.
    """

    body: Any
    complete: bool
    as_of: datetime
    asked_at: float
    age: float


class SharedTier(Protocol):
    """Answers and flights that several processes share. None of its methods raises: out of reach, it knows nothing."""

    async def now(self, account: str) -> float | None:
        """Seconds on the tier's own clock; None while it is out of reach.

        To be asked before dbt Cloud is asked about the account, and passed to `put` with what came.
        """

    async def get(self, keys: Sequence[SharedKey]) -> Mapping[SharedKey, SharedEntry]:
        """The entries of those keys that have one which no invalidation came after."""

    async def put(
        self, entries: Mapping[SharedKey, tuple[Any, bool]], as_of: datetime, asked_at: float | None, keep: float
    ) -> None:
        """Keeps bodies, each with whether it is complete, for so many seconds; none that an invalidation came after.

        Without `asked_at` nothing is kept: while the tier was out of reach, nobody knows what was invalidated.
        """

    def flight(self, key: SharedKey) -> AbstractAsyncContextManager[None]:
        """The turn to ask dbt Cloud for something: one process at a time has it, for as long as it lives.

        Who has waited for it looks with `get` first: the answer may be there. The wait has an end, so that a turn is
        help and no promise: two processes may come to ask for the same thing.
        """

    async def invalidated(self, account: str) -> frozenset[str]:
        """The scopes that other processes invalidated since this was last asked; it costs next to nothing."""

    async def invalidate(self, account: str, scope: str) -> None:
        """Drops a scope, or all, for every process."""

    async def aclose(self) -> None:
        """Closes every connection."""
