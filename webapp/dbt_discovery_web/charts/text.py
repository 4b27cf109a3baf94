"""Text in a picture: made harmless, and measured without a font at hand."""

from __future__ import annotations

import re
import unicodedata

from dbt_discovery_web.rendering.words import one_line, shortened

__all__ = ["clean", "fitted", "width_of", "wrapped"]

_LONGEST = 1_000
"""Characters of a name that go into a picture at all, where it is shown whole."""
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff\u061c\u200e\u200f\ufeff]")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:ms|s|min|h|d|%)(?![^\W_]))")
_MEASURED = 400
"""Characters beyond which a line is too long for any picture, whatever they are."""
_NARROW = frozenset("ijl|.,:;'!`·I")
_SLIM = frozenset('frt()[]{}/\\-– "*°')
_BROAD = frozenset("mwMW@%…—<>=+~")
_FACTOR = 1.1
"""Fonts of user interfaces run wider than the one whose widths these are (Helvetica)."""


def clean(text: str) -> str:
    """A name as a picture may hold it: one line, nothing that XML forbids or that turns text around, of some length.

    Names come from dbt projects, and anyone may have written them.
    """
    return shortened(one_line(_NOT_IN_XML.sub("", text[: 2 * _LONGEST])), _LONGEST)


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in the unit of its font size; rather too wide than too narrow."""
    return sum(map(_width, text)) * size * _FACTOR


def fitted(text: str, size: float, room: float) -> str:
    """The text, cut with … where it is wider than its room."""
    if len(text) <= _MEASURED and width_of(text, size) <= room:
        return text
    left, kept = room - width_of("…", size), 0
    for character in text[:_MEASURED]:
        left -= _width(character) * size * _FACTOR
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "…"


def wrapped(text: str, size: float, room: float, lines: int) -> list[str]:
    """The text in at most so many lines, broken between words; the last is cut with … where more follows.

    A number stays with its unit.
    """
    done: list[str] = []
    words = _BEFORE_UNIT.sub("\u00a0", " ".join(text.split())).split(" ")
    while words and len(done) < lines:
        line = words.pop(0)
        while words and width_of(f"{line} {words[0]}", size) <= room:
            line = f"{line} {words.pop(0)}"
        done.append(fitted(line, size, room))
    if words:
        done[-1] = fitted(f"{done[-1].removesuffix('…')} …", size, room)
    return done


def _width(character: str) -> float:
    """The width of a character in ems."""
    if character in _NARROW:
        return 0.26
    if character in _SLIM:
        return 0.34
    if character in _BROAD:
        return 0.9
    if character.isascii():
        return 0.68 if character.isupper() else 0.55
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.68
