"""Pages of a collection that changes while it is read."""

from __future__ import annotations

import base64

import pytest
from dbt_discovery import InvalidArgument
from dbt_discovery_web.paging import Keyed, PageFields, page_of

FIELDS = ("name", "runtime")


def items(*pairs: tuple[str, float | None]) -> list[Keyed]:
    return [Keyed(name, {"name": name, "runtime": runtime}) for name, runtime in pairs]


def test_items_that_come_and_go_between_pages_move_nothing() -> None:
    before = items(("a", 9.0), ("b", 8.0), ("c", 7.0), ("d", 6.0), ("e", None))
    page = PageFields(limit=2, sort="-runtime")
    first, cursor = page_of(before, page, FIELDS, "name")
    assert [item["name"] for item in first] == ["a", "b"]

    without_b_and_with_a_new_first = items(("new", 10.0), ("a", 9.0), ("c", 7.0), ("d", 6.0), ("e", None))
    following = page.model_copy(update={"cursor": cursor})
    second, cursor = page_of(without_b_and_with_a_new_first, following, FIELDS, "name")
    assert [item["name"] for item in second] == ["c", "d"]

    third, cursor = page_of(before, page.model_copy(update={"cursor": cursor}), FIELDS, "name")
    assert [item["name"] for item in third] == ["e"]
    assert cursor is None


def test_equal_values_are_told_apart_by_their_references() -> None:
    same = items(*((name, 1.0) for name in "hgfedcba"))
    page, seen = PageFields(limit=3, sort="runtime"), []
    while True:
        shown, cursor = page_of(same, page, FIELDS, "name")
        seen += [item["name"] for item in shown]
        if cursor is None:
            break
        page = page.model_copy(update={"cursor": cursor})
    assert seen == list("abcdefgh")


def test_text_sorts_without_regard_to_case() -> None:
    shown, _ = page_of(items(("beta", 1), ("Alpha", 1), ("GAMMA", 1)), PageFields(), FIELDS, "name")
    assert [item["name"] for item in shown] == ["Alpha", "beta", "GAMMA"]


def test_a_page_that_ends_with_the_last_item_has_no_next() -> None:
    assert page_of(items(("a", 1), ("b", 2)), PageFields(limit=2), FIELDS, "name")[1] is None
    assert page_of([], PageFields(limit=2), FIELDS, "name") == ([], None)


@pytest.mark.parametrize("value", ['"text"', "[1]", "{}"])
def test_a_cursor_with_a_value_of_another_kind_is_refused(value: str) -> None:
    cursor = base64.urlsafe_b64encode(f'["runtime", {value}, "a"]'.encode()).decode()
    with pytest.raises(InvalidArgument):
        page_of(items(("a", 1.0)), PageFields(sort="runtime", cursor=cursor), FIELDS, "name")


def test_a_cursor_that_nests_without_end_is_refused() -> None:
    cursor = base64.urlsafe_b64encode(b"[" * 2900).decode()
    with pytest.raises(InvalidArgument):
        page_of(items(("a", 1.0)), PageFields(cursor=cursor), FIELDS, "name")
