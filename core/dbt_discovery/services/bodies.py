"""Bodies: what dbt Cloud answered, as the second tier of the cache keeps it for several processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

from dbt_discovery.cache.alone import Alone
from dbt_discovery.cache.entry import Entry
from dbt_discovery.cache.tier import SharedEntry, SharedKey, SharedTier
from dbt_discovery.services.operation import Operation
from dbt_discovery.services.wire import Wire

__all__ = ["Bodies", "Body"]

T = TypeVar("T")

_HANDED_ON = 60.0
"""Seconds for which a body is kept that has a place of its own: processes that wait for it find it."""


@dataclass(frozen=True, slots=True)
class Body:
    """What dbt Cloud answered to one question.

    Attributes:
        data: Parsed JSON.
        entry: What was made of it.
    """

    data: Any
    entry: Entry


class Bodies:
    """One account's part of the second tier. An account that only this process can reach has none.

    Args:
        wire: Tells which account it is.
        tier: The second tier, if there is one.

    Attributes:
        shared: Whether other processes share this part.
    """

    def __init__(self, wire: Wire, tier: SharedTier | None) -> None:
        _, transport, _, _ = wire.access
        self._wire = wire
        self._tier: SharedTier = Alone() if tier is None or transport is not None else tier
        self.shared = not isinstance(self._tier, Alone)
        self._account = ""

    async def now(self) -> float | None:
        """Seconds on the clock of all processes; None while the tier is out of reach."""
        return await self._tier.now(self._account_text()) if self.shared else None

    async def get(self, operations: Iterable[Operation[T]]) -> dict[Operation[T], SharedEntry]:
        """What is there of some operations, from whoever answers this process too, as far as it knows."""
        keys, found = {self._key(each): each for each in operations}, {}
        for key, entry in (await self._tier.get(list(keys))).items():
            match entry.body:
                case {"mark": str(mark), "data": data} if self._wire.mark in (None, mark):
                    self._wire.meet(mark)
                    found[keys[key]] = replace(entry, body=data)
        return found

    async def put(self, bodies: Mapping[Operation[Any], Body], asked_at: float | None) -> None:
        """Keeps bodies that were asked for together, each for as long as it may be of use."""
        by_time: dict[float, dict[SharedKey, tuple[Any, bool]]] = {}
        for operation, body in bodies.items():
            seconds = body.entry.longest if operation.kept else _HANDED_ON
            told = {"mark": self._wire.mark, "data": body.data}  # so that nobody has to ask who answers
            by_time.setdefault(seconds, {})[self._key(operation)] = (told, body.entry.complete)
        for seconds, entries in by_time.items():
            if seconds > 0:
                as_of = next(iter(bodies.values())).entry.question.as_of
                await self._tier.put(entries, as_of, asked_at, seconds)

    async def put_missing(self, operations: Iterable[Operation[Any]], as_of: datetime, asked_at: float | None) -> None:
        """Puts nothing in place of bodies of things that are gone, and of those that are still on their way."""
        nothing = ({"mark": self._wire.mark, "missing": True}, True)
        await self._tier.put({self._key(each): nothing for each in operations}, as_of, asked_at, _HANDED_ON)

    def turn(self, operation: Operation[Any]) -> AbstractAsyncContextManager[None]:
        """The turn to ask dbt Cloud for something, which one process at a time has; free where none shares answers."""
        return self._tier.flight(self._key(operation)) if self.shared else nullcontext()

    async def invalidated(self) -> frozenset[str]:
        """The scopes that other processes dropped lately."""
        return await self._tier.invalidated(self._account_text())

    async def invalidate(self, scope: str) -> None:
        """Drops a scope, or all, for every process."""
        await self._tier.invalidate(self._account_text(), scope)

    async def aclose(self) -> None:
        """Closes the tier."""
        await self._tier.aclose()

    def _key(self, operation: Operation[Any]) -> SharedKey:
        asked = repr((_release(), operation.name, operation.variables))
        return SharedKey(self._account_text(), operation.scope, _digest(asked))

    def _account_text(self) -> str:
        """The account and the token's rights, the same in every process. It is known once the account's id is."""
        if not self._account:
            endpoints, (_, _, account_id, token) = self._wire.endpoints, self._wire.access
            self._account = _digest(repr((endpoints.host, endpoints.admin, endpoints.discovery, account_id, token)))
        return self._account


@cache
def _release() -> str:
    """The release of this library: another may ask for other fields under the same name."""
    try:
        return version("dbt-discovery")
    except PackageNotFoundError:  # as in a bundle made without it
        return "unknown"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
