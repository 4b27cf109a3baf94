"""Anomalies: runs that took unusually long or short, and moments from which on all of them do.

Durations are compared as logarithms: a job's runs scatter by a percentage of their length, and not by seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Literal

from dbt_discovery.analysis.level_shifts import level_shifts
from dbt_discovery.analysis.seasons import TO_DEVIATION, local_level, seasonal_effects

__all__ = ["FEWEST_RUNS", "SENSITIVITIES", "Anomaly", "Judgement", "Sensitivity", "judge"]

Sensitivity = Literal["low", "normal", "high"]

SENSITIVITIES: dict[Sensitivity, tuple[float, float]] = {
    "low": (5.0, 0.001),
    "normal": (3.5, 0.01),
    "high": (2.5, 0.05),
}
"""From which modified z-score on a run is unusual, and how likely chance alone may make a shift of level."""
FEWEST_RUNS = 10
"""With fewer successful runs it is not known what is usual."""
_LEAST_SHIFT = log(1.15)
_LEAST_PART = 0.2
_LEAST_SECONDS = 5.0
_LEAST_SPREAD = 0.02
_SHORTEST = 1e-3


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A run that stands out, or begins a new level.

    Attributes:
        place: Which of the runs it is.
        shift: Whether a new level begins with it; else it stands alone.
        runtime: Seconds it took; of a shift, the median at the new level.
        expected: Seconds that were to be expected; of a shift, the median at the level before.
        deviation: Its modified z-score; of a shift, the distance of both levels in the same measure.
    """

    place: int
    shift: bool
    runtime: float
    expected: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is unusual in a series of runs.

    Attributes:
        anomalies: What is unusual, in order.
        seasonal: Whether there were enough runs to allow for the weekday and the hour.
    """

    anomalies: tuple[Anomaly, ...]
    seasonal: bool


def judge(
    moments: Sequence[datetime], runtimes: Sequence[float], usual: Sequence[bool], sensitivity: Sensitivity
) -> Judgement | None:
    """What is unusual in a series of runs; None where too few of them show what is usual.

    - *Season*: what the hour of the weekday (or of the day) usually adds is taken off.
    - *Level shift*: a rank test finds where the rest changes its level, by 15 % at least, for five runs at least.
    - *Outlier*: a run whose modified z-score 0.6745 (x - median) / MAD lies above 3.5, where the median is the one of
      its level and MAD the median absolute deviation of all runs from theirs (B. Iglewicz and D. C. Hoaglin, "How to
      Detect and Handle Outliers", 1993). MAD is taken as 1.35 % at least, and a run has to be 20 % and five seconds
      away from what was expected, so that runs that are nearly all alike do not make a small difference an outlier.

    Args:
        moments: When each run began, in the zone whose hours count, in order.
        runtimes: Seconds that each took.
        usual: Whether a run succeeded. One that failed may have stopped early: it shows nothing of what is usual, and
            is unusual only if it took longer.
        sensitivity: How readily something counts as unusual.
    """
    shown = [place for place, own in enumerate(usual) if own]
    if len(shown) < FEWEST_RUNS:
        return None
    if max(runtimes) < _LEAST_SECONDS:
        return Judgement((), True)
    least_score, chance = SENSITIVITIES[sensitivity]
    logs = [log(max(runtime, _SHORTEST)) for runtime in runtimes]
    known, taken = [logs[place] for place in shown], [moments[place] for place in shown]
    level, around = local_level(taken, known)
    effect = seasonal_effects(taken, known, level, around)
    effects = [effect(moment) if effect else 0.0 for moment in moments]
    steady = [logs[place] - effects[place] for place in shown]
    shifts = []
    if max(level) - min(level) >= _LEAST_SHIFT or len(shown) < 2 * FEWEST_RUNS:
        shifts = level_shifts(steady, least=_LEAST_SHIFT, chance=chance)
    edges = [0, *shifts, len(steady)]
    levels = [own for start, end in pairwise(edges) for own in [median(steady[start:end])] * (end - start)]
    away = [value - own for value, own in zip(steady, levels, strict=True)]
    spread = max(_LEAST_SPREAD, TO_DEVIATION * median(map(abs, away)))
    found = [_shift(shown, runtimes, levels, spread, *three) for three in zip(edges, shifts, edges[2:], strict=False)]
    for place, own in enumerate(_spread_out(levels, shown, len(logs))):
        deviation = (logs[place] - effects[place] - own) / spread
        expected = exp(own + effects[place])
        far = abs(runtimes[place] - expected) >= max(_LEAST_SECONDS, _LEAST_PART * expected)
        if far and abs(deviation) > least_score and (usual[place] or deviation > 0):
            found.append(Anomaly(place, False, runtimes[place], expected, deviation))
    return Judgement(tuple(sorted(found, key=lambda each: (each.place, not each.shift))), effect is not None)


def _spread_out(levels: Sequence[float], shown: Sequence[int], size: int) -> list[float]:
    """The level at every run, given that at those which show it: the others have that of the one before."""
    found, known = [levels[0]] * size, dict(zip(shown, levels, strict=True))
    for place in range(size):
        found[place] = known.get(place, found[place - 1] if place else levels[0])
    return found


def _shift(
    shown: Sequence[int],
    runtimes: Sequence[float],
    levels: Sequence[float],
    spread: float,
    start: int,
    place: int,
    end: int,
) -> Anomaly:
    before, after = ([runtimes[shown[each]] for each in span] for span in (range(start, place), range(place, end)))
    return Anomaly(shown[place], True, median(after), median(before), (levels[place] - levels[place - 1]) / spread)
