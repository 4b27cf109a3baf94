"""The report: what every door gives as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar, overload

from pydantic import Field, PlainSerializer

from dbt_discovery.models.base import FrozenModel
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.period import TimeRange

__all__ = [
    "Alternative",
    "Chart",
    "Column",
    "Coverage",
    "Instant",
    "LeftOut",
    "Reading",
    "Report",
    "ReportPeriod",
    "Row",
    "Source",
    "iso",
]

T = TypeVar("T")

_WIDE = 8
"""Columns beyond which a table of a single row is hard to read."""
Row = dict[str, Any]
LeftOut = Literal[
    "cancelled",
    "running",
    "never_started",
    "not_retained",
    "no_permission",
    "no_timing",
    "upstream_error",
]


@overload
def iso(moment: datetime) -> str: ...
@overload
def iso(moment: datetime | None) -> str | None: ...
def iso(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC with `Z`, to the millisecond where it has a fraction; None of none."""
    if moment is None:
        return None
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=spec).replace("+00:00", "Z")


Instant = Annotated[datetime, PlainSerializer(iso, return_type=str)]


class Source(FrozenModel):
    """Where the numbers come from; every door shows `label`."""

    kind: Literal["dbt_cloud", "sandbox", "artifacts"]
    host: str
    account_id: str
    label: str = Field(description="For people: “Sandbox data”, “Artifacts of coffee_shop”, “dbt Cloud account 1”.")


class Alternative(FrozenModel):
    """Another way to take the question: the same report with these arguments instead."""

    label: str
    arguments: dict[str, Any]


class Reading(FrozenModel):
    """One assumption made in reading the question, and how else it could be made."""

    key: str
    label: str
    value: str
    alternatives: tuple[Alternative, ...] = ()


class ReportPeriod(FrozenModel):
    """The stretch of time the report covers: `start` inclusive, `end` exclusive."""

    label: str
    start: Instant
    end: Instant
    timezone: str

    @classmethod
    def of(cls, span: TimeRange) -> ReportPeriod:
        """The period of a resolved time range."""
        return cls(label=span.label, start=span.start, end=span.end, timezone=span.timezone)


class Column(FrozenModel):
    """One column of the rows: `key` finds its value in a row."""

    key: str
    label: str
    type: Literal["text", "number", "datetime", "id", "link", "bool"] = "text"
    unit: Literal["seconds", "ratio", "count", "days"] | None = None


class Coverage(FrozenModel):
    """What the numbers rest on.

    `complete` is false when data inside the question is missing, never because of `limit`.
    """

    unit: Literal["runs", "models", "tests", "sources"]
    considered: int
    left_out: dict[LeftOut, int] = Field(default_factory=dict)
    complete: bool = True


class Chart(FrozenModel):
    """How to draw the rows; every value is the key of a column."""

    kind: Literal["bar", "line", "gantt"]
    x: str
    y: tuple[str, ...]
    series: str | None = None


class Report(FrozenModel):
    """An answer: a sentence, the rows behind it, and all that is needed to check both.

    Runtimes are seconds, ratios run from 0 to 1, times are ISO 8601 in UTC with `Z`, ids are text. `path` is the
    REST path, relative to the web app, that gives the same report.
    """

    name: str
    title: str
    finding: str
    source: Source
    arguments: dict[str, Any]
    reading: tuple[Reading, ...] = ()
    period: ReportPeriod | None = None
    filter: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total_rows: int
    coverage: Coverage
    as_of: Instant
    stale: bool = False
    notes: tuple[str, ...] = ()
    chart: Chart | None = None
    path: str

    @property
    def about_one_thing(self) -> bool:
        """Whether it tells much of a single thing, which is better read line by line than as a table of one row."""
        return len(self.rows) == self.total_rows == 1 and len(self.columns) > _WIDE

    def listing(self, items: Sequence[T]) -> Listing[T]:
        """Things that stand for the rows, as a listing with the report's own account of itself."""
        return Listing(
            items,
            total=self.total_rows,
            as_of=self.as_of,
            stale=self.stale,
            coverage=self.coverage,
            notes=self.notes,
        )

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return self.model_dump(mode="json")
