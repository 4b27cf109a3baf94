"""Sharing: who asks the same of the same projects at the same time gets the same answer, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.freshness import Freshness, freshness, lasts

__all__ = ["Shares", "shared"]

P = ParamSpec("P")
T = TypeVar("T")


class Shares(Protocol):
    """Anything whose questions may be shared."""

    @property
    def questions(self) -> Flights:
        """The questions under way."""

    async def standpoint(self) -> Hashable:
        """What an answer depends on besides the question, all that was dropped or renewed until now included."""


S = TypeVar("S", bound=Shares)
AsyncMethod = Callable[Concatenate[S, P], Coroutine[Any, Any, T]]


def shared(method: AsyncMethod[S, P, T]) -> AsyncMethod[S, P, T]:
    """A method whose equal calls under way share one answer, which nobody may change. It has to be awaited at home.

    A refresh is nobody else's: it has to be newer than itself, and a question under way may be older.
    """

    @wraps(method)
    async def sharing(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        given = (*args, *kwargs.values())
        kinds = tuple(map(type, given))  # 1 is equal to 1.0 and to True, but asks for something else
        question = (method.__qualname__, kinds, args, tuple(sorted(kwargs.items())))
        try:
            hash(question)
        except TypeError:  # an argument of another type than it should be, which is for the method to say
            return await method(self, *args, **kwargs)
        if kwargs.get("refresh"):
            return await method(self, *args, **kwargs)

        async def answer() -> tuple[T, Freshness]:
            with freshness() as lasting:
                return await method(self, *args, **kwargs), lasting

        answered, lasting = await self.questions.join((question, await self.standpoint()), answer)
        lasts(lasting.left)  # who joined was not there when it was told
        return answered

    return sharing
