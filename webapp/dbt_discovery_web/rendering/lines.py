"""One thing with much to tell, as lines of label and value."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from dbt_discovery import Report

from dbt_discovery_web.rendering.words import cell, text_lines

__all__ = ["labelled_lines"]

_GAP = "  "
_LEAST = 24
"""Characters that a value is given at least, however narrow the terminal."""


def labelled_lines(report: Report, width: int | None = None) -> Iterator[tuple[str, str]]:
    """The only row of a report, line by line, as the label with the blanks after it, and the value.

    Everything is shown that has a value, ids too, and nothing is cut. A value is wrapped below itself where a width is
    given. A text of several lines, such as SQL, stands below its label with its line breaks and indentation.
    """
    (row,) = report.rows
    told = [column for column in report.columns if row.get(column.key) not in (None, "")]
    indent = max((len(column.label) for column in told), default=0) + len(_GAP)
    for column in told:
        value = row[column.key]
        lines = text_lines(value) if isinstance(value, str) and column.type == "text" else []
        if len(lines) > 1:
            yield column.label, ""
            yield from (("", f"{_GAP}{line}".rstrip()) for line in lines)
            continue
        text = cell(value, column)
        room = max(width - indent, _LEAST) if width and column.type == "text" else max(len(text), 1)
        for place, part in enumerate(textwrap.wrap(text, room, break_long_words=False) or [text]):
            yield ("" if place else column.label).ljust(indent), part
