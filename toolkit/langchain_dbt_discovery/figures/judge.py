"""The judge of sentences: whether every figure of one was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice

from langchain_dbt_discovery.figures.claims import claims, is_of_the_question
from langchain_dbt_discovery.figures.comparison import compares, follows, pairs_of_rows
from langchain_dbt_discovery.figures.evidence import Evidence
from langchain_dbt_discovery.figures.figure import Figure
from langchain_dbt_discovery.figures.idioms import without_idioms
from langchain_dbt_discovery.figures.naming import Mention, assignments, distinct, masked, mentions_in
from langchain_dbt_discovery.figures.quotations import quotations, without_quotations
from langchain_dbt_discovery.figures.reading import figures_in, plain
from langchain_dbt_discovery.figures.reported import ReportEvidence, RowEvidence
from langchain_dbt_discovery.figures.table import Table
from langchain_dbt_discovery.figures.thresholds import holds_against, is_threshold
from langchain_dbt_discovery.figures.totals import sums_up
from langchain_dbt_discovery.figures.value import Value, says
from langchain_dbt_discovery.figures.verbs import spoken_of

__all__ = ["Judge"]

_POINTING = re.compile(
    r"\s*(?:[-*•]\s+)?(?:it|its|it's|they|their|this|that|these|those|both|the (?:job|model|run|test|source))\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s+[-*•]\s")
_LISTED = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s")
_QUESTION = re.compile(r"[“\"][^”\"]*\?[”\"]")
_MORE = re.compile(r"^\s*(?:…|\.\.\.) and \d+ more\b")
_LEAST = re.compile(
    r"\b(?:least|shortest|fastest|quickest|lowest|smallest|fewest|best|oldest|earliest)\b", re.IGNORECASE
)
_OF_ALL = re.compile(r"\b(?:of|all|the|and|over)\s+$", re.IGNORECASE)
_MOST_COMPARED = 8
_MOST_FIGURES = 100
"""Figures of one sentence from which on it is none that anybody could read, and is not allowed."""


class Judge:
    """Judges the sentences of one answer, in order: a sentence may be about what the one before it named.

    Where a sentence names rows, its figures have to be theirs, or hold for a report as a whole. Where it names none
    they may be of any row that a model is shown, unless it points at the rows named before.

    Args:
        evidence: What the figures are found in.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._topic: list[RowEvidence] = []
        self._offers = False
        self._table = Table()

    def allows(self, sentence: str) -> bool:
        """Whether every figure of the sentence was found, or is none that has to be."""
        if not sentence.strip():
            return True
        text = plain(sentence)
        line = self._table.line(text)
        mentions = mentions_in(text, self._evidence.names)
        topic = self._topic
        if mentions:
            self._topic = [row for mention in mentions for row in mention.rows]
        about = topic if _POINTING.match(text) or _ITEM.match(text) else []
        text = self._claims(text, mentions, about)
        figures = list(islice(figures_in(text), _MOST_FIGURES))
        if not mentions and self._is_choice(sentence):
            figures = [figure for figure in figures if claims(text, figure.start)]
        if line:
            figures = [line.read(figure) for figure in figures if not line.numbers(figure)]
        if not figures or self._evidence.quotes(sentence):
            return True
        if len(figures) == _MOST_FIGURES:
            return False
        if mentions:
            rows = self._topic
            return any(self._found(text, figures, ways, rows, line) for ways in assignments(text, figures, mentions))
        return self._found(text, figures, [about] * len(figures), about, line)

    def _is_choice(self, sentence: str) -> bool:
        """Whether a sentence is one of the names to choose from, below a question back."""
        is_item = _LISTED.match(sentence) is not None
        self._offers = not self._evidence.asked and (
            (self._offers and is_item) or sentence.rstrip(" \n*_").endswith("?")
        )
        return self._offers and is_item

    def _claims(self, text: str, mentions: Sequence[Mention], about: Sequence[RowEvidence]) -> str:
        """The text without what claims nothing: names, questions as examples, words of the report on its reading.

        Nor does a quotation of the person's words, in a sentence that is about the question or about no row.
        """
        kept = self._evidence.without_quotes(text)
        spans = list(quotations(text))
        inside = [any(start < mention.start and mention.end < end for start, end in spans) for mention in mentions]
        if spans and (is_of_the_question(text) or (all(inside) and not about)):
            kept = without_quotations(kept, self._evidence.allows_quotation)
        both = zip(masked(text, mentions), kept, strict=True)
        text = "".join(" " if left == " " else letter for letter, left in both)
        text = without_idioms(_QUESTION.sub(_blank, text))
        return text if self._evidence.asked else _MORE.sub(_blank, text)

    def _found(
        self,
        text: str,
        figures: Sequence[Figure],
        rows_of: Sequence[list[RowEvidence]],
        named: list[RowEvidence],
        line: Table.Line | None,
    ) -> bool:
        """Whether each figure is found in the rows it belongs to, holds for a whole report, or follows from others."""
        found: list[Value] = []
        missing: list[tuple[Figure, list[RowEvidence], bool]] = []
        for figure, rows in zip(figures, rows_of, strict=True):
            if figure.unit == "identifier":
                if not self._may_name(figure.text):
                    return False
                continue
            columns, strictly = self._columns_of(figure, text, line)
            if value := next(self._saying(figure, text, rows, columns, strictly=strictly), None):
                found.append(value)
            elif strictly:
                return False
            elif not self._is_told(figure, text, rows, named):
                if len(missing) == _MOST_COMPARED:
                    return False
                missing.append((figure, rows, any(columns.values())))
        said = list(combinations(found, 2))
        compared = compares(text)
        for figure, rows, tied in missing:
            several = distinct(named)[:_MOST_COMPARED] or ([] if sums_up(text) else self._evidence.first_rows)
            pairs = [
                *said,
                *pairs_of_rows(distinct(rows)[:_MOST_COMPARED] or several, several, with_neighbours=compared),
                *self._evidence.pairs_of_findings(named),
            ]
            if not follows(figure, text, pairs, tied=tied):
                return False
        return True

    def _columns_of(
        self, figure: Figure, text: str, line: Table.Line | None
    ) -> tuple[Mapping[ReportEvidence, frozenset[str]], bool]:
        """The columns whose label stands above or before a figure, which is then said of them alone, or after it."""
        reports = self._evidence.reports
        label = line.head_of(figure) if line else text[: figure.start]
        columns = {report: report.columns_at_end(label) for report in reports}
        if any(columns.values()):
            return columns, True
        rest = text[figure.start + len(figure.text) :]
        return {report: report.columns_at_start(rest) for report in reports}, False

    def _saying(
        self,
        figure: Figure,
        text: str,
        rows: list[RowEvidence],
        columns: Mapping[ReportEvidence, frozenset[str]],
        *,
        strictly: bool,
    ) -> Iterator[Value]:
        """The values that a figure says: of the rows those in the columns, if any; strictly, nothing besides."""
        tied = any(columns.values())
        of_all = not rows and not tied and sums_up(text)
        for row in rows or self._evidence.seen_rows:
            keys = columns[row.report]
            if (tied and not keys) or (of_all and len(row.report.rows) > 1):
                continue
            numbers = row.numbers if tied else spoken_of(figure, text, row.numbers)
            yield from (
                value for value in (*numbers, *row.told) if (not tied or value.key in keys) and says(figure, value)
            )
        if tied and rows:
            return
        for report in self._evidence.reports:
            named = not rows or any(row.report is report and report.names_in_finding(row) for row in rows)
            finding = report.finding_values if named and not of_all else report.finding_of_all
            level = report.level if not rows or figure.unit != "bare" or _OF_ALL.search(text[: figure.start]) else []
            yield from (value for value in (*level, *finding) if says(figure, value))
        threshold = is_threshold(text, figure) and holds_against(text, figure, rows)
        if not rows or threshold:
            limits = (value for report in self._evidence.reports for value in report.limits)
            yield from (value for value in (*self._evidence.of_arguments, *limits) if says(figure, value))
        if threshold or not (rows or claims(text, figure.start)):
            yield from (value for value in self._evidence.of_question if says(figure, value))

    def _may_name(self, word: str) -> bool:
        """Whether a word with digits may be said: it was found, or it is a name in a question back."""
        asks_back = not self._evidence.asked and any(char.isalpha() for char in word)
        return asks_back or self._evidence.has_word(word)

    def _is_told(self, figure: Figure, text: str, rows: list[RowEvidence], named: list[RowEvidence]) -> bool:
        """Whether a figure counts what the sentence names, ranks a row, or is a time of day."""
        if ":" in figure.text:
            return self._evidence.has_time(figure.text)
        if figure.unit == "rank":
            least = _LEAST.search(text) is not None
            ranked = rows or self._evidence.seen_rows
            return any(row.report.ranks(row, figure.value, from_least=least) for row in ranked)
        if figure.unit not in ("count", "bare"):
            return False
        if named and (figure.noun or figure.value > 1) and figure.value == len(distinct(named)):
            return True
        return not rows and is_threshold(text, figure) and figure.value <= len(self._evidence.seen_rows)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
