"""Listings: sequences that cannot be changed and say how they came about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from dbt_discovery import Listing
from dbt_discovery.models.report import Coverage

NOW = datetime(2026, 11, 18, tzinfo=UTC)
NOTHING = Coverage(unit="runs", considered=0)


def listing(*items: int, total: int | None = None) -> Listing[int]:
    return Listing(items, as_of=NOW, coverage=NOTHING, total=total, notes=["a note"])


def test_it_is_a_sequence() -> None:
    numbers = listing(3, 1, 2)
    assert isinstance(numbers, Sequence)
    assert (list(numbers), len(numbers), numbers[0], numbers[-1], numbers[1:]) == ([3, 1, 2], 3, 3, 2, (1, 2))
    assert 2 in numbers
    assert not listing()


def test_it_cannot_be_changed() -> None:
    numbers = listing(1)
    with pytest.raises(TypeError):
        numbers[0] = 2  # type: ignore[index]
    with pytest.raises(AttributeError):
        numbers.append(2)  # type: ignore[attr-defined]


def test_it_keeps_no_hold_on_the_list_it_was_made_of() -> None:
    source = [1]
    numbers = Listing(source, as_of=NOW, coverage=NOTHING)
    source.append(2)
    assert list(numbers) == [1]


def test_total_is_the_length_unless_there_was_a_limit() -> None:
    assert listing(1, 2).total == 2
    assert listing(1, 2, total=9).total == 9


def test_it_says_how_it_came_about() -> None:
    numbers = listing(1)
    assert (numbers.as_of, numbers.stale, numbers.coverage, numbers.notes) == (NOW, False, NOTHING, ("a note",))


def test_repr_says_how_many_of_how_many() -> None:
    assert repr(listing(1, 2, total=9)) == "<Listing of 2 of 9: 1, 2>"
    assert repr(listing(1, 2, 3, 4)) == "<Listing of 4: 1, 2, 3, …>"


def test_equal_items_are_equal_listings() -> None:
    assert listing(1, 2) == listing(1, 2)
    assert hash(listing(1, 2)) == hash(listing(1, 2))
    assert listing(1) != listing(2)
    assert listing(1) != [1]
