"""A refresh: the wish of one inquiry to see everything anew, and each thing only once."""

from __future__ import annotations

from collections.abc import Hashable

__all__ = ["Refresh"]


class Refresh:
    """Whether an inquiry asks again for what is known, and what has come of it already.

    Parts of a report often need the same operation. The first of them asks dbt Cloud, those that ask meanwhile wait for
    the same answer, and what came is new enough for all later ones.
    """

    __slots__ = ("_came", "_wanted")

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._came: set[Hashable] = set()

    @classmethod
    def of(cls, wanted: bool | Refresh) -> Refresh:
        """The refresh itself, or one of its own for a question that belongs to no inquiry."""
        return wanted if isinstance(wanted, Refresh) else cls(wanted)

    def __bool__(self) -> bool:
        return self._wanted

    def claims(self, key: Hashable) -> bool:
        """Whether the key is still to be asked for again."""
        return self._wanted and key not in self._came

    def came(self, key: Hashable) -> None:
        """Takes down that the key was asked for, whether dbt Cloud answered or what was known stands in for it."""
        self._came.add(key)
