"""What one report holds: its rows, its columns, and what is said of it as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from langchain_dbt_discovery.figures.reading import plain
from langchain_dbt_discovery.figures.value import Kind, Value, values_of_row, values_of_text
from langchain_dbt_discovery.figures.words import NOUNS

__all__ = ["NAMES", "SEEN_ROWS", "ReportEvidence", "RowEvidence"]

NAMES = ("name", "job_name", "source", "bucket", "run_id", "unique_id", "job_id")
"""Columns by which a row is named, the most telling first."""
SEEN_ROWS = 20
"""Rows of a report that a model is shown."""
_LONGEST_LABEL = 60
_SHORTEST_SAID = 12
_UNITS: Mapping[str | None, Kind] = {
    "seconds": "time",
    "ratio": "ratio",
    "count": "count",
    "days": "plain",
    None: "plain",
}
_LINKS = re.compile(
    r"(?:[\s:=(§]|\b(?:of|for)\b(?=[a-z\s]{0,12}§)"
    r"|\b(?:is|was|are|were|about|around|at|to|the|a|only|just|in|job|model|run|test)\b)+$"
)


@dataclass(eq=False)
class RowEvidence:
    """One row of a report.

    Attributes:
        report: The report.
        index: Its place among the rows, from 0.
        row: Its values.
    """

    report: ReportEvidence
    index: int
    row: Mapping[str, Any]

    @cached_property
    def numbers(self) -> list[Value]:
        """The values of its columns of numbers."""
        return list(values_of_row(self.row, self.report.kinds))

    @cached_property
    def told(self) -> list[Value]:
        """The numbers that its texts tell."""
        texts = ((key, value) for key, value in self.row.items() if isinstance(value, str) and key in self.report.texts)
        return [value for key, text in texts for value in values_of_text(text, key)]


@dataclass(eq=False)
class ReportEvidence:
    """One report, whole or as far as a model was told of it.

    Attributes:
        kinds: The columns of numbers.
        texts: The columns of text that may tell of numbers.
        level: Values that hold for the report as a whole.
        limits: Values of how the question was read, such as the least change that counts.
        said: What it says of how it read the question, in lower case, that may be said again word by word.
        finding: The finding.
        labels: The columns by their labels and keys in lower case.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()
    level: list[Value] = field(default_factory=list)
    limits: list[Value] = field(default_factory=list)
    said: frozenset[str] = frozenset()
    finding: str = ""
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rows: list[RowEvidence] = field(default_factory=list)

    @classmethod
    def of_artifact(cls, artifact: Mapping[str, Any]) -> ReportEvidence:
        """A report with its rows."""
        columns = artifact.get("columns") or ()
        report = cls(
            kinds={c["key"]: _UNITS.get(c.get("unit"), "plain") for c in columns if c.get("type") == "number"},
            texts=frozenset(c["key"] for c in columns if c.get("type") == "text"),
            finding=str(artifact.get("finding") or ""),
            labels=_labels(columns),
            said=frozenset(_said_of_the_reading(artifact)),
        )
        report.rows = [RowEvidence(report, index, row) for index, row in enumerate(artifact.get("rows") or ())]
        report.level = list(_of_the_whole(artifact, len(report.rows)))
        report.limits = list(_of_the_reading(artifact))
        return report

    @classmethod
    def of_content(cls, content: str) -> ReportEvidence:
        """What a tool told a model, where its artifact is not at hand: a table's line is a row, named by its cells."""
        finding = re.search(r"^Finding: (.+)$", content, re.MULTILINE)
        report = cls(finding=finding[1] if finding else "", texts=frozenset({"line"}))
        for line in content.splitlines():
            cells = line.split(" | ")
            if len(cells) > 2:
                named = dict(zip(NAMES, (cell for cell in cells[:4] if len(cell) > 3), strict=False))
                report.rows.append(RowEvidence(report, len(report.rows) - 1, {**named, "line": line}))
            elif not line.startswith("Finding: "):
                report.level += values_of_text(line)
        return report

    @cached_property
    def finding_values(self) -> list[Value]:
        """The figures of the finding."""
        return list(values_of_text(self.finding))

    @cached_property
    def finding_of_all(self) -> list[Value]:
        """Those figures of the finding that it does not tell of the rows it names."""
        owners = [row for row in self.rows if self.names_in_finding(row)]
        owned = [value for row in owners for value in (*row.numbers, *row.told)]
        return [each for each in self.finding_values if not any(_same(each, value) for value in owned)]

    def ranks(self, row: RowEvidence, rank: float, *, from_least: bool) -> bool:
        """Whether a row has a rank: as the rows stand, or by one of the columns, from its greatest or least value."""
        if rank == row.index + 1:
            return True
        for key in self.kinds:
            if isinstance(own := row.row.get(key), int | float):
                others = [other.row.get(key) or 0 for other in self.rows]
                if rank == 1 + sum(other < own if from_least else other > own for other in others):
                    return True
        return False

    def names_in_finding(self, row: RowEvidence) -> bool:
        """Whether the finding speaks of a row."""
        text = self.finding.lower()
        return any(str(row.row[key]).lower() in text for key in self._telling_names if row.row.get(key))

    @cached_property
    def _telling_names(self) -> list[str]:
        """The columns of names that do not say the same of every row."""
        keys = [key for key in NAMES if any(row.row.get(key) for row in self.rows)]
        telling = [key for key in keys if len({row.row.get(key) for row in self.rows}) > 1]
        return telling or keys

    def columns_at_end(self, text: str) -> frozenset[str]:
        """The columns whose label a text ends with, but for words such as `is`, and the names of rows."""
        if not self.labels:
            return frozenset()
        words = _LINKS.sub("", text[-_LONGEST_LABEL:].lower())
        return self._with_longest([label for label in self.labels if _ends(words, label)])

    def columns_at_start(self, text: str) -> frozenset[str]:
        """The columns whose label a text begins with, unless it is a noun of which anything may be said."""
        words = text[:_LONGEST_LABEL].lower().lstrip()
        return self._with_longest(
            [label for label in self.labels if label not in NOUNS and re.match(rf"{re.escape(label)}\b", words)]
        )

    def _with_longest(self, labels: list[str]) -> frozenset[str]:
        longest = max(labels, key=len, default="")
        return self.labels.get(longest, frozenset())


