"""What every request passes: names, origins and the headers of every response."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings

from tests.webapp.conftest import opened

PATHS = ["/chat", "/docs", "/healthz", "/jobs", "/openapi.json", "/static/chat.js", "/static/style.css", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_response_has_its_safety_headers(path: str, client: httpx.AsyncClient) -> None:
    headers = (await client.get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-request-id"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:9", 200),
        ("[::1]:8000", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:8000", 421),
        ("192.168.1.5:8000", 421),
        ("", 421),
        ("[", 421),
    ],
)
async def test_only_known_names_are_answered_to(host: str, status: int, client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz", headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        assert answer.json()["type"] == "/docs#unknown-host"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_configured_name_is_answered_to(sandbox_account: Callable[..., DbtAccount], settings: Settings) -> None:
    async with opened(sandbox_account(), settings, hosts=["reports.example"]) as client:
        assert (await client.get("/healthz", headers={"Host": "reports.example"})).status_code == 200
        assert (await client.get("/healthz", headers={"Host": "192.168.1.5"})).status_code == 421


async def test_listening_everywhere_admits_addresses_but_no_names(
    sandbox_account: Callable[..., DbtAccount], settings: Settings
) -> None:
    async with opened(sandbox_account(), settings, hosts=["0.0.0.0"]) as client:
        assert (await client.get("/healthz", headers={"Host": "192.168.1.5:8000"})).status_code == 200
        assert (await client.get("/healthz", headers={"Host": "evil.example"})).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/chat"), ("POST", "/cache/invalidate"), ("DELETE", "")])
async def test_only_the_own_page_may_change_anything(
    method: str, path: str, headers: dict[str, str], status: int, client: httpx.AsyncClient
) -> None:
    if method == "DELETE":
        path = f"/chat/threads/{(await client.post('/chat', json={'message': 'hi'})).json()['thread_id']}"
    body = {"message": "hi"} if path == "/chat" else None
    answer = await client.request(method, path, json=body, headers=headers)
    assert answer.status_code == (204 if status == 200 and method == "DELETE" else status)
    if status == 403:
        assert answer.json()["type"] == "/docs#foreign-origin"


async def test_another_site_may_be_linked_from(client: httpx.AsyncClient) -> None:
    answer = await client.get("/chat", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


async def test_a_form_of_another_kind_is_not_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post("/chat", content='{"message": "hi"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422
