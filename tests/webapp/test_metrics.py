"""`/metrics`: what is counted, under a bounded number of labels, and nothing asked of dbt Cloud for it."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.request_figures import RequestFigures
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families as families

from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted, calling, saying

BOUNDS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "+Inf")
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def figures(client: httpx.AsyncClient) -> Figures:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(answer.text)
        for sample in family.samples
    }


def requests(found: Figures, method: str, route: str, status: int) -> float:
    labels = frozenset({"method": method, "route": route, "status": str(status)}.items())
    return found.get(("dbt_discovery_http_requests_total", labels), 0)


def plain(found: Figures, name: str, **labels: str) -> float:
    return found[f"dbt_discovery_{name}", frozenset(labels.items())]


async def test_requests_are_counted_by_route_and_status(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/healthz", "/jobs/no-such-job", "/jobs/nor/this", "/static/style.css", "/reports?x=1"):
        await client.get(path)
    await client.get("/openapi.json")
    await client.get("/healthz", headers={"Host": "evil.example"})
    await client.post("/healthz")
    found = await figures(client)
    assert requests(found, "GET", "/healthz", 200) == 2
    assert requests(found, "POST", "/healthz", 405) == 1
    assert requests(found, "GET", "/jobs/{job}", 404) == 2
    assert requests(found, "GET", "/static", 200) == 1
    assert requests(found, "GET", "/openapi.json", 200) == 1
    assert requests(found, "GET", "none", 421) == 1


@pytest.mark.parametrize("strange", ["BREW", "X" * 1000])
async def test_neither_paths_nor_methods_of_strangers_become_labels(strange: str, client: httpx.AsyncClient) -> None:
    for n in range(20):
        await client.get(f"/nowhere/{n}")
    await client.request(strange, "/healthz")
    found = await figures(client)
    assert requests(found, "GET", "none", 404) == 20
    assert requests(found, "other", "/healthz", 405) == 1
    routes = {value for _, labels in found for name, value in labels if name == "route"}
    assert routes == {"none", "/healthz"}


async def test_durations_are_a_histogram(client: httpx.AsyncClient) -> None:
    await client.get("/reports/slowest_models?limit=1")
    found = await figures(client)
    labels = {"method": "GET", "route": "/reports/slowest_models"}
    assert plain(found, "http_request_duration_seconds_count", **labels) == 1
    assert 0 < plain(found, "http_request_duration_seconds_sum", **labels) < 60
    assert plain(found, "http_request_duration_seconds_bucket", **labels, le="+Inf") == 1


def test_a_duration_counts_in_every_bucket_that_is_no_shorter() -> None:
    registry = CollectorRegistry()
    counted = RequestFigures(registry)
    for seconds in (3, 3, 20, 100):
        counted.count("GET", "/jobs", 200, time.perf_counter() - seconds)
    labels = {"method": "GET", "route": "/jobs"}
    name = "dbt_discovery_http_request_duration_seconds"
    told = {le: registry.get_sample_value(f"{name}_bucket", {**labels, "le": le}) for le in BOUNDS}
    assert told == {**dict.fromkeys(BOUNDS, 0), "5.0": 2, "10.0": 2, "30.0": 3, "60.0": 3, "+Inf": 4}
    assert registry.get_sample_value(f"{name}_count", labels) == 4
    assert 126 <= (registry.get_sample_value(f"{name}_sum", labels) or 0) < 136
    assert registry.get_sample_value("dbt_discovery_http_requests_total", {**labels, "status": "200"}) == 4


async def test_answers_requests_and_runs_are_those_of_the_account(client: httpx.AsyncClient) -> None:
    account: DbtAccount = client._transport.app.state.services.account  # type: ignore[attr-defined]
    for limit in (1, 2):
        await client.get(f"/reports/longest_running_jobs?period=last_week&limit={limit}")
    found, statistics, store = await figures(client), account.statistics, await account.aget_store()
    assert plain(found, "upstream_requests_total") == statistics.requests == account.requests > 0
    assert plain(found, "answers_total", source="hits") == statistics.cache.hits > 0
    assert plain(found, "answers_total", source="misses") == statistics.cache.misses > 0
    assert plain(found, "cache_bytes") == statistics.cache.bytes > 0
    assert plain(found, "runs_stored") == store.sources[0].runs > 500


async def test_what_is_answered_with_known_bytes_counts_as_what_its_route_answered(client: httpx.AsyncClient) -> None:
    path = "/reports/longest_running_jobs?period=last_week"
    assert [(await client.get(path)).headers.get("age") for _ in range(3)] == [None, "0", "0"]
    await client.head(path)
    found = await figures(client)
    assert requests(found, "GET", "/reports/longest_running_jobs", 200) == 3
    assert requests(found, "HEAD", "/reports/longest_running_jobs", 200) == 1
    assert plain(found, "kept_answers_given_total") == 3
    assert plain(found, "kept_answers_bytes") > len((await client.get(path)).content)


async def test_head_is_counted_under_the_route_that_answers_get(client: httpx.AsyncClient) -> None:
    await client.head("/healthz")
    assert requests(await figures(client), "HEAD", "/healthz", 200) == 1


async def test_nothing_is_asked_of_dbt_cloud(client: httpx.AsyncClient) -> None:
    account: DbtAccount = client._transport.app.state.services.account  # type: ignore[attr-defined]
    found = await figures(client)
    assert account.requests == 0
    assert plain(found, "upstream_requests_total") == 0
    assert ("dbt_discovery_runs_stored", frozenset()) not in found


async def test_openmetrics_where_it_is_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


async def test_apps_count_for_themselves(sandbox_account: Callable[..., DbtAccount], settings: Settings) -> None:
    for _ in range(2):
        async with opened(sandbox_account(), settings) as client:
            await client.get("/healthz")
            assert requests(await figures(client), "GET", "/healthz", 200) == 1


async def test_an_error_nobody_foresaw_counts_as_one(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: object, **given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(DbtAccount, "aget_projects", broken)
    assert (await client.get("/projects")).status_code == 500
    assert requests(await figures(client), "GET", "/projects", 500) == 1


async def test_turns_of_the_chat_are_counted_by_how_they_ended(
    sandbox_account: Callable[..., DbtAccount], settings: Settings
) -> None:
    withheld = saying("There are jobs.")
    withheld.response_metadata["withheld"] = ["It took 5 s.", "It took 6 s."]
    turns = {
        "answered": [calling("list_jobs", limit=1), withheld],
        "stopped": [calling("list_jobs", f"call-{n}", limit=1) for n in range(3)],
        "failed": [calling("list_jobs", jobs=["no such job"]), saying("There is none.")],
        "model_error": [calling("list_jobs", limit=1), ConnectionError()],
    }
    model = Scripted(steps=[step for steps in turns.values() for step in steps])
    async with opened(sandbox_account(), settings, model) as client:
        for outcome in turns:
            await client.post("/chat", json={"message": outcome})
        found = await figures(client)
    assert [plain(found, "chat_turns_total", model="scripted", outcome=outcome) for outcome in turns] == [1] * 4
    assert plain(found, "chat_tokens_total", model="scripted", direction="input") == 6 * 10 + 2 * 20
    assert plain(found, "chat_tokens_total", model="scripted", direction="output") == 6 * 2 + 2 * 5
    assert plain(found, "chat_tool_calls_total", model="scripted") == 6
    assert plain(found, "chat_withheld_sentences_total", model="scripted") == 2
    assert plain(found, "chat_turn_duration_seconds_count", model="scripted") == 4
