"""Provenance: what an answer rests on, kept account of while it is worked out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from dbt_discovery.exceptions import InvalidArgument, NotFound
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.report import Coverage
from dbt_discovery.resolver import Resolver
from dbt_discovery.services.operation import Answer

__all__ = ["Provenance"]

T = TypeVar("T")


class Provenance:
    """What an answer rests on.

    Attributes:
        as_of: The oldest moment at which anything used was fetched.
        stale: Whether a refresh failed on the way.
        complete: Whether nothing inside the question is missing.
        notes: Sentences that a reader should know.
        resolved: Filter fields as the ids they turned out to mean.
        names: The same fields as the names of what they mean.
    """

    def __init__(self, now: datetime) -> None:
        self.as_of = now
        self.stale = False
        self.complete = True
        self.notes: list[str] = []
        self.resolved: dict[str, tuple[str, ...] | str] = {}
        self.names: dict[str, tuple[str, ...] | str] = {}
        self._known: dict[str, object] = {}

    def lack(self, note: str) -> None:
        """Takes down that something inside the question is missing, and what."""
        self.complete = False
        self.tell(note)

    def tell(self, note: str) -> None:
        """Takes down what a reader should know, once."""
        if note not in self.notes:
            self.notes.append(note)

    def listing(self, items: Sequence[T], coverage: Coverage, limit: int | None = None) -> Listing[T]:
        """Things as a listing that says what they rest on.

        Raises:
            InvalidArgument: The limit is no whole number, or negative.
        """
        if limit is not None and (type(limit) is not int or limit < 0):
            raise InvalidArgument("limit", f"limit takes a whole number of at least 0, and not “{limit}”.")
        return Listing(
            items[:limit],
            total=len(items),
            as_of=self.as_of,
            stale=self.stale,
            coverage=coverage.model_copy(update={"complete": self.complete}),
            notes=self.notes,
        )

    def resolve(
        self, resolver: Resolver[T], references: Iterable[str], kept: Sequence[T], everything: Sequence[T]
    ) -> Sequence[T]:
        """The things of `kept` that references mean; what they turned out to mean is told in the report.

        A reference to a thing that the rest of the filter leaves out keeps nothing, but is no mistake.

        Raises:
            NotFound, AmbiguousName: A reference means nothing at all, or several things.
        """
        meant = self.meant(resolver, references, kept, everything)
        return [thing for thing in kept if thing in meant]

    def meant(
        self, resolver: Resolver[T], references: Iterable[str], first: Sequence[T], everything: Sequence[T]
    ) -> Sequence[T]:
        """The things that references mean, sought among `first` and then among everything; told in the report.

        Raises:
            NotFound, AmbiguousName: A reference means nothing at all, or several things.
        """
        found: dict[T, None] = {}
        for reference in references:
            try:
                found[resolver.find(reference, first)] = None
            except NotFound:
                found[resolver.find(reference, everything)] = None
        self.resolved[f"{resolver.kind}s"] = ()
        self.resolved[f"{resolver.kind}_ids"] = tuple(resolver.exact(thing)[-1] for thing in found)
        self.names[f"{resolver.kind}s"] = tuple(resolver.names(thing)[0] for thing in found)
        self.names[f"{resolver.kind}_ids"] = ()
        return tuple(found)

    async def once(self, name: str, ask: Callable[[], Awaitable[Answer[T]]]) -> T:
        """The value of an answer that is asked for once, refresh or not."""
        if name not in self._known:
            answer = await ask()
            if name not in self._known:  # another part of the inquiry may have asked meanwhile
                self._known[name] = self.take(answer)
        return self._known[name]  # type: ignore[return-value]

    def take(self, answer: Answer[T]) -> T:
        """The value of an answer, whose age and gaps become the provenance's own."""
        self.as_of = min(self.as_of, answer.as_of)
        self.stale = self.stale or answer.stale
        self.complete = self.complete and answer.complete
        for note in answer.notes:
            self.tell(note)
        return answer.value
