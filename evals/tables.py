"""How many answers are right, by kind and by part, and what came instead of the wrong ones."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from evals.asking import Outcome
from evals.questions import PARTS

__all__ = ["failures", "table"]

_WIDTH = 24


def table(outcomes: Sequence[Outcome]) -> str:
    """Right answers and their share for each kind, in each part and altogether, and what an answer costs."""
    parts = [part for part in PARTS if any(each.part == part for each in outcomes)]
    rates = [*parts, "all"] if len(parts) > 1 else ["all"]
    head = "".join(f"{name:>16}" for name in rates)
    lines = [f"{'kind':{_WIDTH}}{head}{'calls':>7}{'characters':>12}{'tokens':>8}{'withheld':>10}{'slowest':>9}"]
    kinds = sorted({each.kind for each in outcomes})
    groups = [*((kind, [each for each in outcomes if each.kind == kind]) for kind in kinds), ("all", outcomes)]
    lines += [f"{name:{_WIDTH}}{''.join(_rate(group, part) for part in rates)}{_cost(group)}" for name, group in groups]
    return "\n".join(lines)


def failures(outcomes: Sequence[Outcome]) -> str:
    """Each wrong answer: the question, what was expected, and what came."""
    return "\n".join(
        f"\n{_line(' → '.join(each.ask))}\n  expected  {each.expected}\n  but       {each.fault}"
        for each in outcomes
        if each.fault
    )


def _rate(group: Sequence[Outcome], part: str) -> str:
    own = [each for each in group if part in (each.part, "all")]
    if not own:
        return f"{'–':>16}"
    right = sum(not each.fault for each in own)
    return f"{f'{right}/{len(own)}':>9}{right / len(own):7.1%}"


def _cost(group: Sequence[Outcome]) -> str:
    calls, characters, tokens = (fmean(getattr(each, key) for each in group) for key in _MEANS)
    withheld, slowest = sum(each.withheld for each in group), max(each.seconds for each in group)
    return f"{calls:7.2f}{characters:12.0f}{tokens:8.0f}{withheld:10}{slowest:7.1f} s"


_MEANS = ("tool_calls", "characters", "tokens")


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"
