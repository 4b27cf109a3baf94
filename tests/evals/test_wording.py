"""A figure is found in words however people write it, and not where another one stands."""

from __future__ import annotations

from typing import Any

import pytest

from evals.wording import holds


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("It took 12 min 10 s.", "runtime", 730.0),
        ("It took 12m10s.", "avg_runtime", 730.4),
        ("about 12 minutes", "runtime", 730.0),
        ("12 minutes and 10 seconds", "runtime", 730.0),
        ("12.2 min on average", "avg_runtime", 730.0),
        ("730 s", "runtime", 730.0),
        ("0:12:10", "runtime", 730.0),
        ("1 h 18 min", "avg_runtime", 4700.0),
        ("4 d 14 h in total", "total_runtime", 397_000.0),
        ("65.6 % succeeded", "success_rate", 0.6556),
        ("66% succeeded", "success_rate", 0.6556),
        ("1,104 runs", "total_rows", 1104),
        ("five jobs", "total_rows", 5),
        ("No run failed.", "failed", 0),
        ("Its owner is the Ledger Team.", "owner", "Ledger Team"),
        ("yes, it is", "over_scheduled", True),
    ],
)
def test_a_figure_is_found(words: str, key: str, value: Any) -> None:
    assert holds(words, key, value)


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("It took 13 min 10 s.", "runtime", 730.0),
        ("It took 12 h 10 min.", "runtime", 730.0),
        ("730 runs", "runtime", 730.0),
        ("12 minutes", "runtime", 780.0),
        ("65.6 % succeeded", "success_rate", 0.72),
        ("65.6 runs", "success_rate", 0.656),
        ("1,104 runs", "total_rows", 104),
        ("11 jobs", "total_rows", 1),
        ("in 2026-11-05", "total_rows", 5),
        ("Its owner is the Data Platform.", "owner", "Ledger Team"),
    ],
)
def test_another_figure_is_not(words: str, key: str, value: Any) -> None:
    assert not holds(words, key, value)
