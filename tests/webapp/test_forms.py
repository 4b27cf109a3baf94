"""The forms of an answer: which one a client gets, and what stands in CSV and NDJSON."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest
from dbt_discovery.reports import registry
from dbt_discovery_web.rest.accepting import CSV, JSON, NDJSON, TABLES, preferred
from dbt_discovery_web.rest.listings import _path
from dbt_discovery_web.rest.tables import Table, table_response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse

from tests.webapp.test_problems import checked
from tests.webapp.test_resources_api import everything


def asking(*accept: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept", each.encode()) for each in accept]})


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ((), JSON),
        (("",), JSON),
        (("*/*",), JSON),
        (("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",), JSON),
        (("text/csv",), CSV),
        (("TEXT/CSV; charset=utf-8",), CSV),
        (("text/*",), CSV),
        (("application/x-ndjson, application/json;q=0.5",), NDJSON),
        (("application/json;q=0.5", "text/csv;q=0.7"), CSV),
        (("application/*;q=0.2, text/csv;q=0.1",), JSON),
        (("application/json;q=0, */*;q=0.1",), CSV),
        (("application/json;q=much, text/csv;q=0.1",), CSV),
        (("application/json;q=nan, text/csv;q=0.1",), CSV),
    ],
)
def test_the_form_is_the_one_that_accept_prefers(accept: tuple[str, ...], form: str) -> None:
    assert preferred(asking(*accept), TABLES) == form


@pytest.mark.parametrize("accept", ["image/png", "text/html", "text/csv;q=0", "nonsense", "*/*;q=0"])
def test_a_form_that_there_is_not_is_refused(accept: str) -> None:
    with pytest.raises(HTTPException) as refusal:
        preferred(asking(accept), TABLES)
    assert refusal.value.status_code == 406


@pytest.mark.parametrize("path", ["/jobs", "/reports/list_jobs", "/models/fct_invoices/sql"])
async def test_a_client_is_told_which_forms_there_are(path: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(path, headers={"Accept": "image/png"})
    assert JSON in checked(answer, 406, "not-acceptable")["detail"]
    assert answer.headers["vary"].split(", ")[0] == "Accept"


async def rows_of(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=params, headers={"Accept": NDJSON})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/models", {}),
        ("/runs", {"period": "last_7_days"}),
        ("/jobs", {"sort": "-last_run_runtime"}),
        ("/projects", {}),
    ],
)
async def test_a_collection_has_all_that_its_filter_keeps(
    path: str, params: dict[str, Any], client: httpx.AsyncClient
) -> None:
    expected, _ = await everything(client, path, limit=500, **params)
    assert await rows_of(client, path, **params) == expected
    answer = await client.get(path, params=params, headers={"Accept": CSV})
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [list(line) for line in lines] == [list(item) for item in expected]
    key = {"/models": "unique_id", "/runs": "run_id", "/jobs": "job_id", "/projects": "project_id"}[path]
    assert [line[key] for line in lines] == [item[key] for item in expected]
    assert answer.headers["x-total-count"] == str(len(expected))
    assert answer.headers["x-complete"] == "true"
    assert answer.headers["content-disposition"] == f'attachment; filename="{path[1:]}.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["vary"].split(", ")[0] == "Accept"
    assert "link" not in answer.headers


async def test_a_limit_cuts_rows_and_the_link_leads_on(client: httpx.AsyncClient) -> None:
    expected, _ = await everything(client, "/models", limit=500, materialization="table")
    path, seen = "/models?materialization=table&limit=20", []
    while path:
        answer = await client.get(path, headers={"Accept": NDJSON})
        seen += [json.loads(line) for line in answer.text.splitlines()]
        assert answer.headers["x-total-count"] == str(len(expected))
        link = answer.headers.get("link", "")
        path = link.partition("<")[2].partition(">")[0]
    assert seen == expected
    assert len(expected) > 20


def test_the_link_leads_on_below_a_name_that_an_address_has_to_write_otherwise() -> None:
    scope = {"type": "http", "path": "/jobs/100% paid? #1/runs", "query_string": b"limit=1&cursor=old", "headers": []}
    assert _path(Request(scope), "new") == "/jobs/100%25%20paid%3F%20%231/runs?limit=1&cursor=new"


async def test_a_report_has_every_row_unless_a_limit_is_given(client: httpx.AsyncClient) -> None:
    total = (await client.get("/reports/list_models")).json()["total_rows"]
    whole = await rows_of(client, "/reports/list_models")
    assert len(whole) == total > 50  # which is the report's own limit
    assert len(await rows_of(client, "/reports/list_models", limit=7)) == 7
    listed = (await client.get("/reports/list_models", params={"limit": 500})).json()["rows"]
    assert whole == listed


async def test_every_row_of_a_report_has_its_details(client: httpx.AsyncClient) -> None:
    """The report asks for the details of the rows that it shows: here these are all."""
    rows = await rows_of(client, "/reports/failed_runs", period="last_30_days")
    assert len(rows) > 10
    assert all(row["failed_nodes"] or row["failed_steps"] or row["status_message"] for row in rows)
    listed = await client.get("/reports/failed_runs", params={"period": "last_30_days", "limit": 500})
    assert rows == listed.json()["rows"]


@pytest.mark.parametrize("name", sorted(registry()))
async def test_every_report_comes_in_every_form(name: str, client: httpx.AsyncClient) -> None:
    sample = dict(registry()[name].sample)
    report = (await client.get(f"/reports/{name}", params=sample)).json()
    answer = await client.get(f"/reports/{name}", params=sample, headers={"Accept": CSV})
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert lines[0] == [column["key"] for column in report["columns"]]
    rows = await rows_of(client, f"/reports/{name}", **sample)
    assert rows[: len(report["rows"])] == report["rows"]
    assert len(rows) == len(lines) - 1 == (len(report["rows"]) if "limit" in sample else report["total_rows"])
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'


async def test_many_rows_are_sent_piece_by_piece() -> None:
    rows = [{"name": f"model {number}", "formula": "=1+1"} for number in range(1234)]
    table = Table(name="models", keys=("name", "formula"), rows=rows, total=1234, complete=False)
    for form in (CSV, NDJSON):
        response = table_response(table, form)
        assert isinstance(response, StreamingResponse)
        pieces = [bytes(piece) async for piece in response.body_iterator]  # type: ignore[arg-type]
        assert len(pieces) == 3
        assert response.headers["x-complete"] == "false"
        lines = b"".join(pieces).decode().splitlines()
        if form == NDJSON:
            assert [json.loads(line) for line in lines] == rows
        else:
            assert lines[1] == "model 0,'=1+1"
            assert len(lines) == 1235


PATHS = ("/jobs", "/jobs/Finance nightly build", "/reports", "/reports/list_jobs", "/healthz", "/readyz", "/account")
PAGES = ("/chat", "/docs", "/openapi.json", "/static/icon.svg", "/chat/threads")


@pytest.mark.parametrize("path", [*PATHS, *PAGES, "/jobs/none", "/nowhere"])
async def test_head_has_the_headers_of_get_and_no_body(path: str, client: httpx.AsyncClient) -> None:
    plain = {"Accept-Encoding": "identity"}
    got, head = await client.get(path, headers=plain), await client.head(path, headers=plain)
    assert head.status_code == got.status_code
    assert head.content == b""
    own = {"x-request-id": "", "age": "0"}  # the second may be answered with the bytes of the first
    assert dict(head.headers) | own == dict(got.headers) | own
    assert int(head.headers["content-length"]) == len(got.content) > 0


async def test_head_is_no_way_around_a_method(client: httpx.AsyncClient) -> None:
    answer = await client.head("/cache/invalidate")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    both = await client.put("/chat/threads/some")
    assert both.headers["allow"] == "GET, HEAD, PATCH, DELETE"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/healthz?colour=red", "colour"),
        ("/readyz?colour=red", "colour"),
        ("/account?colour=red", "colour"),
        ("/reports?colour=red", "colour"),
        ("/jobs?limit=1&limit=2", "limit"),
        ("/jobs/x?refresh=true&refresh=false", "refresh"),
        ("/models/x/sql?colour=red", "colour"),
        ("/reports/slowest_models?limit=1&limit=2", "limit"),
        ("/chat/threads?colour=red", "colour"),
    ],
)
async def test_a_parameter_that_a_path_does_not_know_or_take_twice_is_refused(
    path: str, parameter: str, client: httpx.AsyncClient
) -> None:
    assert checked(await client.get(path), 422, "invalid-argument")["errors"][0]["parameter"] == parameter
