"""Text cut into sentences while it comes, in the same places however it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from langchain_dbt_discovery.figures.quotations import unclosed

__all__ = ["LONGEST", "Sentences"]

LONGEST = 2000
"""Characters after which a sentence is cut, wherever it stands."""

_CLOSING = r"[)\]\"'”“’»*_`]*"
_END = re.compile(rf"(?:[.!?…。]{_CLOSING}[ \t]+(?=\S))|\n")
_QUOTED = re.compile(r"[*_`)\]]*[\"'”“’»]")
_NEVER_LAST = re.compile(
    r"\b(?:e\.g|i\.e|approx|vs|no|nr|ca|cf|resp|incl|excl|avg|max|st|fig|mon|tue|wed|thu|fri|sat|sun"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.$",
    re.IGNORECASE,
)
_SELDOM_LAST = re.compile(r"\b(?:min|mins|sec|secs|hrs?|etc|std|\d+)\.$", re.IGNORECASE)
_LONGEST_END = 20
_LIST_NUMBER = re.compile(r"\d{1,9}[.)]$")
_DIGITS = re.compile(r"\d{1,9}")
_AHEAD = 40
"""Characters of the next line that tell whether it begins something new."""
_BLOCK = "\n#|>`-*+•…"
_FENCE = re.compile(r"\s*(?:```|~~~)")


class Sentences:
    """Takes text piece by piece and gives the sentences that are whole, each with the space that follows it.

    A line of a table, a heading, a list's item and a line of code end with their line; prose goes on in the next one.
    """

    def __init__(self) -> None:
        self._text = ""
        self._in_code = False

    def feed(self, piece: str) -> list[str]:
        """The sentences that are whole now."""
        self._text += piece
        return list(self._cut(last=False))

    def end(self) -> list[str]:
        """The rest."""
        sentences = list(self._cut(last=True))
        rest, self._text = self._text, ""
        return [*sentences, rest] if rest else sentences

    def _cut(self, *, last: bool) -> Iterator[str]:
        text, begin = self._text, 0
        while (end := self._end(text, begin, last)) is not None:
            sentence = text[begin:end]
            if _FENCE.match(sentence):
                self._in_code = not self._in_code
            yield sentence
            begin = end
        self._text = text[begin:]

    def _end(self, text: str, begin: int, last: bool) -> int | None:
        """Where the sentence that begins there ends; None while that cannot be told."""
        for match in _END.finditer(text, begin, begin + LONGEST):
            line = text[max(begin, text.rfind("\n", begin, match.start()) + 1) : match.start() + 1]
            if match[0] != "\n":
                ends: bool | None = not self._in_code and _ends_here(
                    line, match[0][1:], text[match.end() : match.end() + 1]
                )
            elif self._in_code:
                ends = True
            else:
                ends = _ends_line(line, text[match.end() : match.end() + _AHEAD], last)
            if ends is None:
                return None
            if ends:
                return match.end()
        if len(text) - begin <= LONGEST:
            return None
        space = text.rfind(" ", begin, begin + LONGEST)
        return space + 1 if space > begin else begin + LONGEST


def _ends_here(line: str, closing: str, following: str) -> bool:
    """Whether a sentence ends with a line's full stop that further words follow in the same line.

    None ends inside of a quotation, nor where a small letter follows one, or dots.
    """
    end = line[-_LONGEST_END:]
    if (
        line.strip() in ("…", "...")
        or (following.islower() and (_QUOTED.match(closing) or line.endswith(("…", "..."))))
        or unclosed(line + closing)
        or line.lstrip().startswith("|")
        or _LIST_NUMBER.fullmatch(line.strip(" *"))
        or _NEVER_LAST.search(end)
    ):
        return False
    return not _SELDOM_LAST.search(end) or following.isupper() or following in "*_`“\"'([#"


def _ends_line(line: str, ahead: str, last: bool) -> bool | None:
    """Whether a sentence ends with its line; None while too little of what comes after is known."""
    if not line.strip() or line.lstrip()[0] in "#|" or " | " in line or _FENCE.match(line):
        return True
    known = last or len(ahead) == _AHEAD
    following = ahead.lstrip(" \t")
    if not following:
        return True if known else None
    if following[0] in _BLOCK:
        return True
    if digits := _DIGITS.match(following):
        after = following[digits.end() : digits.end() + 2]
        if len(after) < 2 and not known:
            return None
        if after[:1] in (".", ")") and after[1:].isspace():
            return True
    return line.rstrip().endswith((".", "!", "?", ":"))
