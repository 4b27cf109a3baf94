"""Measuring: seconds, requests, and the rows they become."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from benchmarks.serving import Served
from benchmarks.sizes import MEASUREMENTS

__all__ = ["Row", "Unit", "best", "ratio", "requests_of", "seconds_of", "table"]

Unit: TypeAlias = Literal["requests", "ratio", "ms", "MB", "times"]
_FORMATS: dict[Unit, str] = {
    "requests": "{:.0f}",
    "ratio": "{:.2f}",
    "ms": "{:.0f} ms",
    "MB": "{:.0f} MB",
    "times": "{:.1f}×",
}


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: What was measured.
        measured: The figure; None where it could not be had.
        unit: What it counts.
        target: The most it should be; None where there is no target.
        absolute: The seconds behind it, or whatever else a reader may want.
        least: The least it should be, where more is better.
    """

    what: str
    measured: float | None
    unit: Unit = "ratio"
    target: float | None = None
    absolute: str = ""
    least: float | None = None

    @property
    def met(self) -> str:
        """Whether the figure is on the right side of its target, as the table says it."""
        if self.target is None and self.least is None:
            return ""
        if self.measured is None or (self.target is not None and self.measured > self.target):
            return "no"
        return "yes" if self.least is None or self.measured >= self.least else "no"

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """The line, cell by cell."""
        figure = "—" if self.measured is None else _FORMATS[self.unit].format(self.measured)
        target = "" if self.target is None else f"≤ {_FORMATS[self.unit].format(self.target)}"
        target = target if self.least is None else f"≥ {_FORMATS[self.unit].format(self.least)}"
        return self.what, figure, target, self.met, self.absolute


def table(rows: Iterable[Row]) -> str:
    """All rows, one line each, in columns; figures to the right."""
    lines = [("what", "measured", "target", "met", "absolute"), *(row.cells for row in rows)]
    first, second, third, fourth = (max(len(line[place]) for line in lines) for place in range(4))
    return "\n".join(
        f"{what:{first}}  {measured:>{second}}  {target:>{third}}  {met:{fourth}}  {absolute}".rstrip()
        for what, measured, target, met, absolute in lines
    )


def seconds_of(ask: Callable[[], object]) -> float:
    """How long one ask takes."""
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


def best(measure: Callable[[], float]) -> float:
    """The shortest of several measurements."""
    return min(measure() for _ in range(MEASUREMENTS))


def ratio(what: str, ours: float, theirs: float, target: float, against: str) -> Row:
    """Our seconds in those of something else."""
    return Row(what, ours / theirs, "ratio", target, f"{ours:.3f} s; {against} {theirs:.3f} s")


def requests_of(served: Served, ask: Callable[[], object], path: str = "") -> int:
    """How many requests the served account has because of one ask: all, or those whose path ends so."""
    before = served.requests()
    ask()
    after = served.requests()
    return sum(count - before.get(each, 0) for each, count in after.items() if each.endswith(path))
