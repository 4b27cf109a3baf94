"""What a client sees when something is not right: one clear sentence, the right status, no secret."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import ConfigurationError, DbtAccount, Settings
from dbt_discovery.exceptions import AmbiguousName, InvalidArgument, RateLimited
from dbt_discovery.reports import find_report
from dbt_discovery_web.app import create_app
from dbt_discovery_web.rest.problems import PROBLEMS

from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted

Account = Callable[..., DbtAccount]
MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}


def checked(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem in a response, made sure to be a whole one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) >= MEMBERS
    assert problem["type"] == f"/docs#{kind}"
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["instance"] == answer.request.url.path
    assert "Traceback" not in answer.text
    return problem


@pytest.mark.parametrize("path", ["/nowhere", "/static/nothing.js", "/reports/slowest_models/more"])
async def test_an_unknown_path_is_not_found(path: str, client: httpx.AsyncClient) -> None:
    assert "/docs" in checked(await client.get(path), 404, "no-such-path")["detail"]


async def test_a_wrong_method_is_named_with_those_allowed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/reports/list_jobs")
    checked(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/reports/list_jobs?colour=red", "colour"),
        ("/reports/slowest_models?limit=0", "limit"),
        ("/reports/longest_running_jobs?period=someday", "period"),
        ("/reports/failed_runs?order_by=mood", "order_by"),
        ("/account/slowest_models?limit=many", "limit"),
        ("/jobs?colour=red", "colour"),
        ("/jobs?limit=501", "limit"),
        ("/jobs?job_type=sometimes", "job_type"),
        ("/models?cursor=made-up", "cursor"),
        ("/models?cursor=W10", "cursor"),
        ("/runs?period=2026-13-45", "period"),
        ("/runs?run_status=sleepy", "run_status"),
        ("/projects?refresh=perhaps", "refresh"),
    ],
)
async def test_a_bad_argument_is_named(path: str, parameter: str, client: httpx.AsyncClient) -> None:
    problem = checked(await client.get(path), 422, "invalid-argument")
    assert problem["errors"][0]["parameter"].split(".")[0] == parameter
    assert problem["errors"][0]["message"]
    assert problem["detail"]


async def test_a_sort_that_is_none_names_the_choices(client: httpx.AsyncClient) -> None:
    problem = checked(await client.get("/jobs?sort=mood"), 422, "invalid-argument")
    assert "last_run_runtime" in problem["detail"]
    assert "steps" not in problem["detail"]


async def test_a_cursor_of_another_order_is_refused(client: httpx.AsyncClient) -> None:
    cursor = (await client.get("/models?limit=5")).json()["next"]
    answer = await client.get("/models", params={"cursor": cursor, "sort": "-last_run_runtime"})
    assert checked(answer, 422, "invalid-argument")["errors"][0]["parameter"] == "cursor"


async def test_bounds_in_the_wrong_order_are_told(client: httpx.AsyncClient) -> None:
    problem = checked(await client.get("/models?min_runtime=5&max_runtime=3"), 422, "invalid-argument")
    assert problem["errors"][0]["parameter"] == "min_runtime"
    assert problem["detail"].startswith("min_runtime 5")


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("limit=0", {"limit": "0"}),
        ("limit=many", {"limit": "many"}),
        ("min_runtime=5&max_runtime=3", {"min_runtime": "5", "max_runtime": "3"}),
        ("order_by=mood&tags=a&tags=b", {"order_by": "mood", "tags": ["a", "b"]}),
        ("colour=red", {"colour": "red"}),
    ],
)
async def test_a_reports_argument_is_complained_of_in_the_words_of_every_door(
    query: str, given: dict[str, Any], client: httpx.AsyncClient
) -> None:
    with pytest.raises(InvalidArgument) as complaint:
        find_report("slowest_models").parse(given)
    problem = checked(await client.get(f"/reports/slowest_models?{query}"), 422, "invalid-argument")
    assert problem["detail"] == str(complaint.value)
    assert problem["errors"] == [{"parameter": complaint.value.argument, "message": str(complaint.value)}]


async def test_a_body_that_is_not_json_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/chat", content=b"{", headers={"content-type": "application/json"})
    assert "not valid JSON" in checked(answer, 422, "invalid-argument")["detail"]


async def test_a_body_of_another_encoding_or_kind_is_told_what_to_send(client: httpx.AsyncClient) -> None:
    latin = await client.post("/chat", content=b'{"message": "\xe9"}', headers={"content-type": "application/json"})
    plain = await client.post("/chat", content='{"message": "hi"}', headers={"content-type": "text/plain"})
    for problem in (checked(latin, 400, "unreadable-body"), checked(plain, 422, "invalid-argument")):
        assert "JSON object in UTF-8, with Content-Type: application/json" in problem["detail"]


async def test_a_body_that_is_too_large_is_not_read(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 8192

    for body in (b" " * 65537, pieces()):
        answer = await client.post("/chat", content=body, headers={"content-type": "application/json"})
        assert "64 KiB" in checked(answer, 413, "too-large")["detail"]
    answer = await client.post("/chat", content=b" " * 65000 + b'{"message": "hi"}')
    assert answer.status_code != 413


@pytest.mark.parametrize("path", ["/jobs/{}", "/reports/longest_running_jobs?jobs={}"])
async def test_an_unknown_job_is_told_with_near_names(path: str, client: httpx.AsyncClient) -> None:
    name = (await client.get("/jobs")).json()["items"][0]["name"]
    problem = checked(await client.get(path.format(name[:-1] + "x")), 404, "not-found")
    assert name in problem["near"]
    assert name in problem["detail"]


@pytest.mark.parametrize("path", ["/runs/1", "/runs/abc", "/models/nothing_like_it", "/projects/none"])
async def test_what_is_not_there_is_not_found(path: str, client: httpx.AsyncClient) -> None:
    checked(await client.get(path), 404, "not-found")


async def test_a_name_of_several_things_lists_them(sandbox_account: Account, settings: Settings) -> None:
    """Nothing in the sandbox shares its name, so two jobs that do are made up here."""
    account = sandbox_account()

    async def ambiguous(*args: Any, **options: Any) -> Any:
        raise AmbiguousName("job", "Nightly", {"11": "Nightly", "12": "Nightly"})

    account.aget_job = ambiguous  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        problem = checked(await client.get("/jobs/Nightly"), 409, "ambiguous-name")
    assert problem["candidates"] == ["11", "12"]


RESOURCES = ["/jobs", "/models", "/projects", "/runs", "/account"]
DATA_PATHS = [*RESOURCES, "/reports/slowest_models", "/account/slowest_models"]


@pytest.mark.parametrize("path", DATA_PATHS)
async def test_a_wrong_token_is_upstreams_no(path: str, sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(token="invalid"), settings) as client:
        problem = checked(await client.get(path), 502, "upstream")
    assert "token" in problem["detail"].lower()
    assert "invalid" not in problem["detail"].split()


async def test_a_token_without_the_admin_api_says_so(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(token="metadata-only", account_id=70403103900001), settings) as client:
        problem = checked(await client.get("/jobs"), 502, "upstream")
    assert "set DBT_ENVIRONMENT_IDS" in problem["detail"]
    async with opened(sandbox_account(token="metadata-only"), settings) as client:
        problem = checked(await client.get("/jobs"), 503, "not-configured")
    assert "DBT_ACCOUNT_ID is missing" in problem["detail"]
    assert "metadata-only" not in problem["detail"]


class Down(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)


@pytest.mark.parametrize("path", [*DATA_PATHS, "/readyz"])
async def test_a_dbt_cloud_out_of_reach_is_service_unavailable(
    path: str, sandbox_account: Account, settings: Settings
) -> None:
    async with opened(sandbox_account(transport=Down()), settings) as client:
        checked(await client.get(path), 503, "unreachable")


async def test_a_service_that_is_not_ready_says_what_is_wrong(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(token="invalid"), settings) as client:
        problem = await client.get("/readyz")
    assert problem.status_code == problem.json()["status"] == 503
    assert problem.json()["type"] == "/docs#upstream"
    assert "token" in problem.json()["detail"]


async def test_a_service_whose_data_cannot_be_had_is_not_ready(
    sandbox_account: Account, settings: Settings, world: World
) -> None:
    """A token for metadata alone is let in, and without ids of environments gets nothing there."""
    account = sandbox_account(token="metadata-only", account_id=str(world.account.id))
    async with opened(account, settings) as client:
        ready, projects = [await client.get(path) for path in ("/readyz", "/projects")]
    assert (ready.status_code, projects.status_code) == (503, 502)
    assert ready.json()["detail"] == projects.json()["detail"]


async def test_being_asked_to_wait_says_how_long(sandbox_account: Account, settings: Settings) -> None:
    account = sandbox_account()

    async def limited(*args: Any, **options: Any) -> Any:
        raise RateLimited("dbt Cloud asks to wait.", datetime.now(UTC) + timedelta(seconds=299.2), 500)

    account.aget_jobs = limited  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        answer = await client.get("/jobs")
    checked(answer, 503, "rate-limited")
    wait = answer.headers["retry-after"]
    assert wait in ("299", "300")
    assert answer.headers["ratelimit"] == f'"dbt-cloud";r=0;t={wait}'
    assert answer.headers["ratelimit-policy"] == '"dbt-cloud";q=500;w=60'


async def test_half_a_configuration_stops_the_app_before_it_starts() -> None:
    with pytest.raises(ConfigurationError, match="DBT_SERVICE_TOKEN is missing"):
        create_app(Settings(account_id="1"))


async def test_an_error_nobody_foresaw_is_logged_and_not_told(
    sandbox_account: Account, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    account = sandbox_account()

    async def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError("the secret is hush-hush")

    account.aget_jobs = broken  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        with caplog.at_level(logging.ERROR):
            answer = await client.get("/jobs", headers={"X-Request-ID": "mine-1"})
    problem = checked(answer, 500, "internal")
    assert problem["request_id"] == "mine-1"
    assert "hush" not in answer.text
    assert "mine-1" in caplog.text
    assert "hush-hush" in caplog.text


async def test_a_request_id_that_is_no_plain_word_is_replaced(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz", headers={"X-Request-ID": "<script>"})
    assert len(answer.headers["x-request-id"]) == 32


async def test_the_docs_page_explains_every_kind_of_problem(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    for kind in PROBLEMS:
        assert f'id="{kind}"' in page


async def test_a_wrong_token_is_told_in_the_chat_and_on_its_page(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(token="invalid"), settings, Scripted(steps=[])) as client:
        answer = await client.post("/chat", json={"message": "Which jobs are there?"})
        page = await client.get("/chat")
    assert "token" in checked(answer, 502, "upstream")["detail"]
    assert page.status_code == 200
    assert "source-fault" in page.text
