"""Conditions: what `--fail-if` watches a report for, such as `avg_runtime > 30m`.

    condition   key OPERATOR value          of any row
                all(key) OPERATOR value     of all rows that have one, and of one at least
                sum(key) OPERATOR value     of all of them added up, which is 0 where there are no rows
                rows OPERATOR number        how many rows there are
    OPERATOR    > >= < <= == !=             text, ids and yes or no take == and != only
    value       a number; of durations also 500ms 90s 30m 2h 1d, of ratios also 5%, of days also 7d
                'text', which is a date or moment of times; true, false; null

A value that is not known satisfies nothing but `== null`.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from dbt_discovery import Report
    from dbt_discovery.models.report import Column, Row

__all__ = ["Condition", "Outcome"]

Measure = Literal["any", "all", "sum", "rows"]

_FORM = re.compile(r"(?:(any|all|sum)\s*\(\s*([\w-]+)\s*\)|([\w-]+))\s*(>=|<=|==|!=|>|<)\s*(.+)")
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|%)?")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_EXAMPLES = "“avg_runtime > 30m”, “success_rate < 95%”, “status == 'error'” or “rows > 0”"
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        ">": operator.gt,
        ">=": operator.ge,
        "<": operator.lt,
        "<=": operator.le,
        "==": operator.eq,
        "!=": operator.ne,
    }
)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_WORDS = {"null": None, "true": True, "false": False}
_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it was written."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a condition came to.

    Attributes:
        held: Whether it held.
        said: That in a sentence.
    """

    held: bool
    said: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, as it was written, and in parts."""

    text: str
    measure: Measure
    key: str
    sign: str
    value: _Number | str | bool | None

    @classmethod
    def parse(cls, text: str) -> Condition:
        """The condition that a text is.

        Raises:
            click.UsageError: It is none; the message says which part is not right.
        """
        form = _FORM.fullmatch(text.strip())
        if form is None:
            raise click.UsageError(f"“{text}” is not a condition, such as {_EXAMPLES}")
        measure, inner, key, sign, written = form.groups()
        name = (inner or key).replace("-", "_")
        kind: Measure = "all" if measure == "all" else "sum" if measure == "sum" else "any"
        if not measure and name == "rows":
            kind = "rows"
        value = _value(written, text)
        if kind == "rows" and not (isinstance(value, _Number) and not value.unit):
            raise click.UsageError(f"“{text}”: rows is how many there are, to be compared with a number")
        if sign not in ("==", "!=") and (value is None or isinstance(value, bool)):
            raise click.UsageError(f"“{text}”: {written} is not more or less than anything; use == or !=")
        return cls(" ".join(text.split()), kind, name, sign, value)

    @property
    def needs_rows(self) -> bool:
        """Whether it looks into the rows, and not only at how many there are."""
        return self.measure != "rows"

    def check(self, report: Report, zone: tzinfo) -> Outcome:
        """What it comes to for a report with all its rows; times without a zone are the given one's.

        Raises:
            click.UsageError: The report has no such column, or one that cannot be compared so.
        """
        if self.measure == "rows":
            held = self._compare(float(report.total_rows), self._wanted(None, zone))
            return self._outcome(held, f": there are {report.total_rows:,}")
        column = self._column(report)
        wanted = self._wanted(column, zone)
        known = [(row, value) for row in report.rows if (value := _known(row, column, zone)) is not None]
        if self.measure == "sum":
            total = math.fsum(value for _, value in known)
            told = bool(known) or not report.rows  # nothing at all adds up to 0, what nobody knows to nothing
            return self._outcome(told and self._compare(total, wanted), f": it is {_words(total, column)}")
        if wanted is None:
            rows = [row for row in report.rows if (_known(row, column, zone) is None) is (self.sign == "==")]
            asked = len(report.rows)
        else:
            rows, asked = [row for row, value in known if self._compare(value, wanted)], len(known)
        held = len(rows) == asked > 0 if self.measure == "all" else bool(rows)
        return self._outcome(held, f", in {len(rows):,} of {len(report.rows):,} rows: {_named(rows, column, report)}")

    def _compare(self, value: Any, wanted: Any) -> bool:
        return _OPERATORS[self.sign](value, wanted)

    def _outcome(self, held: bool, detail: str) -> Outcome:
        return Outcome(held, f"Condition held: {self.text}{detail}." if held else f"Condition not held: {self.text}.")

    def _column(self, report: Report) -> Column:
        columns = {column.key: column for column in report.columns}
        if self.key in columns:
            return columns[self.key]
        near = get_close_matches(self.key, columns, 3, 0.6)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise click.UsageError(f"“{self.text}”: {report.name} has no {self.key}.{hint} It has {', '.join(columns)}")

    def _wanted(self, column: Column | None, zone: tzinfo) -> Any:
        """The value to compare with, in the unit of the column."""
        kind = column.type if column else "number"
        if self.measure == "sum" and (kind != "number" or (column and column.unit == "ratio")):
            raise click.UsageError(f"“{self.text}”: {self.key} cannot be added up")
        if self.value is None:
            return None
        match kind, self.value:
            case "number", _Number():
                return self._number(self.value, column.unit if column else "count")
            case "bool", bool():
                return self.value
            case "datetime", str():
                return self._moment(self.value, zone)
            case "text" | "id" | "link", str() if self.sign in ("==", "!="):
                return self.value
        takes = {"number": "a number", "bool": "true or false", "datetime": "a date or moment in quotes"}
        expected = takes.get(kind, "a text in quotes, with == or !=")
        raise click.UsageError(f"“{self.text}”: {self.key} is to be compared with {expected}")

    def _number(self, number: _Number, unit: str | None) -> float:
        if not number.unit:
            return number.value
        if unit == "seconds" and number.unit in _SECONDS:
            return number.value * _SECONDS[number.unit]
        if unit == "days" and number.unit == "d":
            return number.value
        if unit == "ratio" and number.unit == "%":
            return number.value / 100
        units = {"seconds": "ms, s, m, h or d", "days": "d", "ratio": "%"}.get(unit or "", "no unit")
        raise click.UsageError(f"“{self.text}”: {self.key} takes {units}, and not {number.unit}")

    def _moment(self, text: str, zone: tzinfo) -> datetime:
        try:
            return _aware(text, zone)
        except ValueError:
            raise click.UsageError(
                f"“{self.text}”: “{text}” is not a date or moment, such as 2026-11-18 or 2026-11-18T06:00:00Z"
            ) from None


def _value(written: str, text: str) -> _Number | str | bool | None:
    written = written.strip()
    if written in _WORDS:
        return _WORDS[written]
    if quoted := _QUOTED.fullmatch(written):
        return quoted[1] if quoted[1] is not None else quoted[2]
    if number := _NUMBER.fullmatch(written):
        return _Number(float(number[1]), number[2] or "")
    raise click.UsageError(
        f"“{text}”: “{written}” is no number such as 1800, 30m or 5%, no text in quotes, and not null, true or false"
    )


def _known(row: Row, column: Column, zone: tzinfo) -> Any:
    """The value of a row as it can be compared; None where there is none."""
    value = row.get(column.key)
    match column.type:
        case "number":
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            return value if number else None
        case "bool":
            return value if isinstance(value, bool) else None
        case "datetime":
            try:
                return _aware(value, zone) if isinstance(value, str) else None
            except ValueError:
                return None
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else None if value is None else str(value)


def _aware(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _named(rows: Sequence[Row], column: Column, report: Report) -> str:
    """What the first of some rows are called, each with its value."""
    name = next((each for each in report.columns if each.type == "text"), column)
    shown = [f"{_cell(row, name)} ({_cell(row, column)})" for row in rows[:_NAMED]]
    more = len(rows) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _cell(row: Row, column: Column) -> str:
    from dbt_discovery_web.rendering.words import cell, shortened

    return shortened(cell(row.get(column.key), column), 80)


def _words(value: float, column: Column) -> str:
    from dbt_discovery_web.rendering.words import cell

    return cell(value if value != int(value) else int(value), column)
