"""Averages in words."""

from __future__ import annotations

import pytest
from dbt_discovery.reports.averages import why_apart


@pytest.mark.parametrize(
    ("mean", "median", "why"),
    [
        (600.0, 60.0, "a few runs took far longer"),
        (60.0, 600.0, "a few runs took far shorter"),
        (89.0, 60.0, ""),
        (60.0, 60.0, ""),
    ],
)
def test_why_a_mean_and_a_median_part(mean: float, median: float, why: str) -> None:
    assert why_apart(mean, median) == why
