"""The figures that may be said: those of the reports, of the question and of the arguments."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_dbt_discovery.figures.quotations import numbers_in
from langchain_dbt_discovery.figures.reported import NAMES, SEEN_ROWS, ReportEvidence, RowEvidence
from langchain_dbt_discovery.figures.value import Value, values_of_text
from langchain_dbt_discovery.figures.words import CARDINALS, FRACTIONS, MULTIPLES

__all__ = ["Evidence", "Named"]

_WIDE_NAMES = ("project_name", "environment_name", "project_id")
_SHORTEST_QUOTE = 12
_NUMBER_WORDS = frozenset((*CARDINALS, *FRACTIONS, *MULTIPLES))
_SPACE = re.compile(r"\s+")


class Named(NamedTuple):
    """A row, and the column by whose value it is named."""

    key: str
    row: RowEvidence


class Evidence:
    """What the figures of an answer are found in.

    Args:
        reports: The reports of the conversation.
        question: Text of the person, whose figures may be said again.
        arguments: Text and numbers of the tools' arguments.
        texts: Texts, and JSON values with texts in them, in which names, ids and versions are found.
        asked: Whether a tool answered since the last question. Where none did, an answer can only ask back or say
            what can be asked: it names things that no report has named yet.
    """

    def __init__(
        self,
        reports: Sequence[ReportEvidence],
        question: str,
        arguments: str,
        texts: Sequence[Any],
        *,
        asked: bool = True,
    ) -> None:
        self.reports = reports
        self.asked = asked
        self._texts = texts
        self._question = question
        self._arguments = arguments
        self.names: dict[str, list[Named]] = defaultdict(list)
        for report in reports:
            for row in report.rows:
                for key in (*NAMES, *_WIDE_NAMES):
                    name = row.row.get(key)
                    if isinstance(name, str) and len(name) > 1:
                        self.names[name.lower()].append(Named(key, row))

    @classmethod
    def of(cls, messages: Sequence[BaseMessage]) -> Evidence:
        """The evidence that a conversation holds.

        Reports count with all of their rows; of earlier ones, which are kept with no more than the ids of their rows,
        what the model was told counts.
        """
        reports: list[ReportEvidence] = []
        question: list[str] = []
        arguments: list[str] = []
        texts: list[Any] = []
        asked = False
        for message in messages:
            if isinstance(message, HumanMessage):
                question.append(message.text)
                asked = False
            elif isinstance(message, AIMessage):
                arguments += [text for call in message.tool_calls for text in _leaves(call["args"])]
            elif isinstance(message, ToolMessage):
                artifact = message.artifact
                texts.append(message.text)
                asked = True
                if isinstance(artifact, Mapping) and "finding" in artifact:
                    texts.append(artifact)
                    arguments += _leaves(artifact.get("arguments") or {})
                    whole = _is_whole(artifact)
                    reports.append(
                        ReportEvidence.of_artifact(artifact) if whole else ReportEvidence.of_content(message.text)
                    )
                else:
                    reports.append(ReportEvidence.of_content(message.text))
        texts += [*question, *arguments]
        return cls(reports, "\n".join(question), "\n".join(arguments), texts, asked=asked)

    @cached_property
    def _text(self) -> str:
        """All text, in small letters and with single spaces."""
        return _SPACE.sub(" ", "\n".join(_leaves(self._texts)).lower())

    @cached_property
    def of_question(self) -> list[Value]:
        """The figures of the person's messages."""
        return list(values_of_text(self._question))

    @cached_property
    def of_arguments(self) -> list[Value]:
        """The figures of the tools' arguments, as text such as `last_14_days` has them."""
        text = self._arguments.replace("_", " ")
        return [value for line in text.splitlines() for value in values_of_text(line)]

    @cached_property
    def seen_rows(self) -> list[RowEvidence]:
        """The rows that a model was shown."""
        return [row for report in self.reports for row in report.rows[:SEEN_ROWS]]

    @cached_property
    def first_rows(self) -> list[RowEvidence]:
        """The first two rows of each report."""
        return [row for report in self.reports for row in report.rows[:2]]

    def pairs_of_findings(self, named: Sequence[RowEvidence]) -> Iterator[tuple[Value, Value]]:
        """The pairs of figures of each finding that a sentence which names these rows may compare."""
        for report in self.reports:
            yield from combinations(report.finding_of_all if named else report.finding_values, 2)

    def has_time(self, clock: str) -> bool:
        """Whether a report tells of a moment at a time of day such as `2:05`."""
        return re.search(rf"[t ]{re.escape(clock.zfill(5))}\b", self._text) is not None

    def quotes(self, sentence: str) -> bool:
        """Whether a sentence stands in a report word by word."""
        text = _SPACE.sub(" ", sentence).strip(" -*>").lower()
        return len(text) >= _SHORTEST_QUOTE and " " in text and text in self._text

    @cached_property
    def _numbers_asked(self) -> frozenset[str]:
        return numbers_in(self._question, _NUMBER_WORDS)

    def allows_quotation(self, words: str) -> bool:
        """Whether words may be quoted: numbers of the person's, or, where no tool answered, a name or an example."""
        return not self.asked or numbers_in(words, _NUMBER_WORDS) <= self._numbers_asked

    def without_quotes(self, text: str) -> str:
        """The text with spaces for what the reports say word by word of themselves: how they read the question."""
        lower = text.lower()
        cut = lower.rfind("…")  # a reading that is too long is told as far as it goes
        for report in self.reports:
            for said in report.said:
                if (start := lower.find(said)) >= 0:
                    text = text[:start] + " " * len(said) + text[start + len(said) :]
                elif 0 <= (start := lower.find(said[:_SHORTEST_QUOTE])) < cut and said.startswith(lower[start:cut]):
                    text = text[:start] + " " * (cut - start) + text[cut:]
        return text

    def has_word(self, word: str) -> bool:
        """Whether a word, such as an id, a version or a commit, stands in a report, the question or the arguments."""
        word = word.lower()
        if len(word) > 200:
            return False
        # A commit is told by its first characters.
        after = r"" if re.fullmatch(r"[0-9a-f]{7,40}", word) else r"(?![\w])"
        return word in self._text and re.search(rf"(?<![\w]){re.escape(word)}{after}", self._text) is not None


def _is_whole(artifact: Mapping[str, Any]) -> bool:
    """Whether an artifact has more of its rows than their ids."""
    rows = artifact.get("rows") or ()
    return not rows or any(not str(key).endswith("_id") for key in rows[0])


def _leaves(value: Any) -> list[str]:
    """The texts and numbers inside a JSON value, as text."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _leaves(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _leaves(each)]
    return [str(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []
