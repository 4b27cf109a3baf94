"""Text from dbt made fit to show: it is data, whatever it says."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["FENCE_END", "FENCE_START", "clean", "cut", "fenced"]

FENCE_START = "<dbt-data>"
FENCE_END = "</dbt-data>"

_READ = 4
"""How many times as long as what is shown a text is read at all: what has no look of its own takes no room."""
_LEAST_READ = 2000
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_SPACES = re.compile(r"\s+")
_BREAKS = frozenset("\n\r\t\v\f\x85\u2028\u2029")
_UNSEEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffe\uffff]")
"""What shows as nothing and yet is no format character: variation selectors and the blanks of several scripts."""
_ACCENTS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_PILE = re.compile(f"({_ACCENTS}{{3}}){_ACCENTS}+")
"""More accents on one letter than any language has."""

_OPENERS = "<\u2039\u00ab\u2329\u3008\u27e8\u300a\u276e\u276c\u227a\u27ea"
_ENTITY = r"&(?:lt|laquo|lang|#0*60|#x0*3c);?|\\u00[0]*3c|\\x3c|%3c"
_WORD = r"[\W_]{0,3}".join("dbtdata")
_FENCE = re.compile(rf"(?:[{_OPENERS}]|{_ENTITY}|[\[({{](?=\W{{0,3}}/))[\W_]{{0,6}}{_WORD}(?![^\W_])")
"""One of the marks in small plain letters, whatever stands between them, or as HTML, JSON or an address write it."""
_DEFUSED = "\u2039dbt data"
_LOOKALIKES = {
    **dict.fromkeys(map(ord, "\u0430\u0251\u03b1\u1d00\u0391\u0410"), "a"),
    **dict.fromkeys(map(ord, "\u0501\u0257\u1d05"), "d"),
    **dict.fromkeys(map(ord, "\u042c\u044c\u0184\u0299\u0412\u0392"), "b"),
    **dict.fromkeys(map(ord, "\u0442\u03c4\u03a4\u0422\u1d1b"), "t"),
    **dict.fromkeys(map(ord, "\u2044\u2215\u29f8"), "/"),
}
"""Letters of other alphabets that look like those of the marks; compatibility forms are found by themselves."""


def clean(text: str, longest: int) -> str:
    """`text` on one line, without control, bidirectional and invisible characters, cut to `longest` characters.

    What looks like one of the marks around data is defused, in whichever letters. Unicode's category Cf holds the
    bidirectional overrides, the zero-width characters and the tag characters that hide text from people but not from a
    model. Of a very long text only the beginning is read, so that cleaning it costs no more than what is shown.
    """
    read = max(_READ * longest, _LEAST_READ)
    visible = _ANSI.sub("", text[:read])
    visible = "".join(" " if c in _BREAKS else c for c in visible if c in _BREAKS or _is_visible(c))
    shown = cut(_defused(_PILE.sub(r"\1", _SPACES.sub(" ", visible).strip())), longest)
    return shown if len(text) <= read or shown.endswith("…") else f"{shown[: longest - 1]}…"


def cut(text: str, longest: int) -> str:
    """`text` in at most `longest` characters; a cut shows as `…`."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…" if longest > 0 else ""


def fenced(text: str, longest: int) -> str:
    """`text`, cleaned, between the marks that show a model where data begins and ends."""
    return f"{FENCE_START}\n{clean(text, longest)}\n{FENCE_END}"


def _defused(text: str) -> str:
    """`text` without anything that could be taken for a mark; the rest is left as it is."""
    plain = text.lower() if text.isascii() else "".join(map(_plain, text))
    parts, last = [], 0
    for mark in _FENCE.finditer(plain):
        parts += [text[last : mark.start()], _DEFUSED]
        last = mark.end()
    return "".join([*parts, text[last:]])


@lru_cache(maxsize=4096)
def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs") and not _UNSEEN.match(character)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The one plain character that a character looks like, or itself: places in a text stay what they are."""
    form = unicodedata.normalize("NFKD", character)[:1].translate(_LOOKALIKES).lower()
    return form if len(form) == 1 else character