def _ends(words: str, label: str) -> bool:
    begin = len(words) - len(label)
    return words.endswith(label) and not (begin and words[begin - 1].isalnum())


def _of_the_whole(artifact: Mapping[str, Any], shown: int) -> Iterator[Value]:
    total = int(artifact.get("total_rows") or 0)
    coverage = artifact.get("coverage") or {}
    counts = [total, shown, min(shown, SEEN_ROWS), total - shown, max(total - SEEN_ROWS, 0)]
    counts += [int(number) for number in (coverage.get("left_out") or {}).values()]
    for number in counts:
        yield Value(float(number), "count", "", "", float(number))
    unit = str(coverage.get("unit") or "").removesuffix("s")
    considered = float(coverage.get("considered") or 0)
    yield Value(considered, "count", "", unit, considered)
    period = artifact.get("period") or {}
    if period.get("start") and period.get("end"):
        length = datetime.fromisoformat(period["end"]) - datetime.fromisoformat(period["start"])
        yield Value(length.total_seconds(), "time", "", "", length.total_seconds())
    for text in (str(period.get("label") or ""), *map(str, artifact.get("notes") or ())):
        yield from values_of_text(text)


def _of_the_reading(artifact: Mapping[str, Any]) -> Iterator[Value]:
    yield from values_of_text(str(artifact.get("filter") or ""))
    for reading in artifact.get("reading") or ():
        yield from values_of_text(f"{reading.get('label', '')}: {reading.get('value', '')}")


def _said_of_the_reading(artifact: Mapping[str, Any]) -> Iterator[str]:
    for reading in artifact.get("reading") or ():
        value = str(reading.get("value") or "")
        for said in (value, f"{reading.get('label', '')}: {value}"):
            if len(said) >= _SHORTEST_SAID and " " in said:
                yield plain(said).lower()
    if len(of_filter := str(artifact.get("filter") or "")) >= _SHORTEST_SAID:
        yield plain(of_filter).lower()


def _labels(columns: Sequence[Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    labels: dict[str, frozenset[str]] = {}
    for column in columns:
        if column.get("type") == "number":
            for name in (column["label"], column["key"]):
                label = _LINKS.sub("", str(name).lower())
                labels[label] = labels.get(label, frozenset()) | {column["key"]}
    return labels


def _same(told: Value, value: Value) -> bool:
    return told.kind == value.kind and (
        abs(told.number - value.shown) < 1e-6 or abs(told.number - value.number) <= 0.0005 * abs(value.number)
    )
