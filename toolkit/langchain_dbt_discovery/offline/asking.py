"""Questions back, and what the person says to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from langchain_dbt_discovery.offline.call import Question
from langchain_dbt_discovery.offline.phrase import normal
from langchain_dbt_discovery.offline.vocabulary import words_of

__all__ = ["ORDINALS", "ask_back", "chosen_candidates"]

ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
_ASKED = re.compile(r"^Which (\w+) do you mean by “(?P<said>.+?)”\?\n(?P<lines>(?:- .+\n?)+)")
_GOOD_SCORE = 80
_MOST_CANDIDATES = 12


def ask_back(question: Question) -> str:
    """The question back, with the names to choose from."""
    lines = "\n".join(f"- {candidate}" for candidate in question.candidates[:_MOST_CANDIDATES])
    asked = f"Which {question.kind.removesuffix('s')} do you mean by “{question.said}”?\n{lines}"
    more = len(question.candidates) - _MOST_CANDIDATES
    return f"{asked}\n… and {more} more: say more of the name." if more > 0 else asked


def chosen_candidates(asked: str, reply: str) -> tuple[str, Sequence[str]] | None:
    """The words that were asked back about and the names that the reply chooses; None if it chooses none.

    A reply names one, or says `the second one`, `2`, `both` or `all`.
    """
    match = _ASKED.match(asked)
    if match is None:
        return None
    candidates = [line.removeprefix("- ") for line in match["lines"].strip().splitlines()]
    words = normal(reply)
    if re.fullmatch(r"(?:all|both|any)(?: of)?(?: them| those| three)?", words):
        return match["said"], candidates
    if place := re.fullmatch(r"(?:the )?(?:(\d{1,2})|(\w+))(?: one| job| model| project)?", words):
        index = int(place[1]) - 1 if place[1] else ORDINALS.get(place[2])
        if index is not None and -1 <= index < len(candidates):
            return match["said"], [candidates[index]]
    said = " ".join(words_of(words.removeprefix("the ")))
    texts = [" ".join(words_of(candidate)) for candidate in candidates]
    containing = [candidate for candidate, text in zip(candidates, texts, strict=True) if said and said in text]
    if len(containing) == 1:
        return match["said"], containing
    near = process.extract(said, texts, scorer=fuzz.ratio, score_cutoff=_GOOD_SCORE, limit=1)
    return (match["said"], [candidates[near[0][2]]]) if near else None
