"""A refresh: the wish of one inquiry to see everything anew, and each thing only once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

__all__ = ["Refresh"]


class Refresh:
    """Whether an inquiry asks again for what is known, and what has come of it already.

    Parts of a report often need the same operation. The first of them asks dbt Cloud, those that ask meanwhile wait for
    the same answer, and what came is new enough for all later ones.

    Attributes:
        began: When it first asked, in seconds on the clock of the processes that share answers: what another of them
            asked for since then is new enough. None where there is no such clock.
    """

    __slots__ = ("_came", "_wanted", "began")

    def __init__(self, wanted: bool) -> None:
        self.began: float | None = None
        self._wanted = wanted
        self._came: set[Hashable] = set()

    @classmethod
    def of(cls, wanted: bool | Refresh) -> Refresh:
        """The refresh itself, or one of its own for a question that belongs to no inquiry."""
        return wanted if isinstance(wanted, Refresh) else cls(wanted)

    def __bool__(self) -> bool:
        return self._wanted

    async def begin(self, clock: Callable[[], Awaitable[float | None]]) -> None:
        """Takes down when it began, if it is only beginning."""
        if self._wanted and self.began is None:
            moment = await clock()
            self.began = moment if self.began is None else self.began

    def claims(self, key: Hashable) -> bool:
        """Whether the key is still to be asked for again."""
        return self._wanted and key not in self._came

    def has_come(self, key: Hashable) -> bool:
        """Whether the key was asked for in this inquiry."""
        return key in self._came

    def came(self, *keys: Hashable) -> None:
        """Takes down that keys were asked for, whether dbt Cloud answered or what was known stands in for it."""
        self._came.update(keys)
