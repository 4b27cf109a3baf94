"""The table: the rows of a report, with what can be done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from dbt_discovery import Report
from dbt_discovery.models.report import Column
from dbt_discovery.words import count

from dbt_discovery_web.cards.cell import Cell, Kind, cell_of, kind_of
from dbt_discovery_web.cards.links import has_page_column
from dbt_discovery_web.cards.moments import zone_name
from dbt_discovery_web.rendering.words import one_line, shown_columns

__all__ = ["FIRST_ROWS", "Fact", "Head", "Table", "columns_of", "facts_of"]

FIRST_ROWS = 12
"""Rows that are seen before somebody asks for all of them; `card.css` cuts there too."""
_FILTERED = 8
"""Rows beyond which it is worth to filter."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: its label, how its values are set, and the zone of its times."""

    label: str
    kind: Kind
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that a report gives, as a table.

    Attributes:
        heads: The columns.
        rows: All rows, each with a cell for every column; the first names the row.
        total: How many rows there are before any limit.
    """

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int

    @classmethod
    def of(cls, report: Report, zone: tzinfo) -> Table:
        """The table of a report, with days and times of a zone."""
        columns = columns_of(report)
        return cls(
            tuple(_head(column, zone) for column in columns),
            tuple(tuple(cell_of(report, row, column, zone) for column in columns) for row in report.rows),
            max(report.total_rows, len(report.rows)),
        )

    @property
    def filtered(self) -> bool:
        """Whether a field to filter by is worth its room."""
        return len(self.rows) > _FILTERED

    @property
    def cut(self) -> bool:
        """Whether only the first rows are seen at first."""
        return len(self.rows) > FIRST_ROWS

    @property
    def extent(self) -> str:
        """How many rows these are, of how many."""
        shown = len(self.rows)
        return f"{shown:,} of {count(self.total, 'row')}" if self.total > shown else count(shown, "row")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing told of the only row of a report."""

    label: str
    cell: Cell


def facts_of(report: Report, zone: tzinfo) -> tuple[Fact, ...]:
    """The only row of a report, value by value; what has none is left away."""
    (row,) = report.rows
    facts = [
        Fact(_label(column), cell_of(report, row, column, zone, alone=True)) for column in columns_of(report, ids=True)
    ]
    return tuple(fact for fact in facts if fact.cell.known)


def columns_of(report: Report, *, ids: bool = False) -> Sequence[Column]:
    """The columns for a page, with the measure that the answer is about next to the name, where a phone shows it too.

    Args:
        report: The report.
        ids: Whether ids are shown whose names stand beside them.
    """
    columns = list(report.columns) if ids else shown_columns(report)
    columns = [column for column in columns if column.type != "link" or has_page_column(report, column)]
    measures = set(report.chart.y[:1]) if report.chart and report.chart.kind == "bar" else set()
    return sorted(columns, key=lambda column: 0 if column is columns[0] else 1 if column.key in measures else 2)


def _head(column: Column, zone: tzinfo) -> Head:
    return Head(_label(column), kind_of(column), zone_name(zone) if column.type == "datetime" else "")


def _label(column: Column) -> str:
    return one_line(column.label)
