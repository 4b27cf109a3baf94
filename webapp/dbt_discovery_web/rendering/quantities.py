"""Quantities: a number stays on one line with its unit, and a duration with all of its parts."""

from __future__ import annotations

import re

__all__ = ["unbroken"]

_UNITS = r"(?:d|h|min|s|%)"
_QUANTITY = re.compile(rf"(?<![\w.])\d[\d,.]* {_UNITS}(?: \d+ {_UNITS})*(?!\w)")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def unbroken(text: str) -> str:
    """A text in which `8 min 32 s`, `4.5 s` and `66.7 %` are not broken at the end of a line."""
    return _QUANTITY.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
