"""The subject of a page: one project, job, model or run, with what leads on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dbt_discovery.reports import find_report

from dbt_discovery_web.browse.asked import address_of
from dbt_discovery_web.browse.trouble import Way

__all__ = ["Subject", "questions", "reports_about"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a page is about.

    Attributes:
        kind: project, job, model or run.
        name: What it is called.
        within: What it is part of, from the outermost.
        status: How its latest run came out, if it has one.
        about: What else tells it from others, in a few words each.
        cloud: Its page in dbt Cloud; nothing, where it has none.
        reports: Reports about it.
        questions: Questions about it, for the chat.
    """

    kind: str
    name: str
    within: tuple[Way, ...] = ()
    status: str = ""
    about: tuple[str, ...] = ()
    cloud: str = ""
    reports: tuple[Way, ...] = ()
    questions: tuple[Way, ...] = ()


def reports_about(*wanted: tuple[str, Mapping[str, Any]]) -> tuple[Way, ...]:
    """Reports with some arguments, by what they are called."""
    return tuple(Way(find_report(name).title, address_of(name, given)) for name, given in wanted)


def questions(*texts: str) -> tuple[Way, ...]:
    """Questions, each on the page where it can be asked."""
    return tuple(Way(text, f"/chat?{urlencode({'q': text})}") for text in texts)
