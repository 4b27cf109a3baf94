"""The columns that a verb speaks of: `took 4 min` is said of run times, `waited 4 min` of waits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from langchain_dbt_discovery.figures.figure import Figure
from langchain_dbt_discovery.figures.value import Value

__all__ = ["spoken_of"]

_TIMES: Mapping[str, re.Pattern[str]] = {
    "ran": re.compile(r"runtime|^expected$"),
    "waited": re.compile(r"queued|^waited$"),
}
_COUNTS: Mapping[str, re.Pattern[str]] = {
    "ran": re.compile(r"^runs"),
    "failed": re.compile(r"^(?:failures|failed)$"),
}
_VERBS = re.compile(
    r"\b(?:(?P<ran>took|takes?|taking|lasted|lasts|ran|runs?(?=\s+for\b)|run[\s-]?times?|durations?)"
    r"|(?P<waited>wait(?:s|ed|ing)?|queue[ds]?|queu?eing)|(?P<failed>fail(?:s|ed)?)"
    r"|(?P<other>recover\w*|outages?|late|old|age|win|saved?|sav(?:es|ing)|differ\w*))\b",
    re.IGNORECASE,
)
_TIMES_AFTER = re.compile(r"\s+times\b", re.IGNORECASE)


def spoken_of(figure: Figure, text: str, values: Sequence[Value]) -> Sequence[Value]:
    """Of a row's values those that the last verb before a figure speaks of; all of them if there are none such.

    A count is spoken of so only as `failed 3 times`: in `failed in 3 runs` and `3 failed` it may be any.
    """
    if figure.unit in ("time", "clock"):
        columns = _TIMES
    elif figure.unit in ("count", "bare") and _TIMES_AFTER.match(text, figure.start + len(figure.text)):
        columns = _COUNTS
    else:
        return values
    verbs = [match.lastgroup or "" for match in _VERBS.finditer(text, 0, figure.start)]
    keys = columns.get(verbs[-1]) if verbs else None
    return [value for value in values if keys and keys.search(value.key)] or values
