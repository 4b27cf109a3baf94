"""The questions, and what a right answer to each rests on."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

__all__ = ["Question", "questions"]

_FILE = Path(__file__).with_name("questions.toml")

Messages = Annotated[tuple[str, ...], BeforeValidator(lambda said: [said] if isinstance(said, str) else said)]


class Question(BaseModel):
    """A question, and the one of four things that a right answer is.

    Attributes:
        kind: What is difficult about it.
        ask: The messages of a thread; the answer to the last one counts.
        report: A right answer rests on this report …
        arguments: … with at least these arguments.
        asks: A right answer asks back and offers these names.
        unknown: A right answer says that this name is not known.
        cannot: A right answer says that this cannot be answered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    ask: Messages
    report: str | None = None
    arguments: dict[str, Any] = {}
    asks: tuple[str, ...] = ()
    unknown: str | None = None
    cannot: bool = False

    @model_validator(mode="after")
    def _one_expectation(self) -> Question:
        expected = [self.report, self.asks, self.unknown, self.cannot]
        if sum(map(bool, expected)) != 1 or (self.arguments and not self.report):
            raise ValueError(f"{self.ask[-1]!r} should expect one of report, asks, unknown and cannot")
        return self

    @property
    def expected(self) -> str:
        """What a right answer is, in words."""
        if self.report:
            given = " ".join(f"{key}={value}" for key, value in self.arguments.items())
            return f"{self.report} {given}".strip()
        if self.asks:
            return f"a question back that offers {' or '.join(self.asks)}"
        return f"that “{self.unknown}” is not known" if self.unknown else "that this cannot be answered"


def questions() -> list[Question]:
    """All questions, in the order of the file."""
    return [Question(**each) for each in tomllib.loads(_FILE.read_text(encoding="utf-8"))["question"]]
