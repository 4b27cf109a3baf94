"""Reading: what of a report is drawn, as its declaration says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Any

from dbt_discovery import Report
from dbt_discovery.models.report import Chart, Column, Row
from dbt_discovery.words import count

from dbt_discovery_web.charts.drawing import Axis, Drawing, Mark, Tick
from dbt_discovery_web.charts.text import clean
from dbt_discovery_web.charts.themes import SERIES
from dbt_discovery_web.charts.ticks import number_axis, time_axis
from dbt_discovery_web.rendering.words import cell

__all__ = ["MOST_ROWS", "drawing_of"]

MOST_ROWS = 30
"""Rows that can be told apart in one picture."""
_MOST_SPANS = 200
"""Spans that can be told apart, where rows share lanes."""
_LABELS = 8
"""Names that have room below a line."""


def drawing_of(report: Report, zone: tzinfo, most: int = MOST_ROWS) -> Drawing | None:
    """What a report's chart shows, with days and times of a zone; None where the report declares no chart.

    A value that is null or no number leaves a gap. Of many rows the first are drawn, of many series the first: a note
    says so. Measures are drawn together only if they have the same unit.

    Args:
        report: The report.
        zone: The zone.
        most: Bars that are drawn at most, where a table stands beside them; spans are parts of one whole.
    """
    if report.chart is None:
        return None
    reading = _Reading(report, report.chart, zone, most)
    return {"bar": reading.bars, "gantt": reading.spans, "line": reading.lines}[report.chart.kind]()


@dataclass(frozen=True, slots=True)
class _Series:
    """One series: the rows that belong to it, and the column with its values."""

    name: str
    rows: Sequence[Row]
    column: Column


class _Reading:
    """One report, being read."""

    def __init__(self, report: Report, chart: Chart, zone: tzinfo, most: int) -> None:
        self._report, self._chart, self._zone, self._most = report, chart, zone, most
        self._columns = {column.key: column for column in report.columns}
        self._notes: list[str] = []
        self._measures = self._alike([self._column(key) for key in chart.y])

    def bars(self) -> Drawing:
        """A row for each row of the report, with a bar for each measure."""
        rows = self._first(self._report.rows, self._most)
        series = self._series(rows)
        marks = [
            _mark(place, name, row, each.column, row=at)
            for at, (name, row) in enumerate(zip(self._names(rows), rows, strict=True))
            for place, each in enumerate(series)
            if any(row is own for own in each.rows)
        ]
        values = number_axis(self._label(), [mark.end for mark in marks if mark.end is not None], self._unit)
        return self._drawing(series, marks, values, rows=self._names(rows))

    def spans(self) -> Drawing:
        """What lies between a row's beginning and that and its length, in lanes: rows called the same share one."""
        rows: Sequence[Row] = self._report.rows[:_MOST_SPANS]
        names = self._lanes(rows)
        shared = len({*names}) < len(names)
        rows = self._first(rows, _MOST_SPANS if shared else MOST_ROWS)
        lanes = {name: lane for lane, name in enumerate(dict.fromkeys(names[: len(rows)]))}
        if len(lanes) > MOST_ROWS:
            self._notes.append(f"The first {MOST_ROWS} of {len(lanes):,} lanes are drawn.")
        series = self._series(rows)
        marks = []
        for name, row in zip(names, rows, strict=False):
            (place,) = (n for n, each in enumerate(series) if any(row is own for own in each.rows))
            length, begun = _mark(place, name, row, self._measures[0]), self._moment(row.get(self._chart.x))
            if length.end is None or begun is None:
                marks.append(replace(length, end=None, row=lanes[name]))
                continue
            told = f"{self._day(begun)}, {length.text}" if shared else length.text
            marks.append(replace(length, start=begun, end=begun + length.end, text=told, row=lanes[name]))
        there = [mark for mark in marks if mark.end is not None]
        if shared and (without := len(marks) - len(there)):
            self._notes.append(f"Not drawn, as without a time: {count(without, 'row')}.")
        drawn = [mark for mark in (there if shared else marks) if mark.row < MOST_ROWS]
        start = min((mark.start for mark in there), default=0.0)
        values = time_axis(f"Time, {self._zone}", start, max((m.end or 0.0 for m in there), default=0.0), self._zone)
        return self._drawing(series, drawn, values, rows=tuple(lanes)[:MOST_ROWS])

    def lines(self) -> Drawing:
        """A line for each series, from left to right in order of what lies along it: moments, or rows as they come."""
        rows = self._report.rows
        names, places, along = self._along(rows)
        named = {id(row): (name, place) for row, name, place in zip(rows, names, places, strict=True)}
        series = self._series(rows)
        marks = []
        for number, each in enumerate(series):
            own = [(*named[id(row)], row) for row in each.rows]
            own.sort(key=lambda known: known[1])
            marks += [_mark(number, name, row, each.column, start=place) for name, place, row in own]
        values = number_axis(self._label(), [mark.end for mark in marks if mark.end is not None], self._unit)
        return self._drawing(series, marks, values, along=along)

    def _along(self, rows: Sequence[Row]) -> tuple[list[str], list[float], Axis]:
        """What the rows of lines are called, where each lies, and the scale on which they lie."""
        label = self._column(self._chart.x).label
        moments = [moment for row in rows if (moment := self._moment(row.get(self._chart.x))) is not None]
        if rows and len(moments) == len(rows):
            axis = time_axis(f"{label}, {self._zone}", min(moments), max(moments), self._zone)
            return [self._day(moment) for moment in moments], moments, axis
        names = self._plain_names(rows) if self._chart.series else self._names(rows)
        order = {name: float(place) for place, name in enumerate(dict.fromkeys(names))}
        step = max(1, math.ceil(len(order) / _LABELS))
        ticks = tuple(Tick(place, name) for name, place in order.items() if place % step == 0)
        return names, [order[name] for name in names], Axis(label, -0.5, max(len(order), 1) - 0.5, ticks)

    def _drawing(
        self, series: Sequence[_Series], marks: Sequence[Mark], values: Axis, rows: Sequence[str] = (), **more: Any
    ) -> Drawing:
        report = self._report
        return Drawing(
            kind=self._chart.kind,
            title=clean(report.title),
            finding=clean(report.finding),
            series=tuple(each.name for each in series),
            rows=tuple(rows),
            marks=tuple(marks),
            values=values,
            notes=tuple(self._notes),
            basis=_basis(report, self._zone),
            nothing="No row fits the question." if not report.rows else "None of the rows has a value to draw.",
            **more,
        )

    def _column(self, key: str) -> Column:
        return self._columns.get(key) or Column(key=key, label=key.replace("_", " ").capitalize())

    @property
    def _unit(self) -> Any:
        return self._measures[0].unit

    def _label(self) -> str:
        return clean(self._measures[0].label) if len(self._measures) == 1 else ""

    def _alike(self, measures: Sequence[Column]) -> list[Column]:
        """The measures that can share a scale with the first. Where rows are told apart by a series, it is alone."""
        if self._chart.series or self._chart.kind == "gantt":
            return list(measures[:1])
        alike = [each for each in measures if each.unit == measures[0].unit][:SERIES]
        if other := [each.label for each in measures if each not in alike]:
            self._notes.append(f"Not drawn, for another unit: {', '.join(map(clean, other))}.")
        return alike

    def _series(self, rows: Sequence[Row]) -> list[_Series]:
        if not self._chart.series or self._chart.series == self._named_by.key:
            return [_Series(clean(column.label), rows, column) for column in self._measures]
        named: dict[str, list[Row]] = {}
        column = self._column(self._chart.series)
        for row in rows:
            named.setdefault(clean(cell(row.get(column.key), column)), []).append(row)
        found = [_Series(name, own, self._measures[0]) for name, own in named.items()]
        if len(found) <= SERIES:
            return found
        if self._chart.kind != "line":  # rows have their names: these only lose their colours
            return [_Series(clean(self._measures[0].label), rows, self._measures[0])]
        self._notes.append(f"The first {SERIES} of {len(found):,} are drawn.")
        return found[:SERIES]

    def _first(self, rows: Sequence[Row], most: int) -> Sequence[Row]:
        total = max(self._report.total_rows, len(self._report.rows))
        if total > (shown := min(len(rows), most)):
            self._notes.append(f"The first {shown:,} of {count(total, 'row')} are drawn.")
        return rows[:most]

    def _lanes(self, rows: Sequence[Row]) -> list[str]:
        """In which lane each row is: things of one name in several projects have one each."""
        names = self._plain_names(rows)
        projects = [clean(str(row.get("project_name") or "")) for row in rows]
        things = {*zip(names, projects, strict=True)}
        several = {name for name, times in Counter(name for name, _ in things).items() if times > 1}
        return [
            f"{name} · {project}" if name in several and project else name
            for name, project in zip(names, projects, strict=True)
        ]

    def _names(self, rows: Sequence[Row]) -> list[str]:
        """What rows are called: by their project too where several are called the same, numbered if they still are."""
        names = self._plain_names(rows)
        many = {name for name, times in Counter(names).items() if times > 1}
        for at, row in enumerate(rows):
            project = clean(str(row.get("project_name") or ""))
            if names[at] in many and project not in ("", names[at]):
                names[at] = f"{names[at]} · {project}"
        seen = Counter[str]()
        for at, name in enumerate(names):
            seen[name] += 1
            names[at] = f"{name} ({seen[name]})" if seen[name] > 1 else name
        return names

    @property
    def _named_by(self) -> Column:
        """The column that names the rows: spans lie along times, so that theirs is the first text."""
        column = self._column(self._chart.x)
        if self._chart.kind == "gantt":
            return next((each for each in self._report.columns if each.type == "text"), column)
        return column

    def _plain_names(self, rows: Sequence[Row]) -> list[str]:
        column = self._named_by
        return [clean(cell(row.get(column.key), column)) or "–" for row in rows]

    def _moment(self, value: Any) -> float | None:
        """A moment in seconds since 1970; a date is the zone's midnight."""
        if not isinstance(value, str) or len(value) < len("2026-11-18"):
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).timestamp()

    def _day(self, moment: float) -> str:
        local = datetime.fromtimestamp(moment, self._zone)
        return _day(local) if (local.hour, local.minute, local.second) == (0, 0, 0) else _instant(local)


def _mark(series: int, name: str, values: Row, column: Column, *, start: float = 0.0, row: int = 0) -> Mark:
    """A mark with the value that a column has; what is no number is none."""
    value = values.get(column.key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return Mark(series, name, cell(None, column), start, None, row)
    return Mark(series, name, cell(value, column), start, float(value), row)


def _day(moment: date) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def _instant(moment: datetime) -> str:
    return f"{_day(moment)}, {moment:%H:%M}" + (f":{moment:%S}" if moment.second else "")


def _basis(report: Report, zone: tzinfo) -> str:
    as_of = _instant(report.as_of.astimezone(zone).replace(second=0))
    coverage = report.coverage
    parts = [report.period.label[:1].upper() + report.period.label[1:]] if report.period else []
    parts += [count(coverage.considered, coverage.unit.removesuffix("s"))]
    parts += [] if coverage.complete else ["data inside the question is missing"]
    parts += [report.source.label, f"as of {as_of} {zone}" + (", as a refresh failed" if report.stale else "")]
    return clean(" · ".join(parts))
