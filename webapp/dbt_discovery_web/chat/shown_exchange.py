"""An exchange as a page shows it: a question, its answer drawn as cards, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Self

from dbt_discovery_web.cards import Answer
from dbt_discovery_web.chat.suggestions import suggestions
from dbt_discovery_web.database.threads import Exchange, Verdict

__all__ = ["ShownExchange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExchange:
    """An exchange, ready to be drawn by `exchange.html`.

    Attributes:
        number: Its place in the thread, counted from 0.
        question: What was asked.
        asked: When, in ISO 8601.
        answer: What was answered; None if it is being worked on, or was interrupted.
        verdict: What a person thinks of the answer.
        comment: What they wrote beside.
        suggestions: Questions that go on from it.
    """

    number: int
    question: str
    asked: str
    answer: Answer | None
    verdict: Verdict | None
    comment: str
    suggestions: tuple[str, ...]

    @classmethod
    def of(cls, exchange: Exchange, number: int, *, zone: tzinfo, origin: str) -> Self:
        """An exchange as it is kept.

        Args:
            exchange: The exchange.
            number: Its place in the thread.
            zone: The zone of days and times.
            origin: Where this server is found.
        """
        kept = exchange.answer
        return cls(
            number=number,
            question=exchange.question,
            asked=exchange.asked,
            answer=Answer.of(kept, zone=zone, origin=origin) if kept else None,
            verdict=exchange.verdict,
            comment=exchange.comment,
            suggestions=tuple(each.text for each in suggestions(kept["reports"])) if kept else (),
        )
