"""Reports as GitHub-flavoured Markdown: for comments on pull requests, job summaries and chats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dbt_discovery import Report
from dbt_discovery.models.report import Column

from dbt_discovery_web.rendering.words import cell, context_lines, one_line, shortened, shown_columns, shown_line

__all__ = ["report_markdown"]

_LONGEST = 200
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SPECIAL = re.compile(r"[\\`*|~\[\]$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""What could begin something; a _ inside a name cannot. No text is at the beginning of a line, where more could."""
_BETWEEN = "\u200b"
"""Breaks what would call somebody, or lead somewhere, without being seen."""
_CALLS = re.compile(r"(?<=@)(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=#)(?=\d)|(?<=\bGH-)(?=\d)")
_IN_ADDRESSES = ":/?#@!$&'*+,;=-._~%"


def report_markdown(report: Report) -> str:
    """The finding, the rows as a table, and what both rest on; much about one thing is a table of labels and values.

    Names and error texts come from dbt projects: they stay text. They cannot bring in HTML, links, images or columns
    of their own, and they call nobody by an @.
    """
    lines = [f"**{_plain(report.finding)}**", ""]
    if table := _table(report):
        lines += [*table, ""]
    if shown := shown_line(report):
        lines += [shown, ""]
    lines += [f"<sub>{'<br>'.join(_plain(line) for line in context_lines(report))}</sub>"]
    return "\n".join(lines) + "\n"


def _table(report: Report) -> list[str]:
    """The rows, line by line; nothing where there are none."""
    columns = shown_columns(report)
    if not (report.rows and columns):
        return []
    labels = [_plain(column.label) for column in columns]
    pages = report.source.kind == "dbt_cloud"  # of a sandbox, runs have addresses but no pages
    rows = [[_cell(row.get(column.key), column, pages) for column in columns] for row in report.rows]
    if report.about_one_thing:
        told = [[label, value] for label, value in zip(labels, rows[0], strict=True)]
        lines = [told[0], ["---", "---"], *told[1:]]
    else:
        lines = [labels, ["---:" if column.type == "number" else "---" for column in columns], *rows]
    return [_row(line) for line in lines]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any, column: Column, pages: bool) -> str:
    if pages and column.type == "link" and isinstance(value, str) and re.match(r"https?://", value):
        return f"[open]({quote(one_line(value), safe=_IN_ADDRESSES)})"
    return _plain(shortened(cell(value, column), _LONGEST))


def _plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    escaped = _SPECIAL.sub(lambda found: f"\\{found[0]}", one_line(text))
    return _CALLS.sub(_BETWEEN, escaped).translate(_ENTITIES)
