"""Cards: reports and answers as pages show them, drawn on the server.

A `Card` is one report ready for `card.html`, an `Answer` one exchange's words with its cards for `answer.html`. Both
are made of plain JSON as it is kept, and hold no markup but the chart and the prose, whose text went in as text.
"""

from __future__ import annotations

from dbt_discovery_web.cards.answer import Answer
from dbt_discovery_web.cards.card import Card

__all__ = ["Answer", "Card"]
