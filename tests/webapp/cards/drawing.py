"""Draws cards and answers as the pages do, without a server."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from dbt_discovery import Report
from dbt_discovery_web.cards import Answer, Card
from dbt_discovery_web.frame import templates

from tests.webapp.cards.html import Node, parsed

__all__ = ["ORIGIN", "UTC", "answer_of", "card_of", "cloud"]

UTC = ZoneInfo("UTC")
ORIGIN = "http://127.0.0.1:8000"


def card_of(report: Report, zone: str = "UTC", **more: Any) -> Node:
    """The card of a report, as elements."""
    card = Card.of(report.to_json(), zone=ZoneInfo(zone), origin=ORIGIN, **more)
    return parsed(templates.get_template("card.html").render(card=card)).one("article")


def answer_of(words: str, *reports: Report, calls: list[dict[str, Any]] | None = None, **more: Any) -> Node:
    """An answer as it is kept, as elements."""
    kept = {
        "answer": words,
        "reports": [report.to_json() for report in reports],
        "tool_calls": calls or [],
        "model": "offline",
        "usage": {"total_tokens": 0},
    }
    answer = Answer.of(kept | more, zone=UTC, origin=ORIGIN)
    return parsed(templates.get_template("answer.html").render(answer=answer)).one("div", class_="answer")


def cloud(report: Report) -> Report:
    """The report as dbt Cloud would have answered it."""
    source = report.source.model_copy(update={"kind": "dbt_cloud", "host": "ab123.us1.dbt.com"})
    return report.model_copy(update={"source": source})
