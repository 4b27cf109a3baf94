"""Words that the rules spell out."""

from __future__ import annotations

import pytest
from langchain_dbt_discovery.offline.explained import is_explained, spelled_out


@pytest.mark.parametrize(
    "word", ["slowest", "lineage", "failing", "failures", "anomalies", "anomalous", "freshness", "which"]
)
def test_words_of_the_rules_are_explained_with_any_ending_they_may_have(word: str) -> None:
    assert is_explained(word)


@pytest.mark.parametrize("word", ["zebra", "invoices", "touchpoints", "logistics", "fct"])
def test_words_that_no_rule_knows_are_not(word: str) -> None:
    assert not is_explained(word)


def test_endings_of_choice_are_spelled_out() -> None:
    assert {"speed", "speeding", "speeds"} <= set(spelled_out(r"\bspeed(?:ing|s)?\b"))
