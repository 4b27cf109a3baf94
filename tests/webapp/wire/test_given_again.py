"""Answers given again: the same bytes under the same headers, for as long as nothing that they rest on has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from dbt_discovery import CachingStrategy, DbtAccount, Settings

from tests.webapp.conftest import opened

REPORT = "/reports/longest_running_jobs?period=last_week"
PATHS = [
    REPORT,
    "/reports/longest_running_jobs/chart.svg?period=last_week",
    "/reports/list_jobs",
    "/projects",
    "/jobs?limit=3",
    "/models?limit=3",
    "/runs?limit=3&period=yesterday",
    "/account/slowest_models",
]
OWN = {"date", "age", "x-request-id"}


def account_of(client: httpx.AsyncClient) -> DbtAccount:
    account: DbtAccount = client._transport.app.state.services.account  # type: ignore[attr-defined]
    return account


def given_again(answer: httpx.Response) -> bool:
    return "age" in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_bytes_and_headers_are_those_of_the_long_way(path: str, client: httpx.AsyncClient) -> None:
    long, short = await client.get(path), await client.get(path)
    assert not given_again(long)
    assert given_again(short)
    assert short.content == long.content
    assert {name: value for name, value in short.headers.items() if name not in OWN} == {
        name: value for name, value in long.headers.items() if name not in OWN
    }
    assert short.headers["x-request-id"] != long.headers["x-request-id"]


async def test_a_server_may_give_headers_as_lists(client: httpx.AsyncClient) -> None:
    app = client._transport.app  # type: ignore[attr-defined]
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    path, _, query = REPORT.partition("?")
    headers = [[b"host", b"127.0.0.1"]]
    base = {"type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": query.encode()}
    for _ in range(2):
        sent.clear()
        scope = {**base, "headers": headers, "root_path": "", "client": None, "server": None, "http_version": "1.1"}
        await app(scope, receive, send)
    assert sent[0]["status"] == 200
    assert b"age" in dict(sent[0]["headers"])


async def test_nobody_asks_dbt_cloud_or_the_cache_for_it(client: httpx.AsyncClient) -> None:
    await client.get(REPORT)
    before = account_of(client).statistics
    assert given_again(await client.get(REPORT))
    assert account_of(client).statistics == before


async def test_the_order_of_parameters_makes_no_difference(client: httpx.AsyncClient) -> None:
    await client.get("/reports/longest_running_jobs?period=last_week&limit=3")
    assert given_again(await client.get("/reports/longest_running_jobs?limit=3&period=last_week"))


@pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson", "application/json;q=0.1, text/csv"])
async def test_each_form_is_kept_for_itself(accept: str, client: httpx.AsyncClient) -> None:
    answers = [await client.get(REPORT, headers=headers) for headers in ({}, {"Accept": accept}) * 2]
    assert list(map(given_again, answers)) == [False, False, True, True]
    kinds = [answer.headers["content-type"] for answer in answers]
    assert kinds[:2] == kinds[2:]
    assert kinds[0] != kinds[1]


@pytest.mark.parametrize("own", ["refresh=true", "statistics=true"])
async def test_who_asks_for_an_answer_of_their_own_gets_one(own: str, client: httpx.AsyncClient) -> None:
    await client.get(REPORT)
    assert not given_again(await client.get(f"{REPORT}&{own}"))
    assert not given_again(await client.get(f"{REPORT}&{own}"))


async def test_after_an_invalidation_nothing_of_before_is_given(client: httpx.AsyncClient) -> None:
    await client.get(REPORT)
    assert given_again(await client.get(REPORT))
    await client.post("/cache/invalidate", json={"scope": "projects"})
    assert not given_again(await client.get(REPORT))
    assert given_again(await client.get(REPORT))


async def test_after_a_refresh_nothing_of_before_is_given(client: httpx.AsyncClient) -> None:
    await client.get(REPORT)
    await client.get("/jobs?refresh=true")
    assert not given_again(await client.get(REPORT))


async def test_on_the_next_day_nothing_of_before_is_given(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.get("/reports/list_jobs")
    later = account_of(client).now() + timedelta(days=1)
    monkeypatch.setattr(DbtAccount, "now", lambda self: later)
    assert not given_again(await client.get("/reports/list_jobs"))


@pytest.mark.parametrize(
    "path", ["/reports/longest_running_jobs?limit=none", "/jobs/no-such-job", "/reports/no_such_report", "/jobs?x=1"]
)
async def test_errors_are_not_kept(path: str, client: httpx.AsyncClient) -> None:
    first, second = await client.get(path), await client.get(path)
    assert first.status_code == second.status_code >= 400
    assert not given_again(second)
    assert "etag" not in second.headers
    assert first.json()["request_id"] != second.json()["request_id"]


@pytest.mark.parametrize("caching", [CachingStrategy(enable_caching=False), CachingStrategy(cache_ttl=0)])
async def test_where_nothing_is_cached_nothing_is_kept(
    caching: CachingStrategy, sandbox_account: Callable[..., DbtAccount], settings: Settings
) -> None:
    async with opened(sandbox_account(caching_strategy=caching), settings) as client:
        assert not any([given_again(await client.get("/projects")) for _ in range(3)])


async def test_head_is_answered_from_what_get_left(client: httpx.AsyncClient) -> None:
    got = await client.get(REPORT)
    head = await client.head(REPORT)
    assert given_again(head)
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize("host", ["evil.example", "", "["])
async def test_a_foreign_host_gets_nothing_of_what_is_kept(host: str, client: httpx.AsyncClient) -> None:
    await client.get(REPORT)
    answer = await client.get(REPORT, headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json()["type"] == "/docs#unknown-host"


async def test_the_request_keeps_its_own_id(client: httpx.AsyncClient) -> None:
    await client.get(REPORT)
    answer = await client.get(REPORT, headers={"X-Request-ID": "mine-1"})
    assert given_again(answer)
    assert answer.headers["x-request-id"] == "mine-1"
    assert (await client.get(REPORT, headers={"X-Request-ID": "not mine"})).headers["x-request-id"] != "not mine"


async def test_what_is_renewed_while_an_answer_is_worked_out_keeps_it_from_being_kept(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_of(client)
    told = DbtAccount.aget_jobs

    async def meanwhile(self: DbtAccount, *args: Any, **given: Any) -> Any:
        listing = await told(self, *args, **given)
        account.caching_strategy.invalidate_cache("models")
        return listing

    monkeypatch.setattr(DbtAccount, "aget_jobs", meanwhile)
    await client.get("/jobs")
    assert not given_again(await client.get("/jobs"))
    monkeypatch.setattr(DbtAccount, "aget_jobs", told)
    await client.get("/jobs")
    assert given_again(await client.get("/jobs"))


async def test_an_answer_that_holds_its_own_address_is_kept_for_that_alone(client: httpx.AsyncClient) -> None:
    for host in ("127.0.0.1:8000", "localhost:8000"):
        assert not given_again(await client.get(REPORT, headers={"Host": host}))
        assert given_again(await client.get(REPORT, headers={"Host": host}))
