"""Operations: what can be asked of dbt Cloud, as pure data. Sending them is the client's business."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Generic, Literal, TypeVar

__all__ = ["AdminOperation", "Answer", "DiscoveryOperation", "Operation", "Payload", "Scope", "query_text"]

T = TypeVar("T")
Scope = Literal["projects", "models", "jobs", "runs"]


@dataclass(frozen=True, slots=True)
class Payload:
    """What came back: the rows of every page, or the one thing asked for.

    Attributes:
        data: Parsed JSON.
        size: Bytes received.
        complete: False when the pages ended before they said they would.
    """

    data: Any
    size: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The value of an operation, when it was fetched, and whether a newer one could not be had."""

    value: T
    as_of: datetime
    stale: bool = False
    complete: bool = True


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
    """

    name: str
    variables: tuple[tuple[str, Hashable], ...] = ()
    scope: Scope = field(compare=False)
    parse: Callable[[Any], T] = field(compare=False, repr=False)
    lasts: Callable[[T], timedelta | None] = field(compare=False, repr=False, default=lambda value: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminOperation(Operation[T]):
    """A GET of the Admin API.

    Attributes:
        path: Path below the API's base; `{account}` stands for the account's id.
        paged: Whether it is a list, to be read to its end.
    """

    path: str = field(compare=False)
    paged: bool = field(compare=False, default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryOperation(Operation[T]):
    """A query of the Discovery API.

    Attributes:
        document: The query's text.
        connection: The way to the connection whose pages are to be read to their end; empty for a plain query.
    """

    document: str = field(compare=False, repr=False)
    connection: Sequence[str] = field(compare=False, default=())


@cache
def query_text(name: str) -> str:
    """The text of `queries/<name>.graphql`."""
    return (files("dbt_discovery.services") / "queries" / f"{name}.graphql").read_text(encoding="utf-8")
