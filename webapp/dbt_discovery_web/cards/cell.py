"""The cell: one value of a row as a page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Literal

from dbt_discovery import Report
from dbt_discovery.models.report import Column, Row
from markupsafe import Markup

from dbt_discovery_web.cards.links import cloud_page, place_of, run_place
from dbt_discovery_web.cards.markup import breakable, link, moment, status, unfolded
from dbt_discovery_web.cards.moments import local_moment
from dbt_discovery_web.rendering.words import cell, moment_of, one_line, shortened, text_lines

__all__ = ["Cell", "Kind", "cell_of", "kind_of"]

Kind = Literal["text", "number", "time", "id"]

_LONG = 140
"""Characters beyond which a text is folded in a table; where one thing is told, it may take some lines."""
_LONG_ALONE = 700
_LINE = 36
"""Characters of a text that a table keeps on one line."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHORT = 10
"""Characters of a commit that are enough to tell it."""
_NOTHING = "–"
_UNKNOWN = Markup('<span class="none" title="not known">–</span>')


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as it is shown.

    Attributes:
        text: What is read.
        kind: How it is set.
        known: Whether there is a value.
        order: What it is sorted by; None where its text says so itself.
        exact: The same precisely, for who rests on it: a duration's seconds, a moment in UTC.
        machine: A moment or a duration as HTML's `<time>` has it.
        status: Of a status, its name as a class.
        whole: Of a text too long for a table, all its lines.
        place: The path of its page here.
        page: The address of its page in dbt Cloud.
    """

    text: str
    kind: Kind = "text"
    known: bool = True
    order: str | None = None
    exact: str = ""
    machine: str = ""
    status: str = ""
    whole: str = ""
    place: str = ""
    page: str = ""

    @property
    def lengthy(self) -> bool:
        """Whether it is a text for several lines, such as a list of names."""
        return len(self.text) > _LINE and not self.whole and " " in self.text

    @property
    def html(self) -> Markup:
        """Its content as HTML; all text in it is text."""
        if not self.known:
            return _UNKNOWN
        if self.whole:
            return Markup(unfolded(self.text, self.whole))
        if self.machine:
            inside = moment(self.text, self.machine, self.exact)
        elif self.status:
            inside = status(self.text, self.status)
        elif self.exact:
            inside = str(Markup('<span title="{}">{}</span>').format(self.exact, self.text))
        else:
            inside = breakable(self.text)
        return Markup(link(inside, self.text, self.place, self.page))


def kind_of(column: Column) -> Kind:
    """How the values of a column are set."""
    match column.type:
        case "number":
            return "number"
        case "datetime":
            return "time"
        case "id":
            return "id"
    return "text"


def cell_of(report: Report, row: Row, column: Column, zone: tzinfo, *, alone: bool = False) -> Cell:
    """The cell of a row in a column, with days and times of a zone; `alone`, where it is the only row."""
    value, kind = row.get(column.key), kind_of(column)
    if value is None or value in ("", []):
        return Cell(_NOTHING, kind, known=False, order="")
    page = cloud_page(report, row, column)
    if column.type == "link":
        return Cell("Open in dbt Cloud" if page else one_line(str(value)), page=page)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, column)
    if column.type == "datetime" and isinstance(value, str) and (moment := moment_of(value)):
        place = run_place(report, row, column)
        return Cell(
            local_moment(moment, zone), "time", order=value, exact=cell(value, column), machine=value, place=place
        )
    longest = _LONG_ALONE if alone else _LONG
    return _words(value, column, longest, Cell("", kind, place=place_of(row, column.key), page=page))


def _number(value: float, column: Column) -> Cell:
    shown, order = cell(value, column), repr(value)
    if column.unit != "seconds":
        return Cell(shown, "number", order=order)
    machine = f"PT{value:.6f}".rstrip("0").rstrip(".") + "S" if value >= 0 else ""  # HTML knows no negative durations
    return Cell(shown, "number", order=order, exact=f"{value} seconds", machine=machine)


def _words(value: Any, column: Column, longest: int, blank: Cell) -> Cell:
    """A text in a cell that has its links already; a text that has to be folded has none."""
    text = cell(value, column)
    if column.key.endswith(("status", "verdict")) and isinstance(value, str):
        return replace(blank, text=text, status=re.sub(r"[^a-z]+", "-", text.lower()).strip("-"))
    if _COMMIT.fullmatch(text):
        return replace(blank, text=text[:_SHORT], exact=text)
    lines = text_lines(value) if isinstance(value, str) and column.type == "text" else [text]
    if len(lines) > 1 or len(text) > longest:
        first = shortened(one_line(lines[0] if lines else text), longest - 20)
        return Cell(f"{first.rstrip('. …')}…", blank.kind, whole="\n".join(lines) or text)
    return replace(blank, text=text)
