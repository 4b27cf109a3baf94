"""The OpenAPI document: stable names, what every parameter takes, and how every answer looks."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from dbt_discovery.reports import registry

OPERATIONS = """
    account_longest_running_jobs account_slowest_models ask chat_page delete_thread follow_turn get_account
    get_chart_svg get_chart_vega get_job get_model get_model_sql get_project get_run get_thread healthz
    invalidate_cache judge_answer read_page rename_thread stop_turn
    job_slowest_models list_job_models list_job_runs list_jobs list_model_jobs list_model_runs list_models
    list_project_jobs list_project_models list_projects list_reports list_run_models list_runs list_threads metrics
    project_longest_running_jobs project_slowest_models readyz run_slowest_models take_dbt_event
"""
"""The names that clients are generated with. They are there for good; beside them each report has its own."""

NARROWED = {"list_runs": "job_runtimes", "lineage": "model_lineage"}
TABLES = {"application/json", "text/csv", "application/x-ndjson"}


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    api: dict[str, Any] = (await client.get("/openapi.json")).json()
    return api


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["operationId"]: each for methods in document["paths"].values() for each in methods.values()}


def test_operations_keep_their_names(document: dict[str, Any]) -> None:
    known = operations(document)
    assert len(known) == sum(len(methods) for methods in document["paths"].values())
    promised = {*OPERATIONS.split(), *(f"report_{name}" for name in registry())}
    promised |= {operation for report, operation in NARROWED.items() if report in registry()}
    assert promised <= known.keys()


def test_whatever_it_refers_to_is_in_it(document: dict[str, Any]) -> None:
    references = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(document)))
    assert references
    for reference in references:
        place: Any = document
        for key in reference.removeprefix("#/").split("/"):
            assert key in place, reference
            place = place[key]
    assert '"$defs"' not in json.dumps(document)


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert len(operation["tags"]) == 1, name
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["name"] in ("thread", "thread_id"), (name, parameter)
            assert "null" not in str(parameter["schema"]), (name, parameter)


def test_every_problem_is_described_once_with_an_example(document: dict[str, Any]) -> None:
    known = document["components"]["responses"]
    for response in known.values():
        content = response["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert all(example["value"]["detail"] for example in content["examples"].values())
    for name, operation in operations(document).items():
        refused = {status for status in operation["responses"] if status >= "400"}
        assert {"421", "422", "500"} <= refused, name
        named = re.findall(r"Problem\d+", str(operation["responses"]))
        assert set(named) <= known.keys(), name
        assert all(
            answer.get("$ref") or "problem+json" in str(answer)
            for code, answer in operation["responses"].items()
            if code in refused
        )
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_statuses_follow_from_what_is_asked(document: dict[str, Any]) -> None:
    known = {name: set(operation["responses"]) for name, operation in operations(document).items()}
    assert known["healthz"] == {"200", "421", "422", "500"}
    assert known["list_job_runs"] == {"200", "404", "406", "409", "421", "422", "500", "502", "503"}
    assert known["report_slowest_models"] == known["list_job_runs"]
    assert known["invalidate_cache"] >= {"400", "403", "413"}


def test_rows_come_in_three_forms(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        content = operation["responses"].get("200", {}).get("content", {})
        if name.startswith("report_") or (name.startswith("list_") and name not in ("list_reports", "list_threads")):
            assert set(content) == TABLES, name
    sql = operations(document)["get_model_sql"]["responses"]["200"]["content"]
    assert set(sql) == {"application/json", "text/plain"}


def test_things_are_described_field_by_field(document: dict[str, Any]) -> None:
    run = document["components"]["schemas"]["Run"]["properties"]
    assert run["runtime"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert run["created_at"]["format"] == "date-time"
    assert run["queued"]["description"] == "Seconds from creation to start."
    page = document["components"]["schemas"]["RunPage"]["properties"]
    assert page["items"]["items"] == {"$ref": "#/components/schemas/Run"}
    assert "schema" in document["components"]["schemas"]["Model"]["properties"]


def test_reports_show_their_worked_examples(document: dict[str, Any]) -> None:
    for name, declaration in registry().items():
        operation = operations(document)[f"report_{name}"]
        examples = {each["name"]: each["example"] for each in operation["parameters"] if "example" in each}
        assert examples == dict(declaration.sample)


def test_a_sort_lists_its_choices(document: dict[str, Any]) -> None:
    parameters = {each["name"]: each for each in operations(document)["list_jobs"]["parameters"]}
    assert {"name", "-name", "-last_run_runtime"} <= set(parameters["sort"]["schema"]["enum"])
    assert "steps" not in parameters["sort"]["schema"]["enum"]
    assert parameters["sort"]["schema"]["default"] == "name"


@pytest.mark.parametrize(
    "period",
    ["today", "last_7_days", "last_1_hour", "2026-11-01", "2026-11-01/2026-11-15", "2026-11-01T10:00Z/2026-11-02"],
)
async def test_a_period_that_the_document_admits_is_taken(
    period: str, document: dict[str, Any], client: httpx.AsyncClient
) -> None:
    parameters = {each["name"]: each for each in operations(document)["list_runs"]["parameters"]}
    assert re.search(parameters["period"]["schema"]["pattern"], period)
    assert (await client.get("/runs", params={"period": period})).status_code == 200
