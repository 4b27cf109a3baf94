"""Pages of a collection that changes while it is read."""

from __future__ import annotations

import base64

import pytest
from dbt_discovery import InvalidArgument
from dbt_discovery_web.rest.paging import Keyed, Order, page_of

FIELDS = ("name", "runtime")
NAME, RUNTIME, SLOWEST = (Order.of(sort, FIELDS) for sort in ("name", "runtime", "-runtime"))


def items(*pairs: tuple[str, float | None]) -> list[Keyed[str]]:
    return [Keyed(runtime, name, name) for name, runtime in pairs]


def named(*names: str) -> list[Keyed[str]]:
    return [Keyed(name, name, name) for name in names]


def test_items_that_come_and_go_between_pages_move_nothing() -> None:
    before = items(("a", 9.0), ("b", 8.0), ("c", 7.0), ("d", 6.0), ("e", None))
    first, cursor = page_of(before, SLOWEST, limit=2)
    assert first == ["a", "b"]

    without_b_and_with_a_new_first = items(("new", 10.0), ("a", 9.0), ("c", 7.0), ("d", 6.0), ("e", None))
    second, cursor = page_of(without_b_and_with_a_new_first, SLOWEST, cursor, limit=2)
    assert second == ["c", "d"]

    third, cursor = page_of(before, SLOWEST, cursor, limit=2)
    assert third == ["e"]
    assert cursor is None


@pytest.mark.parametrize("order", [RUNTIME, SLOWEST])
def test_equal_values_are_told_apart_by_their_references(order: Order) -> None:
    same = items(*((name, 1.0) for name in "hgfe"), *((name, None) for name in "dcba"))
    seen: list[str] = []
    cursor = None
    while cursor or not seen:
        shown, cursor = page_of(same, order, cursor, limit=3)
        seen += shown
    assert seen == list("efghabcd")


def test_items_without_a_value_come_last_either_way_round() -> None:
    some = items(("none", None), ("slow", 9.0), ("quick", 1.0))
    assert page_of(some, RUNTIME) == (["quick", "slow", "none"], None)
    assert page_of(some, SLOWEST) == (["slow", "quick", "none"], None)


def test_text_sorts_without_regard_to_case() -> None:
    assert page_of(named("beta", "Alpha", "GAMMA"), NAME)[0] == ["Alpha", "beta", "GAMMA"]


def test_times_sort_with_and_without_milliseconds() -> None:
    times = named("2026-11-17T02:00:00.500Z", "2026-11-17T02:00:01Z", "2026-11-17T02:00:00Z")
    assert page_of(times, NAME)[0] == ["2026-11-17T02:00:00Z", "2026-11-17T02:00:00.500Z", "2026-11-17T02:00:01Z"]


def test_a_page_that_ends_with_the_last_item_has_no_next() -> None:
    assert page_of(named("a", "b"), NAME, limit=2)[1] is None
    assert page_of([], NAME, limit=2) == ([], None)


def test_an_order_by_a_field_that_there_is_not_names_the_others() -> None:
    with pytest.raises(InvalidArgument, match="name, runtime"):
        Order.of("-mood", FIELDS)


@pytest.mark.parametrize("value", ['"text"', "[1]", "{}"])
def test_a_cursor_with_a_value_of_another_kind_is_refused(value: str) -> None:
    cursor = base64.urlsafe_b64encode(f'["runtime", {value}, "a"]'.encode()).decode()
    with pytest.raises(InvalidArgument):
        page_of(items(("a", 1.0)), RUNTIME, cursor)


@pytest.mark.parametrize("cursor", ["é", "!", "bm9wZQ", base64.urlsafe_b64encode(b"[" * 2900).decode()])
def test_a_cursor_that_nobody_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidArgument):
        page_of(items(("a", 1.0)), RUNTIME, cursor)


def test_a_cursor_of_another_order_is_refused() -> None:
    _, cursor = page_of(items(("a", 1.0), ("b", 2.0)), RUNTIME, limit=1)
    with pytest.raises(InvalidArgument):
        page_of(items(("a", 1.0), ("b", 2.0)), SLOWEST, cursor)
