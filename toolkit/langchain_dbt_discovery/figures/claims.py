"""Words that claim a figure: `took about`, `the average is`, or `yes` at a sentence's beginning."""

from __future__ import annotations

import re

__all__ = ["claims", "is_of_the_question"]

_REACH = 60
"""Characters before a figure in which its verb stands."""
_VERB = re.compile(
    r"(?<!\bI )\b(?:took|takes?|taking|lasts?|lasted|runs?|ran|is|was|are|were|averag(?:es?|ed|ing)|median|mean|p95"
    r"|fails?|failed|waits?|waited|has|have|had|needs?|needed"
    r"|(?:average|mean|median|total|times?|durations?|peak|maximum|minimum) of)"
    r"(?:\s+(?:for|on|in|about|around|roughly|approximately|only|just|indeed|exactly|usually|typically|an?|the))*"
    r"[\s:=“„\"]*$",
    re.IGNORECASE,
)
_AGREEING = re.compile(
    r"[\s*>-]*(?:yes|yep|yeah|correct|right|indeed|exactly|true|confirmed"
    r"|(?:that|this|it)(?: is|['’]s) (?:right|correct|true)"
    r"|you are right|ja|genau|stimmt)\b",
    re.IGNORECASE,
)
_OF_THE_QUESTION = re.compile(
    r"[\s*>-]*I (?:left out|took|read|kept to|understood|(?:did|do|could) not|(?:did|do|could)n['’]t|cannot|can['’]t)\b"
)


def claims(text: str, place: int) -> bool:
    """Whether a sentence claims what stands at a place, and does not only mention it."""
    return bool(_AGREEING.match(text) or _VERB.search(text, max(0, place - _REACH), place))


def is_of_the_question(text: str) -> bool:
    """Whether a sentence says how the speaker read the question, or that it could not."""
    return _OF_THE_QUESTION.match(text) is not None
