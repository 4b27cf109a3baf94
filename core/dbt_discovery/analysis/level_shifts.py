"""Level shifts: where a series of values goes over to a new level and stays there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from math import ceil, floor, sqrt
from statistics import median

from dbt_discovery.analysis.rank_tests import largest_shift

__all__ = ["FEWEST_AT_A_LEVEL", "level_shifts"]

FEWEST_AT_A_LEVEL = 5
"""How many values a level needs, before and after a shift."""
_SHORTEST = 3 * FEWEST_AT_A_LEVEL
"""The shortest stretch that is looked at: chance explains whatever a shorter one shows."""


def level_shifts(values: Sequence[float], *, least: float, chance: float) -> list[int]:
    """The places of the first values at a new level, in order.

    A rank test looks for the likeliest shift in the whole series and in ever shorter stretches of it that overlap: so
    a level is found that lasts for a while and ends again, which a test of the whole does not see (S. Kovács et al.,
    "Seeded binary segmentation", Biometrika 110, 2023). Of the shifts found, the one in the shortest stretch counts
    first, and rules out the others whose stretches hold it ("narrowest over threshold": R. Baranowski, Y. Chen and
    P. Fryzlewicz, Journal of the Royal Statistical Society B 81, 2019).

    Args:
        values: The series.
        least: By how much the medians of both levels differ at least.
        chance: How likely such a shift may be found in a series that has none.
    """
    stretches = list(_stretches(len(values)))
    found: list[tuple[int, float, int, int, int]] = []
    for start, end in stretches:
        place, likely = largest_shift(values[start:end], FEWEST_AT_A_LEVEL)
        apart = place and abs(median(values[start : start + place]) - median(values[start + place : end])) >= least
        if apart and likely < chance / len(stretches):
            found.append((end - start, likely, start, end, start + place))
    shifts: list[int] = []
    for _, _, start, end, place in sorted(found):
        if all(not start < other < end and abs(place - other) >= FEWEST_AT_A_LEVEL for other in shifts):
            shifts.append(place)
    return _lasting(values, _placed(values, sorted(shifts)), least)


def _stretches(size: int) -> Iterator[tuple[int, int]]:
    """The whole, then stretches shorter by the root of two each time, which overlap by half, down to the shortest."""
    length = float(size)
    while length >= _SHORTEST or length == size:
        number = 2 * ceil(size / length) - 1
        step = (size - length) / max(1, number - 1)
        for each in range(number):
            yield floor(each * step), min(size, ceil(each * step + length))
        length /= sqrt(2)


def _placed(values: Sequence[float], shifts: list[int]) -> list[int]:
    """The shifts where they part the values best, each between the ones before and after it.

    A rank test sees that there is a shift, and not so well where: it likes the middle. Best is the place that leaves
    the least absolute distances from the medians of both levels.
    """
    for each, shift in enumerate(shifts):
        start = shifts[each - 1] if each else 0
        end = shifts[each + 1] if each + 1 < len(shifts) else len(values)
        old, new = median(values[start:shift]), median(values[shift:end])
        gains = list(accumulate((abs(value - old) - abs(value - new) for value in values[start:end]), initial=0.0))
        places = range(FEWEST_AT_A_LEVEL, end - start - FEWEST_AT_A_LEVEL + 1)
        shifts[each] = start + min(places, key=gains.__getitem__, default=shift - start)
    return shifts


def _lasting(values: Sequence[float], shifts: list[int], least: float) -> list[int]:
    """The shifts between levels that still differ once each reaches from one shift to the next."""
    while shifts:
        edges = [0, *shifts, len(values)]
        levels = [median(values[start:end]) for start, end in pairwise(edges)]
        steps = [abs(after - before) for before, after in pairwise(levels)]
        if min(steps) >= least:
            break
        del shifts[steps.index(min(steps))]
    return shifts
