"""Numbers with their units, which no line breaks apart."""

from __future__ import annotations

import pytest
from dbt_discovery.words import duration, percent
from dbt_discovery_web.cards.prose import prose_html
from dbt_discovery_web.rendering.quantities import unbroken


@pytest.mark.parametrize("seconds", [0.4, 12.3, 60, 272, 3_600, 7_380, 86_400, 93_600, 4_000_000])
def test_a_duration_is_never_broken(seconds: float) -> None:
    told = duration(seconds)
    assert unbroken(f"It took {told}, {told} (or {told}).").count(" ") == 5
    assert unbroken(told).split() == told.split()


def test_a_share_is_not_broken() -> None:
    assert unbroken(f"{percent(2 / 3)} of 3") == "66.7\N{NO-BREAK SPACE}% of 3"


@pytest.mark.parametrize("text", ["84 runs", "v1.2 string", "stg_2 s", "Mon 16 November", "5 shares", "3 days"])
def test_other_words_may_be_broken(text: str) -> None:
    assert unbroken(text) == text


def test_code_in_an_answer_is_left_as_it_is() -> None:
    html = prose_html("It took 8 min 32 s: `sleep 8 s`.\n\n    select 8 s")
    assert "8&nbsp;min&nbsp;32&nbsp;s:" in html
    assert "<code>sleep 8 s</code>" in html
    assert "select 8 s" in html
