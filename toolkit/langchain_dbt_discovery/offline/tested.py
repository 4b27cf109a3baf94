"""Tests by their names, of which the one thing known is the model that a name has in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from langchain_dbt_discovery.offline.names import Mention
from langchain_dbt_discovery.offline.vocabulary import Entry, Lexicon, words_of

__all__ = ["A_TEST", "tested_models"]

A_TEST = (
    r"^(?:assert|not_null|unique|accepted|relationships|dbt_utils|dbt_expectations|expect|test|source|equal\w*|check)_"
)
"""How the names of tests begin."""
_LAYERS = frozenset({"stg", "int", "fct", "dim", "rpt", "mart", "base"})


def tested_models(mentions: Iterable[Mention], lexicon: Lexicon) -> list[tuple[Mention, Mention]]:
    """Unknown names that are those of tests, each with the model that it tests as a mention of its own.

    Reports are narrowed by the model that is tested, not by the test.
    """
    return [
        (mention, Mention(mention.said, (model,), exact=True, kind="models", preposition=True))
        for mention in mentions
        if not mention.entries and re.search(A_TEST, mention.said) and (model := _model_in(mention.said, lexicon))
    ]


def _model_in(said: str, lexicon: Lexicon) -> Entry | None:
    """The model with the longest name in the test's; a test of one's own may leave the layer out of it."""
    text = f" {' '.join(words_of(said))} "
    models = [entry for entry in lexicon.entries if entry.kind == "models"]
    whole = [entry for entry in models if f" {entry.text} " in text]
    partly = [entry for entry in models if entry.words[0] in _LAYERS and f" {' '.join(entry.words[1:])} " in text]
    fitting = sorted(whole or partly, key=lambda entry: -len(entry.text))
    if not fitting or (len(fitting) > 1 and len(fitting[0].words) == len(fitting[1].words) and not whole):
        return None
    return fitting[0]
