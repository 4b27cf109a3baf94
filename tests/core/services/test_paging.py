"""Lists are read to their end, in each API's own way, and say so when they are not."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from dbt_discovery import UnexpectedResponse
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.services.client import DbtClient

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


async def test_size_is_that_of_all_pages() -> None:
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        response = rows(request, 250)
        sent.append(len(response.content))
        return response

    assert (await wire_to(answer).collect(LIST)).size == sum(sent)


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


async def test_a_list_that_shifts_while_it_is_read_repeats_no_row() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        everything = list(range(200)) if offset == 0 else [-1, *range(200)]  # one was added in front
        page = [{"id": n} for n in everything[offset : offset + 100]]
        return httpx.Response(200, json={"data": page, "extra": {"pagination": {"total_count": len(everything)}}})

    payload = await wire_to(answer).collect(LIST)
    assert sorted(ids(payload)) == list(range(200))


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
    edges = [{"node": {"id": n}} for n in names]
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
