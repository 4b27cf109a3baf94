"""Trouble: an error as a page tells it, with what can be done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, urlencode

from dbt_discovery import AmbiguousName, DbtDiscoveryError, NotFound
from starlette.requests import Request

from dbt_discovery_web.browse.asked import page_of
from dbt_discovery_web.rest.problems import problem_of

__all__ = ["Trouble", "Way"]

_PAGES = frozenset({"project", "job", "model", "run"})
"""Kinds of things that have pages."""
_SEVERAL = 300
"""The status of a page that lets choose among several (RFC 9110, 15.4.1)."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: what it is called, where it leads, and what tells it from others."""

    label: str
    address: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An error for people.

    Attributes:
        status: The status of a page that has nothing else to show.
        title: What kind of error it is.
        detail: What happened, to what, and what to do next.
        ways: What was perhaps meant.
        again: The same question once more, where asking again may help.
        search: Where to look for what was not found.
        request_id: What the log has it under.
        headers: What the response says in headers of its own, such as when to ask again.
    """

    status: int
    title: str
    detail: str
    ways: tuple[Way, ...] = ()
    again: str = ""
    search: str = ""
    request_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: DbtDiscoveryError, request: Request) -> Self:
        """The trouble that an error makes.

        Raises:
            DbtDiscoveryError: It is of no kind that is for clients to know.
        """
        problem = problem_of(error, request=request)
        told = json.loads(bytes(problem.body))
        again = quote(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
        return cls(
            status=_SEVERAL if isinstance(error, AmbiguousName) else told["status"],
            title=told["title"],
            detail=told["detail"],
            ways=_ways(error),
            again=again if told["status"] > 500 else "",
            search=f"/?{urlencode({'q': error.reference})}" if isinstance(error, NotFound) else "",
            request_id=told["request_id"] or "",
            headers={name: value for name, value in problem.headers.items() if not name.startswith("content-")},
        )


def _ways(error: DbtDiscoveryError) -> tuple[Way, ...]:
    match error:
        case NotFound(kind="report"):
            return tuple(Way(name, f"/browse/{name}") for name in error.near)
        case NotFound() if error.kind in _PAGES:
            return tuple(Way(name, page_of(error.kind, name)) for name in error.near)
        case AmbiguousName() if error.kind in _PAGES:
            return tuple(Way(each, page_of(error.kind, each), error.where[each]) for each in error.candidates)
    return ()
