"""The questions, and what a right answer to each rests on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

__all__ = ["PARTS", "Call", "Lookup", "Question", "questions", "read"]

PARTS = ("tuned", "untouched")
"""Questions that the rules were written with, and those that were written after them."""

_SETS = Path(__file__).with_name("sets")


def _said(messages: Any) -> list[Any]:
    """The messages of a thread; a table stands for one that holds a filler many times."""
    return [_long(**each) if isinstance(each, dict) else each for each in _several(messages)]


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _long(text: str, filler: str, times: int) -> str:
    return text.replace("{filler}", filler * times)


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Call(_Declared):
    """A report and the arguments that a question fixes; an argument may be a `Lookup`."""

    report: str
    arguments: dict[str, Any] = {}

    def __str__(self) -> str:
        return " ".join([self.report, *(f"{key}={value}" for key, value in self.arguments.items())])


class Lookup(_Declared):
    """A name or a figure that is worked out from the raw records when it is needed.

    Attributes:
        report: What is to be worked out: the rows that this report should have …
        arguments: … with these arguments.
        key: Which value of a row; `total_rows` is the number of rows.
        row: Which row, from 1.
    """

    report: str = Field(alias="from")
    arguments: dict[str, Any] = {}
    key: str
    row: int = Field(default=1, ge=1)

    def __str__(self) -> str:
        return f"the {self.key} of row {self.row} of {Call(report=self.report, arguments=self.arguments)}"


class Question(_Declared):
    """A question, and what a right answer is: one of the first five, and what its words have to hold.

    Attributes:
        kind: What is difficult about it.
        ask: The messages of a thread; the answer to the last one counts.
        report: A right answer rests on this report …
        arguments: … with these arguments, and no other that changes the rows.
        both: A right answer rests on all of these, in any order.
        asks: A right answer asks back and offers these names.
        unknown: A right answer says that this name is not known.
        cannot: A right answer says that this cannot be answered; beside a report: that the rest of it cannot be done.
        also: Reports any one of which is as right an answer.
        steps: Reports that have to be made before, in this order.
        says: Words, names and figures that the answer has to hold.
        silent: Words that the answer must not hold.
        part: Which part of the set it belongs to.
        family: The file it is in.
    """

    kind: str = Field(min_length=1)
    ask: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_said), Field(min_length=1)]
    report: str | None = None
    arguments: dict[str, Any] = {}
    both: tuple[Call, ...] = ()
    asks: tuple[str, ...] = ()
    unknown: str | None = None
    cannot: bool = False
    also: tuple[Call, ...] = ()
    steps: tuple[Call, ...] = ()
    says: Annotated[tuple[str | Lookup, ...], BeforeValidator(_several)] = ()
    silent: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    part: str = PARTS[0]
    family: str = ""

    @model_validator(mode="after")
    def _one_expectation(self) -> Question:
        expected = [self.report, self.both, self.asks, self.unknown, self.cannot and not self.report]
        if sum(map(bool, expected)) != 1:
            raise ValueError(f"{self.title!r} should expect one of report, both, asks, unknown and cannot")
        if (self.arguments or self.steps) and not self.report:
            raise ValueError(f"{self.title!r} has arguments or steps, but no report")
        if len(self.both) == 1:
            raise ValueError(f"{self.title!r} has one report in both")
        return self

    @property
    def title(self) -> str:
        """The last message, cut to a line."""
        line = " ".join(self.ask[-1].split())
        return line if len(line) <= 160 else f"{line[:160]}…"

    @property
    def calls(self) -> tuple[Call, ...]:
        """The reports that a right answer rests on."""
        return self.both or ((Call(report=self.report, arguments=self.arguments),) if self.report else ())

    @property
    def expected(self) -> str:
        """What a right answer is, in words."""
        if self.calls:
            several = " and ".join(map(str, self.calls))
            steps = f" after {', '.join(map(str, self.steps))}" if self.steps else ""
            expected = f"{several}{steps}" + (", and that the rest cannot be done" if self.cannot else "")
        elif self.asks:
            expected = f"a question back that offers {' or '.join(self.asks)}"
        else:
            expected = f"that “{self.unknown}” is not known" if self.unknown else "that this cannot be answered"
        expected += f", or {' or '.join(map(str, self.also))}" if self.also else ""
        return expected + (f", saying {' and '.join(map(str, self.says))}" if self.says else "")


def questions(parts: Sequence[str] = PARTS) -> list[Question]:
    """All questions of these parts, file by file.

    Raises:
        ValueError: A question is not well formed, or is asked twice.
    """
    found = [each for part in parts for each in read(sorted((_SETS / part).glob("*.toml")), part)]
    asked: dict[tuple[str, ...], Question] = {}
    for each in found:
        same = asked.setdefault(tuple(" ".join(message.split()).lower() for message in each.ask), each)
        if same is not each:
            raise ValueError(f"{each.title!r} is asked in {same.part}/{same.family} and in {each.part}/{each.family}")
    return found


def read(files: Iterable[Path], part: str = PARTS[0]) -> list[Question]:
    """The questions of these files, in order.

    Raises:
        ValueError: A file is not TOML, or a question of it is not well formed.
    """
    found = []
    for file in files:
        for table in tomllib.loads(file.read_text(encoding="utf-8")).get("question", []):
            try:
                found.append(Question(**table, part=part, family=file.stem))
            except ValueError as error:
                raise ValueError(f"{file.name}: {table.get('ask')!r:.200}: {error}") from error
    return found
