"""Operations: what can be asked of dbt Cloud, as pure data. Sending them is the client's business."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Generic, Literal, TypeVar

__all__ = [
    "AdminOperation",
    "Answer",
    "DiscoveryOperation",
    "FileOperation",
    "Operation",
    "Payload",
    "Scope",
    "fragment",
    "query_text",
    "resting_on",
]

T = TypeVar("T")
Scope = Literal["projects", "models", "jobs", "runs"]


@dataclass(frozen=True, slots=True)
class Payload:
    """What came back: the rows of every page, or the one thing asked for.

    Attributes:
        data: Parsed JSON.
        complete: False when the pages ended before they said they would.
        refused: The reason for each alias of a query that was not answered though others were.
    """

    data: Any
    complete: bool = True
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The value of an operation, and what it rests on.

    Attributes:
        value: What was asked for.
        as_of: When it was fetched.
        stale: Whether a newer one could not be had.
        complete: Whether nothing of it is missing.
        notes: Sentences that a reader should know, such as what is missing and what would bring it.
    """

    value: T
    as_of: datetime
    stale: bool = False
    complete: bool = True
    notes: tuple[str, ...] = ()


def resting_on(value: T, answers: Sequence[Answer[Any]], now: datetime) -> Answer[T]:
    """An answer that is as old, as stale and as complete as those it rests on; as of now, if it rests on none."""
    return Answer(
        value,
        min((answer.as_of for answer in answers), default=now),
        stale=any(answer.stale for answer in answers),
        complete=all(answer.complete for answer in answers),
        notes=tuple(dict.fromkeys(note for answer in answers for note in answer.notes)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[T]):
    """One thing to ask for. `name` and `variables` alone tell two operations apart.

    Attributes:
        name: What is asked for, such as `runs_of_day`.
        variables: Its variables in a fixed order.
        scope: The part of the account it belongs to, for invalidation.
        parse: Turns the payload's data into the value.
        lasts: How long the value stays fresh, given the value; None for as long as the strategy says. An answer that
            cannot change any more lasts longer, one that is about to change shorter.
        kept: Whether the cache keeps the value; not where the run store does.
    """

    name: str
    variables: tuple[tuple[str, Hashable], ...] = ()
    scope: Scope = field(compare=False)
    parse: Callable[[Any], T] = field(compare=False, repr=False)
    lasts: Callable[[T], timedelta | None] = field(compare=False, repr=False, default=lambda value: None)
    kept: bool = field(compare=False, default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminOperation(Operation[T]):
    """A GET of the Admin API.

    Attributes:
        path: Path below the API's base; `{account}` stands for the account's id.
        paged: Whether it is a list, to be read to its end.
        enough: Whether the rows of a page show that a list, newest first, need not be read further.
        fields: The fields of a row that are read; the others are let go of as soon as a page has come. All, if empty.
    """

    path: str = field(compare=False)
    paged: bool = field(compare=False, default=False)
    enough: Callable[[Sequence[Any]], bool] | None = field(compare=False, default=None)
    fields: frozenset[str] = field(compare=False, default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOperation(AdminOperation[T]):
    """A GET of a file that the Admin API keeps. It comes as it is: a body of its own, without the API's envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryOperation(Operation[T]):
    """A query of the Discovery API.

    Attributes:
        document: The query's text.
        connection: The way to the connection whose pages are to be read to their end; empty for a plain query.
        aliases: Names of the several questions in one query, in their order.
    """

    document: str = field(compare=False, repr=False)
    connection: Sequence[str] = field(compare=False, default=())
    aliases: Sequence[str] = field(compare=False, default=())


@cache
def query_text(name: str) -> str:
    """The text of `queries/<name>.graphql`."""
    return (files("dbt_discovery.services") / "queries" / f"{name}.graphql").read_text(encoding="utf-8")


def fragment(query: str, name: str) -> str:
    """The text of one fragment in `queries/<query>.graphql`.

    Raises:
        LookupError: The query has no such fragment.
    """
    found = re.search(rf"^fragment {name} on .*?^}}", query_text(query), re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{query}.graphql has no fragment {name}")
    return found[0]
