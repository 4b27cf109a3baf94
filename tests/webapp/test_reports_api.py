"""The reports over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount
from dbt_discovery.reports import registry

QUESTIONS: dict[str, dict[str, Any]] = {
    "longest_running_jobs": {"period": "last_week", "order_by": "max", "limit": 3},
    "slowest_models": {"limit": 5, "tags": ["finance", "daily"], "materialization": ["table"]},
    "failed_runs": {"period": "last_3_days"},
    "list_jobs": {"job_type": ["ci", "scheduled"]},
    "list_models": {"min_runtime": 10.5, "limit": 20},
}


async def test_reports_are_listed_with_their_schemas(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/reports")).json()
    assert [each["name"] for each in listed] == sorted(registry())
    for each in listed:
        assert set(each) == {"name", "title", "summary", "group", "arguments", "examples", "path"}
        assert each["path"] == f"/reports/{each['name']}"
        assert "refresh" in each["arguments"]["properties"]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
async def test_a_report_is_the_one_that_python_gives(
    name: str, client: httpx.AsyncClient, sandbox_account: Callable[..., DbtAccount]
) -> None:
    async with sandbox_account() as account:
        expected = (await account.arun_report(name, **QUESTIONS[name])).to_json()
    answer = await client.get(f"/reports/{name}", params=QUESTIONS[name])
    assert answer.status_code == 200
    assert answer.json() == expected
    assert answer.json()["rows"]


@pytest.mark.parametrize("name", sorted(registry()))
async def test_the_path_of_a_report_gives_it_again(name: str, client: httpx.AsyncClient) -> None:
    first = (await client.get(f"/reports/{name}", params=QUESTIONS.get(name, registry()[name].sample))).json()
    again = (await client.get(first["path"])).json()
    assert again["rows"] == first["rows"]
    assert again["path"] == first["path"]


@pytest.mark.parametrize("name", ["slowest_models", "longest_running_jobs"])
async def test_rankings_stand_under_the_account_too(name: str, client: httpx.AsyncClient) -> None:
    report = (await client.get(f"/account/{name}", params={"limit": 3})).json()
    assert report == (await client.get(f"/reports/{name}", params={"limit": 3})).json()
    assert len(report["rows"]) == 3


async def test_repeating_a_list_parameter_adds_to_it(client: httpx.AsyncClient) -> None:
    report = (await client.get("/reports/list_jobs?job_type=ci&job_type=scheduled")).json()
    assert report["arguments"]["job_type"] == ["ci", "scheduled"]


async def test_another_spelling_of_a_report_leads_to_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/reports/slowest-models?limit=2")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/reports/slowest_models?limit=2"


async def test_an_unknown_report_is_told_with_near_names(client: httpx.AsyncClient) -> None:
    answer = await client.get("/reports/slowest_modles")
    assert answer.status_code == 404
    assert answer.json()["near"][0] == "slowest_models"


async def test_refresh_asks_again(client: httpx.AsyncClient) -> None:
    account = client._transport.app.state.services.account  # type: ignore[attr-defined]
    await client.get("/reports/list_jobs")
    before = account.requests
    await client.get("/reports/list_jobs")
    assert account.requests == before
    await client.get("/reports/list_jobs?refresh=true")
    assert account.requests > before


async def test_openapi_shows_the_parameters_of_each_report(client: httpx.AsyncClient) -> None:
    api = (await client.get("/openapi.json")).json()
    for name, declaration in registry().items():
        operation = api["paths"][f"/reports/{name}"]["get"]
        assert operation["operationId"] == f"report_{name}"
        assert {each["name"] for each in operation["parameters"]} == set(declaration.arguments.model_fields)
    operations = [each["operationId"] for path in api["paths"].values() for each in path.values()]
    assert len(operations) == len(set(operations))
