"""What a question leaves out: `except finance`, `not in marketing`, `everything but growth`."""

from __future__ import annotations

import re
from collections.abc import Collection

from langchain_dbt_discovery.offline.phrase import NAMED, Phrase

__all__ = ["is_left_out", "leaves_out_unnamed", "read_exclusion"]

_VERDICTS = (
    r"yet|ever|even|over|under|so|too|very|only|just|quite|really|more|less|longer|slower|faster|sure|ok|okay"
    r"|fine|well|good|right"
    r"|healthy|green|work\w*|succe\w*|pass(?:ed|ing)?|finish\w*|complet\w*|r[au]n|start\w*|built|done|up|enough"
    r"|able|all|trust\w*|rel(?:y|ied)|depend\w*|seem\w*|look\w*|behav\w*|want\w*|need\w*"
    r"|mine|ours|yours|important|relevant|interesting|urgent|my|our|know|knew|every\w*|any\w*|at all|as|exist\w*"
    r"|there|here"
)
"""What `not` says of how something goes, rather than of which things are meant."""
_HELPERS = (
    "did",
    "do",
    "does",
    "have",
    "has",
    "had",
    "could",
    "can",
    "ca",
    "would",
    "wo",
    "should",
    "will",
    "why",
    "sometimes",
)
_NOT = (
    "".join(rf"(?<!\b{helper} )" for helper in _HELPERS) + r"(?<!\bor )" + rf"not(?! (?:{_VERDICTS})\b)(?! ?(?:$|[,|]))"
)
_IN = r"(?: (?:for|in|of|from|part of))?"
_EXCLUDING = (
    rf"except(?:ing)?{_IN}|exclud(?:e|es|ing)|without|outside(?: of)?|other than|apart from|aside from"
    rf"|(?:leav(?:e|es|ing)|left)(?: aside| out| away)|ignor(?:e|es|ed|ing)|minus|besides|barring|omit(?:ting)?"
    rf"|disregard(?:ing)?|not (?:counting|including|considering)|do not (?:count|include|show|want)|all but"
    rf"|save for|skipping|w/o"
    rf"|(?:do|does|did) not (?:belong to|live in|come from)|(?:but )?{_NOT}{_IN}|non"
)
_BUT = re.compile(r"\b((?:everything|anything|all|any|every|each)(?: \w+){0,2}) but(?! (?:not|only|just|also)\b)")
_ARTICLES = r"(?: (?:the|our|my|an?|any|in|of|from|for|projects?))*"
_JOINED = r"(?: (?:,|and|or|nor|not))+"
_MARK = re.compile(rf"\b(?:{_EXCLUDING})\b(?= |$)")


def read_exclusion(phrase: Phrase) -> bool:
    """Whether something is to be left out; before each such thing then stands `except`."""
    phrase.text = _marked(phrase.text)
    return phrase.has(r"\bexcept\b")


def is_left_out(lead: str, words: Collection[str]) -> bool:
    """Whether what comes after `lead` is to be left out, alone or as one of several: `except finance and marketing`.

    Args:
        lead: What stands before it.
        words: Words that belong to names, for the names of the list that are not taken yet.
    """
    _, mark, tail = _marked(lead).rpartition("except")
    if not mark:
        return False
    tail = " ".join(NAMED if word in words else word for word in tail.split())
    names = rf"{_ARTICLES}(?: {re.escape(NAMED)})+(?: \w+)?"
    return re.fullmatch(rf"(?:{names}{_JOINED})*{_ARTICLES}", f" {tail}" if tail else "") is not None


def leaves_out_unnamed(phrase: Phrase) -> bool:
    """Whether something that is no name is to be left out, once all the names are read: `except views`."""
    named = rf"{_ARTICLES} {re.escape(NAMED)}"
    taken = rf"{_JOINED}{_ARTICLES} \|(?!\*)"
    return phrase.has(rf"\bexcept\b(?!{named})|\bexcept\b{named}(?:{_JOINED}{named})*{taken}")


def _marked(text: str) -> str:
    return _MARK.sub("| except", _BUT.sub(r"\1 | except", text))
