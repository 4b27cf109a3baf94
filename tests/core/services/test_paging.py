"""Lists are read to their end, in each API's own way, and say so when they are not."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from dbt_discovery import UnexpectedResponse
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.services import paging
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Payload
from hypothesis import given
from hypothesis import strategies as st

from tests.core.upstream import Upstream, admin, discovery, rows, wire_to

LIST = admin(paged=True)
CONNECTION = discovery(connection=("environment", "applied", "models"))


def ids(payload: Any) -> list[int]:
    return [row["id"] for row in payload.data]


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (1, 1), (99, 1), (101, 2), (250, 3), (1000, 11)])
async def test_every_row_comes_once_and_in_order(total: int, requests: int) -> None:
    upstream = Upstream(lambda request: rows(request, total))
    payload = await wire_to(upstream).collect(LIST)
    assert ids(payload) == list(range(total))
    assert payload.complete
    assert len(upstream.requests) <= requests


async def test_pages_after_the_first_are_under_way_at_the_same_time() -> None:
    waiting = 0
    all_here = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal waiting
        if request.url.params["offset"] in ("100", "200", "300"):
            waiting += 1
            if waiting == 3:
                all_here.set()
            await all_here.wait()  # for ever, were they fetched one after the other
        return rows(request, 390)

    payload = await asyncio.wait_for(wire_to(answer).collect(LIST), 5)
    assert ids(payload) == list(range(390))


async def test_a_list_that_loses_a_row_while_it_is_read_is_read_again() -> None:
    """Row 5 goes after the first page: all others move up, and row 99 would be on no page."""
    readings = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal readings
        offset = int(request.url.params["offset"])
        readings += offset == 0
        everything = [n for n in range(250) if n != 5 or (readings, offset) == (1, 0)]
        page = [{"id": n} for n in everything[offset : offset + 100]]
        return httpx.Response(200, json={"data": page, "extra": {"pagination": {"total_count": len(everything)}}})

    payload = await wire_to(answer).collect(LIST)
    assert ids(payload) == [n for n in range(250) if n != 5]
    assert payload.complete
    assert readings == 2


async def test_a_list_that_never_comes_to_rest_is_not_complete() -> None:
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        offset, asked = int(request.url.params["offset"]), asked + 1
        everything = range(3 * asked, 1000)  # three rows go before each request
        page = [{"id": n} for n in everything[offset : offset + 100]]
        return httpx.Response(200, json={"data": page, "extra": {"pagination": {"total_count": len(everything)}}})

    payload = await wire_to(answer).collect(LIST)
    assert not payload.complete
    assert len(ids(payload)) == len(set(ids(payload)))


class Shifting:
    """A list of which rows go and to which rows come before each page is given.

    Attributes:
        steadfast: The rows that were there from the first page on.
    """

    def __init__(self, initial: int, changes: list[list[int]], cap: int, tells: bool, newest_first: bool) -> None:
        self.rows = [10 * n for n in range(initial)]
        self.changes, self.cap, self.tells, self.newest_first = iter(changes), cap, tells, newest_first
        self.steadfast: set[int] | None = None

    async def page(self, asked: dict[str, str]) -> Payload:
        for number in next(self.changes, []) if self.steadfast is not None else []:
            if number < 0 and self.rows:
                self.steadfast.discard(self.rows.pop(number % len(self.rows)))  # type: ignore[union-attr]
            elif number > 0 and number % 10 and number not in self.rows:
                self.rows = sorted([*self.rows, number])
        self.steadfast = set(self.rows) if self.steadfast is None else self.steadfast & set(self.rows)
        ordered = self.rows[::-1] if self.newest_first else self.rows
        offset, limit = int(asked["offset"]), min(self.cap, int(asked["limit"]))
        extra = {"pagination": {"count": 7, "total_count": len(self.rows)}} if self.tells else {}
        return Payload({"data": [{"id": n} for n in ordered[offset : offset + limit]], "extra": extra})


def shifting(newest_first: bool = False) -> st.SearchStrategy[Shifting]:
    change = st.integers(-9, 300)
    return st.builds(
        Shifting,
        initial=st.integers(0, 25),
        changes=st.lists(st.lists(change, max_size=4), max_size=12),
        cap=st.sampled_from([4, 4, 4, 3]),
        tells=st.booleans(),
        newest_first=st.just(newest_first),
    )


@given(shifting())
def test_every_row_that_was_there_all_the_time_is_given_once_or_the_list_is_not_complete(cloud: Shifting) -> None:
    with patch.object(paging, "PAGE_SIZE", 4):
        payload = asyncio.run(paging.offset_pages("things", cloud.page))
    assert cloud.steadfast is not None
    assert len(ids(payload)) == len(set(ids(payload)))
    if payload.complete:
        assert cloud.steadfast <= set(ids(payload))


@given(shifting(newest_first=True), st.integers(0, 260))
def test_newest_first_every_row_after_the_moment_wanted_is_given_once_or_it_is_not_complete(
    cloud: Shifting, oldest: int
) -> None:
    with patch.object(paging, "PAGE_SIZE", 4):
        payload = asyncio.run(
            paging.newest_pages(
                "things", cloud.page, lambda rows: bool(rows) and all(row["id"] < oldest for row in rows)
            )
        )
    assert cloud.steadfast is not None
    assert len(ids(payload)) == len(set(ids(payload)))
    if payload.complete:
        assert {n for n in cloud.steadfast if n >= oldest} <= set(ids(payload))


@given(st.integers(0, 60), st.sampled_from([2, 3, 4]), st.booleans(), st.booleans())
def test_a_list_at_rest_is_complete(total: int, cap: int, tells: bool, newest_first: bool) -> None:
    cloud = Shifting(total, [], cap, tells, newest_first)
    with patch.object(paging, "PAGE_SIZE", 4):
        whole = asyncio.run(paging.offset_pages("things", cloud.page))
        walked = asyncio.run(paging.newest_pages("things", cloud.page, lambda rows: False))
    assert whole.complete
    assert walked.complete
    assert set(ids(whole)) == set(ids(walked)) == set(cloud.rows)


async def test_newest_first_is_read_no_further_than_wanted() -> None:
    cloud = Shifting(1000, [], 100, True, newest_first=True)
    payload = await paging.newest_pages("things", cloud.page, lambda rows: all(row["id"] < 8500 for row in rows))
    assert payload.complete
    assert min(ids(payload)) == 10 * (1000 - 298)  # of the third page, which begins at row 802, all are older


async def test_runs_that_come_in_while_the_newest_are_read_are_no_gap() -> None:
    cloud = Shifting(300, [[2991, 2992, 2993]] * 2, 100, True, newest_first=True)
    payload = await paging.newest_pages("things", cloud.page, lambda rows: False)
    assert payload.complete
    assert {10 * n for n in range(300)} <= set(ids(payload))


async def test_a_list_that_grows_while_it_is_read_loses_no_row() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return rows(request, 100 if request.url.params["offset"] == "0" else 130)

    assert ids(await wire_to(answer).collect(LIST)) == list(range(130))


async def test_a_list_that_does_not_tell_its_total_is_read_until_a_page_is_not_full() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        whole = rows(request, 230).json()
        return httpx.Response(200, json={"data": whole["data"]})

    payload = await wire_to(answer).collect(LIST)
    assert ids(payload) == list(range(230))
    assert payload.complete


async def test_a_server_that_gives_shorter_pages_loses_no_row() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        page = [{"id": n} for n in range(offset, min(offset + 50, 120))]
        return httpx.Response(200, json={"data": page, "extra": {"pagination": {"total_count": 120}}})

    payload = await wire_to(answer).collect(LIST)
    assert ids(payload) == list(range(120))
    assert payload.complete


async def test_a_list_with_fewer_rows_than_it_says_is_not_complete() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": [{"id": 1}], "extra": {"pagination": {"total_count": 4}}})

    payload = await asyncio.wait_for(wire_to(answer).collect(LIST), 5)
    assert ids(payload) == [1]
    assert not payload.complete


async def test_an_empty_page_ends_a_list_that_promises_more() -> None:
    upstream = Upstream(
        lambda request: httpx.Response(200, json={"data": [], "extra": {"pagination": {"total_count": 500}}})
    )
    payload = await asyncio.wait_for(wire_to(upstream).collect(LIST), 5)
    assert (payload.data, payload.complete) == ([], False)
    assert len(upstream.requests) <= 6


def page(names: list[int], after: str | None = None, **more: Any) -> httpx.Response:
    info = {"hasNextPage": after is not None, "endCursor": after}
    edges = [{"node": {"id": n, "uniqueId": f"model.shop.m{n}"}} for n in names]
    connection = {"edges": edges, "pageInfo": info} | more
    return httpx.Response(200, json={"data": {"environment": {"applied": {"models": connection}}}})


async def test_a_connection_is_read_along_its_cursors() -> None:
    answers = iter([page([1, 2], "a"), page([3], "b"), page([4], totalCount=4)])
    upstream = Upstream(lambda request: next(answers))
    payload = await wire_to(upstream).collect(CONNECTION)
    assert (ids(payload), payload.complete) == ([1, 2, 3, 4], True)
    assert [variables.get("after") for variables in upstream.variables] == [None, "a", "b"]


@pytest.mark.parametrize("cursors", [["a", "a", "a"], ["a", "b", "a"], ["=="] * 3, ["a", None, None], ["a", "", ""]])
async def test_a_cursor_that_does_not_move_ends_the_list_which_says_so(cursors: list[str | None]) -> None:
    answers = iter(cursors * 9)

    def answer(request: httpx.Request) -> httpx.Response:
        response = page([1]).json()
        info = response["data"]["environment"]["applied"]["models"]["pageInfo"]
        info |= {"hasNextPage": True, "endCursor": next(answers)}
        return httpx.Response(200, json=response)

    upstream = Upstream(answer)
    payload = await asyncio.wait_for(wire_to(upstream).collect(CONNECTION), 5)
    assert not payload.complete
    assert len(upstream.requests) <= 3


async def test_a_node_on_two_pages_is_given_once_and_the_list_is_not_complete() -> None:
    answers = iter([page([1, 2], "a", totalCount=3), page([2], totalCount=3)])
    payload = await wire_to(lambda request: next(answers)).collect(CONNECTION)
    assert (ids(payload), payload.complete) == ([1, 2], False)


async def test_an_empty_page_of_a_connection_that_promises_more_is_not_complete() -> None:
    answers = iter([page([1], "a"), page([], "b"), page([2])])
    payload = await wire_to(lambda request: next(answers)).collect(CONNECTION)
    assert (ids(payload), payload.complete) == ([1], False)


async def test_a_connection_that_goes_out_of_sight_on_the_way_is_not_complete() -> None:
    gone = httpx.Response(200, json={"data": {"environment": None}})
    answers = iter([page([1], "a"), gone])
    payload = await wire_to(lambda request: next(answers)).collect(CONNECTION)
    assert (ids(payload), payload.complete) == ([1], False)


async def test_a_connection_with_fewer_nodes_than_it_says_is_not_complete() -> None:
    assert not (await wire_to(lambda request: page([1], totalCount=2)).collect(CONNECTION)).complete
    assert (await wire_to(lambda request: page([1], totalCount=None)).collect(CONNECTION)).complete


@pytest.mark.parametrize("data", [{"environment": None}, {"environment": {"applied": None}}])
async def test_what_is_out_of_sight_is_nothing_rather_than_empty(data: Any) -> None:
    payload = await wire_to(lambda request: httpx.Response(200, json={"data": data})).collect(CONNECTION)
    assert payload.data is None


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"id": 1}},
        {"data": [{"name": "without an id"}]},
        {"data": [1, 2]},
        {"data": [], "extra": {"pagination": {"total_count": "many"}}},
    ],
)
async def test_a_page_of_another_form_is_an_unexpected_response(body: Any) -> None:
    client = DbtClient(wire_to(lambda request: httpx.Response(200, json=body)), CachingStrategy())
    with pytest.raises(UnexpectedResponse, match="things"):
        await client.ask(LIST)


@pytest.mark.parametrize(
    "models",
    [
        {"edges": None, "pageInfo": {"hasNextPage": False}},
        {"edges": [], "pageInfo": None},
        {"edges": [None], "pageInfo": {"hasNextPage": False}},
        {"edges": []},
        [],
    ],
)
async def test_a_connection_of_another_form_is_an_unexpected_response(models: Any) -> None:
    body = {"data": {"environment": {"applied": {"models": models}}}}
    client = DbtClient(wire_to(lambda request: httpx.Response(200, json=body)), CachingStrategy())
    with pytest.raises(UnexpectedResponse, match="things"):
        await client.ask(CONNECTION)
