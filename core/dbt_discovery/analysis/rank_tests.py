"""Rank tests: whether two sets of times differ by more than chance, and where a series changes its level.

They look at the order of values alone, so a single huge one weighs no more than any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from math import comb, erfc, sqrt

__all__ = ["chance_of_difference", "largest_shift", "ranks"]

_EXACT = 60
"""Up to how many values in all the exact distribution is worked out."""
_FEW = 12
"""How few values the smaller side may then have at most."""


def chance_of_difference(left: Sequence[float], right: Sequence[float]) -> float:
    """How likely chance alone makes two sets of values differ in rank as much as these, or more: 0 to 1.

    The two-sided Mann-Whitney U test (H. B. Mann and D. R. Whitney, "On a Test of Whether one of Two Random Variables
    is Stochastically Larger than the Other", Annals of Mathematical Statistics 18, 1947). Small sets without ties get
    the exact distribution; others the normal one, with the usual corrections for continuity and for ties.
    """
    few, many = len(left), len(right)
    if not few or not many:
        return 1.0
    together = ranks([*left, *right])
    u = sum(together[:few]) - few * (few + 1) / 2
    u = min(u, few * many - u)
    few, many = sorted((few, many))
    tied = len(set(together)) < len(together)
    if not tied and few <= _FEW and few + many <= _EXACT:
        return min(1.0, 2 * sum(_arrangements(few, many)[: int(u) + 1]) / comb(few + many, few))
    deviation = _deviation(few, many, together)
    if not deviation:
        return 1.0
    return min(1.0, erfc(max(0.0, few * many / 2 - u - 0.5) / deviation / sqrt(2)))


def largest_shift(values: Sequence[float], least: int) -> tuple[int, float]:
    """Where a series most likely changes its level, and how likely chance alone makes as clear a change: 0 to 1.

    The place is the number of values before the change, at least `least` of which stand on either side: the one at
    which the Mann-Whitney statistic of both sides is farthest from what chance expects, as in A. N. Pettitt, "A
    Non-Parametric Approach to the Change-Point Problem", Applied Statistics 28, 1979, but in standard deviations, so
    that changes near either end are seen as well. The chance is that of the test at this place times the number of
    places looked at (Bonferroni's bound), which never understates it.

    Returns:
        Zero and 1 where the series is too short.
    """
    size = len(values)
    places = size - 2 * least + 1
    if places < 1:
        return 0, 1.0
    ranked = ranks(values)
    sums = list(accumulate(ranked))

    def clarity(place: int) -> float:
        expected = place * (size + 1) / 2
        return abs(sums[place - 1] - expected) / sqrt(place * (size - place))

    place = max(range(least, size - least + 1), key=clarity)
    return place, min(1.0, places * chance_of_difference(values[:place], values[place:]))


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value, from one; values that are equal share the mean of theirs."""
    found = [0.0] * len(values)
    passed = 0
    for _, group in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        tied = list(group)
        for place in tied:
            found[place] = passed + (len(tied) + 1) / 2
        passed += len(tied)
    return found


def _deviation(few: int, many: int, together: Sequence[float]) -> float:
    """The standard deviation of U by chance, given the ranks of all values."""
    size = few + many
    ties = sum(number**3 - number for number in (len(list(group)) for _, group in groupby(sorted(together))))
    return sqrt(max(0.0, few * many / 12 * (size + 1 - ties / (size * (size - 1)))))


@lru_cache(maxsize=4096)
def _arrangements(few: int, many: int) -> tuple[int, ...]:
    """In how many ways ranks can be dealt to two sets so that U is 0, 1, 2 …: coefficients of a Gaussian binomial."""
    ways = [1] + [0] * (few * many)
    for part in range(1, few + 1):
        for place in range(few * many, many + part - 1, -1):
            ways[place] -= ways[place - many - part]
        for place in range(part, few * many + 1):
            ways[place] += ways[place - part]
    return tuple(ways)
