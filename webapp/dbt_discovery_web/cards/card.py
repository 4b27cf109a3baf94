"""The card: one report as a page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Self

from dbt_discovery import DbtDiscoveryError, Report
from dbt_discovery.reports import find_report
from dbt_discovery.words import count
from markupsafe import Markup

from dbt_discovery_web.cards.addresses import Addresses
from dbt_discovery_web.cards.computing import Call
from dbt_discovery_web.cards.copying import Copy, copies_of, given_arguments
from dbt_discovery_web.cards.moments import local_moment, zone_name
from dbt_discovery_web.cards.readings import Reading, readings_of
from dbt_discovery_web.cards.table import Fact, Table, facts_of
from dbt_discovery_web.charts import draw_inline, drawing_of
from dbt_discovery_web.rendering.words import one_line

__all__ = ["Card", "Download"]

_BARS = 12
"""Bars that a card draws at most; the table beside them has every row."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take along, and what it is called there."""

    label: str
    address: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A report, ready to be drawn by `card.html`.

    Attributes:
        name: The report's name.
        title: The same for people.
        scope: Its period and filter, in words.
        finding: The answer in one sentence.
        told: Whether the finding stands right above the card already.
        chart: The chart as SVG, once for wide and once for narrow cards; none where none helps.
        chart_notes: What a chart leaves out.
        table: The rows; none where there is only one with much to tell, or none at all.
        facts: What the only row tells.
        basis: What the numbers rest on, whose they are, and of when.
        incomplete: Whether data inside the question is missing, or older than asked for.
        notes: What else there is to know.
        chips: The readings that can be changed with a click.
        settled: The readings that cannot.
        definition: What the report is, in a sentence.
        calls: How it was computed.
        copies: The same report in the words of other doors.
        downloads: The same report as files.
        page: Its page.
        longer: Its page with more rows; nothing where it has them all.
    """

    name: str
    title: str
    scope: str
    finding: str
    told: bool = False
    chart: Markup | None
    chart_notes: tuple[str, ...]
    table: Table | None
    facts: tuple[Fact, ...]
    basis: str
    incomplete: bool
    notes: tuple[str, ...]
    chips: tuple[Reading, ...]
    settled: tuple[Reading, ...]
    definition: str
    calls: tuple[Call, ...]
    copies: tuple[Copy, ...]
    downloads: tuple[Download, ...]
    page: str
    longer: str

    @classmethod
    def of(
        cls,
        report: Report | Mapping[str, Any],
        *,
        zone: tzinfo,
        origin: str = "",
        seconds: float | None = None,
        calls: Sequence[Call] = (),
    ) -> Self:
        """The card of a report.

        Args:
            report: The report, or its JSON.
            zone: The zone of days and times.
            origin: Where this server is found, such as `http://127.0.0.1:8000`.
            seconds: How long it took, where it was computed for this card alone.
            calls: The calls of tools that it came from, where it was not.

        Raises:
            ValidationError: The JSON is no report's.
        """
        whole = report if isinstance(report, Report) else Report.model_validate(report)
        addresses, readings = Addresses(whole), readings_of(whole)
        single = whole.about_one_thing
        chart, chart_notes = _chart(whole, zone)
        own = Call.of(f"dbt_{whole.name}", given_arguments(whole), seconds, len(whole.rows))
        return cls(
            name=whole.name,
            title=one_line(whole.title),
            scope=_scope(whole),
            finding=one_line(whole.finding),
            chart=chart,
            chart_notes=chart_notes,
            table=Table.of(whole, zone) if whole.rows and not single else None,
            facts=facts_of(whole, zone) if single else (),
            basis=_basis(whole, zone),
            incomplete=whole.stale or not whole.coverage.complete,
            notes=tuple(map(one_line, whole.notes)),
            chips=tuple(reading for reading in readings if reading.alternatives),
            settled=tuple(reading for reading in readings if not reading.alternatives),
            definition=_definition(whole.name),
            calls=tuple(calls) or (own,),
            copies=copies_of(whole, origin),
            downloads=_downloads(whole, addresses, drawn=chart is not None),
            page=addresses.page,
            longer=addresses.longer,
        )

    def below(self, sentence: str) -> Self:
        """The card as it stands below a text, which need not be said again."""
        return replace(self, told=self.finding in sentence)


def _chart(report: Report, zone: tzinfo) -> tuple[Markup | None, tuple[str, ...]]:
    """A report's chart and what it leaves out; none of fewer than two values, which a sentence tells better."""
    drawing = drawing_of(report, zone, _BARS)
    if drawing is None or sum(mark.end is not None for mark in drawing.marks) < 2:
        return None, ()
    return Markup(draw_inline(drawing)), drawing.notes  # whose text all went in as text


def _scope(report: Report) -> str:
    period = report.period.label if report.period else ""
    parts = [part for part in report.filter.split("; ") if part != "everything" and not period.startswith(part)]
    return one_line(" · ".join(part for part in (period, *parts) if part))


def _basis(report: Report, zone: tzinfo) -> str:
    coverage = report.coverage
    left_out = [f"{number:,} {reason.replace('_', ' ')}" for reason, number in coverage.left_out.items() if number]
    parts = [f"Based on {count(coverage.considered, coverage.unit.removesuffix('s'))}"]
    parts += [f"left out: {', '.join(left_out)}"] if left_out else []
    parts += [] if coverage.complete else ["incomplete: some data was not available"]
    parts += [f"{report.source.label}, as of {local_moment(report.as_of, zone)} {zone_name(zone)}"]
    parts += ["older data, as a refresh failed"] if report.stale else []
    return one_line(" · ".join(parts)) + "."


def _definition(name: str) -> str:
    try:
        return find_report(name).summary
    except DbtDiscoveryError:
        return ""


def _downloads(report: Report, addresses: Addresses, *, drawn: bool) -> tuple[Download, ...]:
    files = [Download("Markdown", addresses.markdown, f"{report.name}.md")]
    if report.rows:
        files.insert(0, Download("CSV of all rows", addresses.rows, f"{report.name}.csv"))
    if drawn:
        files.append(Download("SVG of the chart", addresses.picture, f"{report.name}.svg"))
    return tuple(files)
