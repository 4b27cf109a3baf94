"""Words in quotation marks: a person's own, or a name to choose or an example to say, claim nothing of an account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from langchain_dbt_discovery.figures.claims import claims

__all__ = ["numbers_in", "quotations", "unclosed", "without_quotations"]

_LONGEST = 300
_QUOTATION = re.compile(rf"“[^“”\n]{{1,{_LONGEST}}}”|„[^„“”\n]{{1,{_LONGEST}}}[“”]|\"[^\"\n]{{1,{_LONGEST}}}\"")
_MARK = re.compile(r"[“”„\"]")
_CLOSED_BY = {"“": "”", "„": "“”", '"': '"'}
_WORD = re.compile(r"\d+|[^\W\d_]+")


def quotations(text: str) -> Iterator[tuple[int, int]]:
    """Where quotations begin and end, with their marks."""
    for match in _QUOTATION.finditer(text):
        yield match.span()


def without_quotations(text: str, claims_nothing: Callable[[str], bool]) -> str:
    """The text with spaces for quotations that claim nothing; one that is claimed stays: `took “4 min”`.

    Args:
        text: A sentence.
        claims_nothing: Whether what stands between the marks claims nothing.
    """
    for start, end in quotations(text):
        if not claims(text, start) and claims_nothing(text[start + 1 : end - 1]):
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def numbers_in(text: str, words: frozenset[str]) -> frozenset[str]:
    """The numbers of a text as they are written: runs of digits, and words such as `five`."""
    return frozenset(word for word in _WORD.findall(text.lower()) if word.isdecimal() or word in words)


def unclosed(text: str) -> bool:
    """Whether a text ends inside a quotation, that began no longer ago than quotations are long."""
    closed_by, begun = "", 0
    for match in _MARK.finditer(text):
        if closed_by:
            closed_by = "" if match[0] in closed_by else closed_by
        elif match[0] in _CLOSED_BY:
            closed_by, begun = _CLOSED_BY[match[0]], match.start()
    return bool(closed_by) and len(text) - begun <= _LONGEST
