"""Comparison of how long something took in two stretches of time, and whether the difference means anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from dbt_discovery.analysis.rank_tests import chance_of_difference

__all__ = ["FEWEST", "Comparison"]

FEWEST = 3
"""With fewer runs on a side nothing is said about whether a change is notable."""
_LEAST = 0.1
_GAP = 1.25


@dataclass(frozen=True, slots=True)
class Comparison:
    """How long something took before and after; all in seconds, and of at least one run each.

    Attributes:
        runs_before: How many runs there were before.
        runs_after: How many there were after.
        before: Their median before.
        after: Their median after.
        mean_before: Their mean before.
        mean_after: Their mean after.
        notable: Whether the change means something, by the rule of `of`; None where the runs are too few to tell.
    """

    runs_before: int
    runs_after: int
    before: float
    after: float
    mean_before: float
    mean_after: float
    notable: bool | None

    @classmethod
    def of(cls, before: Sequence[float], after: Sequence[float], chance: float = 0.01) -> Comparison:
        """The comparison of the runtimes before with those after.

        A change is notable if the medians differ by a tenth of the one before at least, and one of these holds:

        - Chance alone would hardly ever set the runs that far apart, as the rank test of Mann and Whitney has it: in
          less than one of a hundred cases, unless `chance` says otherwise.
        - Every run of one side took a quarter longer than every run of the other, at least: this sees a clear change
          where the runs are too few for the test. Three a side are needed.

        A change that is not notable lies within the usual spread.
        """
        middles = median(before), median(after)
        return cls(
            len(before), len(after), *middles, fmean(before), fmean(after), _is_notable(before, after, *middles, chance)
        )

    @property
    def change(self) -> float:
        """By how many seconds the median grew; negative, if it fell."""
        return self.after - self.before

    @property
    def ratio(self) -> float | None:
        """By which part of itself the median grew: 0.5 is half as long again. None, if it was zero."""
        return self.change / self.before if self.before else None


def _is_notable(before: Sequence[float], after: Sequence[float], old: float, new: float, chance: float) -> bool | None:
    if min(len(before), len(after)) < FEWEST:
        return None
    if abs(new - old) < _LEAST * old or new == old:
        return False
    low, high = (before, after) if new > old else (after, before)
    return min(high) >= _GAP * max(low) or chance_of_difference(before, after) < chance
