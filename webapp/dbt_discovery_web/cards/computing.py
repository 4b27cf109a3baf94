"""Computing: how the numbers of a card came about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from dbt_discovery.words import count, duration

from dbt_discovery_web.rendering.words import one_line

__all__ = ["Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool.

    Attributes:
        tool: The tool's name.
        arguments: What it was given, in words.
        took: How long it took.
        rows: How many rows it gave, or that it gave none.
    """

    tool: str
    arguments: str
    took: str
    rows: str

    @classmethod
    def of(cls, tool: str, arguments: Mapping[str, Any], seconds: float | None, rows: int | None) -> Self:
        """A call, as it was made."""
        told = [one_line(f"{name}: {_told(value)}") for name, value in arguments.items()]
        return cls(
            one_line(tool),
            ", ".join(told) or "no arguments",
            "" if seconds is None else elapsed(seconds),
            "no report" if rows is None else count(rows, "row"),
        )

    @classmethod
    def made(cls, calls: Sequence[Mapping[str, Any]]) -> tuple[Self, ...]:
        """The calls that are kept with an answer."""
        return tuple(cls.of(call["name"], call["args"], call["seconds"], call["rows"]) for call in calls)


def elapsed(seconds: float) -> str:
    """How long something took just now: `140 ms`, or as any duration."""
    return f"{max(1, round(seconds * 1000))} ms" if seconds < 1 else duration(seconds)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
