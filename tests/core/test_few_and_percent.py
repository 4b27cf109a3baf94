"""Names as few as can be read, and ratios in words."""

from __future__ import annotations

import pytest
from dbt_discovery.words import few, listed, percent


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and 1 more"),
        (["a", "b", "c", *"x" * 2000], "a, b, c and 2,000 more"),
    ],
)
def test_few(names: list[str], words: str) -> None:
    assert few(names) == words
    if names:
        assert listed(names, "job").endswith(f": {words}.")


def test_as_many_are_named_as_asked() -> None:
    assert few(["a", "b", "c"], 1) == "a and 2 more"


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (2 / 3, "66.7 %"), (0.25, "25 %"), (1, "100 %"), (1.5, "150 %")]
)
def test_percent(share: float, words: str) -> None:
    assert percent(share) == words
