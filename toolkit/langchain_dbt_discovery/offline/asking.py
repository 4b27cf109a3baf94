"""Questions back, and what the person says to them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from langchain_dbt_discovery.offline.named import Question
from langchain_dbt_discovery.offline.numbers import ORDINALS
from langchain_dbt_discovery.offline.phrase import normal
from langchain_dbt_discovery.offline.vocabulary import words_of

__all__ = ["AROUND", "Choice", "ask_back", "choice_of", "is_question_back"]

_ASKED = re.compile(r"^Which (?P<kind>\w+) do you mean by “(?P<said>.+?)”\?\n(?P<lines>(?:- .+\n?)+)")
AROUND = re.compile(
    r"^(?:(?:i (?:mean|meant)|it is|that is|of course|sorry|please|only|just|in|for|the) )+"
    r"|(?: (?:one|ones|job|model|project|please|of course|i mean|,))+$"
)
"""What stands around a choice and says nothing."""
_GOOD_SCORE = 80
_MOST_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says when asked which name is meant.

    Attributes:
        question: The words asked about and the names chosen; to be asked again, if that leaves several open.
        everything: Whether all the names are meant.
    """

    question: Question
    everything: bool = False


def ask_back(question: Question) -> str:
    """The question back, with the names to choose from."""
    lines = "\n".join(f"- {candidate}" for candidate in question.candidates[:_MOST_CANDIDATES])
    asked = f"Which {question.kind.removesuffix('s')} do you mean by “{question.said}”?\n{lines}"
    more = len(question.candidates) - _MOST_CANDIDATES
    return f"{asked}\n… and {more} more: say more of the name." if more > 0 else asked


def is_question_back(text: str) -> bool:
    """Whether the text asks the person which name is meant."""
    return _ASKED.match(text) is not None


def choice_of(asked: str, reply: str) -> Choice | None:
    """The names that the reply chooses of those asked back; None if it chooses none.

    A reply names one, says `the second one`, `2`, `the finance one`, `both` or `all`.
    """
    match = _ASKED.match(asked)
    if match is None:
        return None
    candidates = tuple(line.removeprefix("- ") for line in match["lines"].strip().splitlines())

    def chosen(*names: str, everything: bool = False) -> Choice:
        return Choice(Question(match["kind"], match["said"], names), everything)

    words = normal(reply)
    if re.fullmatch(r"(?:all|both|any)(?: of)?(?: them| those| three)?", words):
        return chosen(*candidates, everything=True)
    if place := re.fullmatch(r"(?:the )?(?:(\d{1,2})|(\w+))(?: one| job| model| project)?", words):
        index = int(place[1]) - 1 if place[1] else ORDINALS.get(place[2])
        if index is not None and -1 <= index < len(candidates):
            return chosen(candidates[index])
    said = " ".join(words_of(AROUND.sub("", words)))
    texts = [" ".join(words_of(candidate)) for candidate in candidates]
    if said in texts:
        return chosen(candidates[texts.index(said)])
    containing = [name for name, text in zip(candidates, texts, strict=True) if said and f" {said}" in f" {text}"]
    if containing:
        return chosen(*containing)
    near = process.extract(said, texts, scorer=fuzz.ratio, score_cutoff=_GOOD_SCORE, limit=1)
    return chosen(candidates[near[0][2]]) if near else None
