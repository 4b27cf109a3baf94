"""The answer: what a person gets for a question, as a page shows it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Self

from dbt_discovery import Report
from dbt_discovery.words import count
from markupsafe import Markup
from pydantic import ValidationError

from dbt_discovery_web.cards.card import Card
from dbt_discovery_web.cards.computing import Call
from dbt_discovery_web.cards.links import cloud_hosts
from dbt_discovery_web.cards.prose import prose_html
from dbt_discovery_web.chat.command import NO_MODEL

__all__ = ["Answer"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, ready to be drawn by `answer.html`.

    Attributes:
        prose: Its words.
        cards: The reports behind it, in order.
        lost: How many reports it had that this release cannot show.
        calls: The tools that were called beside those that a card tells of.
        author: Who worded it.
        failed: Whether there is no answer, and the words say why.
        stopped: Whether it was ended before it was whole.
    """

    prose: Markup
    cards: tuple[Card, ...]
    lost: int
    calls: tuple[Call, ...]
    author: str
    failed: bool
    stopped: bool

    @classmethod
    def of(cls, answer: Mapping[str, Any], *, zone: tzinfo, origin: str = "") -> Self:
        """An answer as it is kept: the JSON of a `ChatAnswer`.

        Args:
            answer: The answer.
            zone: The zone of days and times.
            origin: Where this server is found, such as `http://127.0.0.1:8000`.
        """
        reports = list(_reports(answer["reports"]))
        words, findings = answer["answer"], [report.finding for report in reports]
        hosts = frozenset[str]().union(*map(cloud_hosts, reports))
        calls = list(answer["tool_calls"])
        cards = [
            Card.of(report, zone=zone, origin=origin, calls=_taken(calls, report)).below(words) for report in reports
        ]
        return cls(
            prose=prose_html(words, findings, hosts),
            cards=tuple(cards),
            lost=len(answer["reports"]) - len(reports),
            calls=Call.made(calls),
            author=_author(answer["model"], answer["usage"].get("total_tokens", 0)),
            failed=bool(answer.get("failed")),
            stopped=bool(answer.get("stopped")),
        )

    @property
    def computed(self) -> str:
        """How it came about, in short."""
        return count(len(self.calls), "tool call") if self.calls else ""


def _reports(kept: Sequence[Mapping[str, Any]]) -> Iterator[Report]:
    """The reports of an answer; one that an earlier release kept in another form is left out."""
    for each in kept:
        try:
            yield Report.model_validate(each)
        except ValidationError as error:
            logger.warning("A kept report cannot be shown: %s", count(error.error_count(), "field"))


def _taken(calls: list[Mapping[str, Any]], report: Report) -> tuple[Call, ...]:
    """The call that gave a report, taken out of those that are left."""
    for at, call in enumerate(calls):
        if call["name"] == f"dbt_{report.name}" and call["rows"] is not None:
            return Call.made([calls.pop(at)])
    return ()


def _author(model: str, tokens: int) -> str:
    author = "the offline model" if "offline" in model.lower() else model
    if model == NO_MODEL:
        return "Run by its name, without a model."
    return f"Worded by {author}" + (f", {count(tokens, 'token')}" if tokens else "") + "."
