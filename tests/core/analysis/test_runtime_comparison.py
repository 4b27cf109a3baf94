"""Before against after: what is a change, and what is noise."""

from __future__ import annotations

import random
from statistics import median

import pytest
from dbt_discovery.analysis.runtime_comparison import Comparison


def test_medians_and_means_of_both_sides() -> None:
    found = Comparison.of([10.0, 20.0, 60.0], [30.0, 50.0])
    assert (found.before, found.after, found.change, found.ratio) == (20.0, 40.0, 20.0, 1.0)
    assert (found.mean_before, found.mean_after, found.runs_before, found.runs_after) == (30.0, 40.0, 3, 2)


@pytest.mark.parametrize(
    ("before", "after", "notable"),
    [
        ([10.0, 11.0, 12.0], [30.0, 31.0, 32.0], True),  # far apart, if few
        ([10.0, 11.0, 12.0], [13.0, 14.0, 15.0], False),  # apart, but not by a quarter
        ([10.0, 11.0], [30.0, 31.0, 32.0], None),  # too few
        ([30.0, 31.0, 32.0], [10.0, 11.0, 12.0], True),
        ([10.0] * 8, [10.0] * 8, False),
        ([100.0 + n for n in range(30)], [105.0 + n for n in range(30)], False),  # less than a tenth
        ([100.0 + n / 2 for n in range(30)], [112.0 + n / 2 for n in range(30)], True),
        ([100.0, 104.0, 96.0, 102.0, 98.0], [100.0, 101.0, 99.0, 14_400.0, 97.0], False),  # one full refresh
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], False),
        ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], True),
    ],
)
def test_a_change_is_notable_by_its_rule(before: list[float], after: list[float], notable: bool | None) -> None:
    assert Comparison.of(before, after).notable is notable


def test_nothing_is_no_part_of_nothing() -> None:
    assert Comparison.of([0.0], [5.0]).ratio is None


def test_noise_is_seldom_notable_and_a_slowdown_nearly_always() -> None:
    """Runs that scatter by a tenth, twelve a side: of 500 pairs that do not differ hardly one may be called notable."""
    dice = random.Random(3)
    pairs = [[[dice.gauss(100, 10) for _ in range(12)] for _ in range(2)] for _ in range(500)]
    assert sum(bool(Comparison.of(*pair).notable) for pair in pairs) <= 5
    slow = [Comparison.of(before, [1.4 * each for each in after]).notable for before, after in pairs]
    assert sum(map(bool, slow)) >= 495


def test_medians_are_those_of_statistics() -> None:
    dice = random.Random(5)
    before, after = ([dice.random() for _ in range(number)] for number in (8, 13))
    found = Comparison.of(before, after)
    assert (found.before, found.after) == (median(before), median(after))
