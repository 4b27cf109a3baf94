"""Text from dbt made fit to show: it is data, whatever it says."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["FENCE_END", "FENCE_START", "clean", "cut"]

FENCE_START = "<dbt-data>"
FENCE_END = "</dbt-data>"

_FENCE = re.compile(r"<(?=\s*/?\s*dbt-data)", re.IGNORECASE)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_SPACES = re.compile(r"\s+")


def clean(text: str, longest: int) -> str:
    """`text` on one line, without control, bidirectional and invisible characters, cut to `longest` characters.

    A mark that would end the fence around it is defused. Unicode's category Cf holds the bidirectional overrides,
    the zero-width characters and the tag characters that hide text from people but not from a model.
    """
    visible = _ANSI.sub("", text)
    visible = "".join(" " if c in "\n\r\t\v\f\x85\u2028\u2029" else c for c in visible)
    visible = "".join(c for c in visible if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    return cut(_FENCE.sub("‹", _SPACES.sub(" ", visible).strip()), longest)


def cut(text: str, longest: int) -> str:
    """`text` in at most `longest` characters; a cut shows as `…`."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
