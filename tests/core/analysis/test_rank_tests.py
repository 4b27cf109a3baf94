"""Rank tests, against every arrangement counted and against values worked out by hand."""

from __future__ import annotations

import random
from itertools import combinations
from statistics import NormalDist

import pytest
from dbt_discovery.analysis.rank_tests import chance_of_difference, largest_shift, ranks


def by_counting(left: list[float], right: list[float]) -> float:
    """The two-sided chance, by looking at each way to deal the values to the two sides."""
    values = [*left, *right]

    def u(side: list[float], other: list[float]) -> float:
        return sum((a > b) + 0.5 * (a == b) for a in side for b in other)

    centre = len(left) * len(right) / 2
    observed = abs(u(left, right) - centre)
    deals = [set(chosen) for chosen in combinations(range(len(values)), len(left))]
    as_far = 0
    for chosen in deals:
        one = [value for place, value in enumerate(values) if place in chosen]
        other = [value for place, value in enumerate(values) if place not in chosen]
        as_far += abs(u(one, other) - centre) >= observed
    return as_far / len(deals)


@pytest.mark.parametrize("seed", range(12))
def test_chance_of_small_sets_is_exact(seed: int) -> None:
    dice = random.Random(seed)
    left = [dice.random() for _ in range(dice.randint(1, 5))]
    right = [dice.random() + dice.choice([0.0, 0.5]) for _ in range(dice.randint(1, 6))]
    assert chance_of_difference(left, right) == pytest.approx(by_counting(left, right))
    assert chance_of_difference(right, left) == chance_of_difference(left, right)


def test_four_and_four_that_do_not_overlap_are_two_of_seventy() -> None:
    assert chance_of_difference([1.0, 2, 3, 4], [5.0, 6, 7, 8]) == pytest.approx(2 / 70)


def test_chance_of_large_sets_is_the_normal_one() -> None:
    """For 40 values each, shifted by 5.3 ranks: U is 800 less 205, its deviation sqrt(40 * 40 * 81 / 12) = 103.92."""
    left = [float(n) for n in range(40)]
    right = [n + 5.3 for n in range(40)]
    u = sum(a > b for a in left for b in right)
    expected = 2 * NormalDist().cdf(-(800 - u - 0.5) / (40 * 40 * 81 / 12) ** 0.5)
    assert chance_of_difference(left, right) == pytest.approx(expected)


def test_ties_are_allowed_for_and_sets_that_are_all_the_same_do_not_differ() -> None:
    assert chance_of_difference([5.0] * 9, [5.0] * 9) == 1.0
    assert chance_of_difference([], [5.0]) == 1.0
    # U = 8 * 8 / 2 + ..., by hand: 6 of 8 on the left are 1, 2 are 2; on the right 2 are 1, 6 are 2
    left, right = [1.0] * 6 + [2.0] * 2, [1.0] * 2 + [2.0] * 6
    u = 0.5 * (6 * 2 + 2 * 6) + 2 * 2  # left beats right twice two times; equal twenty-four times
    deviation = (64 / 12 * (17 - 2 * (8**3 - 8) / (16 * 15))) ** 0.5
    assert chance_of_difference(left, right) == pytest.approx(2 * NormalDist().cdf(-(32 - u - 0.5) / deviation))


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert ranks([3.0, 1.0, 3.0, 2.0]) == [3.5, 1.0, 3.5, 2.0]


def test_a_shift_is_found_at_its_place() -> None:
    place, chance = largest_shift([1.2, 1.0, 1.4, 1.1, 1.3, 1.5, 5.2, 5.0, 5.4, 5.1, 5.3, 5.5], 3)
    assert place == 6
    assert chance == pytest.approx(7 * 2 / 924)  # seven places, and 924 ways to choose six of twelve


def test_a_series_that_is_too_short_has_none() -> None:
    assert largest_shift([1.0, 2.0, 3.0], 2) == (0, 1.0)


def test_chance_finds_a_shift_no_more_often_than_it_says() -> None:
    dice = random.Random(7)
    series = [[dice.random() for _ in range(30)] for _ in range(400)]
    assert sum(largest_shift(values, 5)[1] < 0.05 for values in series) <= 0.05 * 400
