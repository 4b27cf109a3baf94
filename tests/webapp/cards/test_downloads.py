"""A report as files, by the links that its card has."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import httpx
from dbt_discovery import Report
from dbt_discovery_web.rendering import report_markdown

from tests.webapp.cards.html import parsed
from tests.webapp.test_problems import checked

QUERY = {"period": "last_week", "limit": "3", "order_by": "max"}


async def links(client: httpx.AsyncClient, name: str, **query: str) -> dict[str, tuple[str, str]]:
    """The links of a card's downloads: where each leads, and what the file is called."""
    card = parsed((await client.get(f"/cards/{name}", params=query)).text)
    found = card.one("p", class_="downloads").all("a")
    return {link.text: (link.attributes["href"], link.attributes["download"]) for link in found}


async def test_csv_has_every_row_and_not_only_those_shown(client: httpx.AsyncClient) -> None:
    address, file = (await links(client, "longest_running_jobs", **QUERY))["CSV of all rows"]
    assert file == "longest_running_jobs.csv"
    answer = await client.get(address)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="longest_running_jobs.csv"'
    whole = (await client.get("/reports/longest_running_jobs", params=QUERY | {"limit": "500"})).json()
    assert whole["total_rows"] == len(whole["rows"]) > 3
    assert [row["job_id"] for row in csv.DictReader(io.StringIO(answer.text))] == [
        row["job_id"] for row in whole["rows"]
    ]


async def test_csv_keeps_a_limit_that_is_given(client: httpx.AsyncClient) -> None:
    answer = await client.get("/reports/longest_running_jobs/rows.csv", params=QUERY)
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == 3
    assert int(answer.headers["x-total-count"]) > 3


async def test_markdown_is_that_of_the_command_line(client: httpx.AsyncClient) -> None:
    address, file = (await links(client, "longest_running_jobs", **QUERY))["Markdown"]
    assert file == "longest_running_jobs.md"
    answer = await client.get(address)
    assert answer.headers["content-type"].startswith("text/markdown")
    whole = Report.model_validate((await client.get("/reports/longest_running_jobs", params=QUERY)).json())
    assert answer.text == report_markdown(whole)


async def test_picture_is_that_of_the_rows_shown(client: httpx.AsyncClient) -> None:
    address, _ = (await links(client, "longest_running_jobs", **QUERY))["SVG of the chart"]
    picture = ElementTree.fromstring((await client.get(address)).text)
    assert "The first 3 of 17 rows are drawn." in "".join(picture.itertext())
    assert list(await links(client, "failed_runs", period="last_week")) == ["CSV of all rows", "Markdown"]
    assert list(await links(client, "failed_runs", period="last_week", jobs="Growth CI", models="fct_revenue")) == [
        "Markdown"
    ]


async def test_files_refuse_what_the_report_refuses(client: httpx.AsyncClient) -> None:
    for form in ("rows.csv", "report.md"):
        checked(await client.get(f"/reports/longest_jobs/{form}"), 404, "not-found")
        checked(await client.get(f"/reports/longest_running_jobs/{form}?period=someday"), 422, "invalid-argument")
        checked(await client.get(f"/reports/longest_running_jobs/{form}?colour=red"), 422, "invalid-argument")
    plain = await client.get("/reports/slowest_models/rows.csv?limit=2")
    assert (await client.get("/reports/slowest-models/rows.csv?limit=2")).text == plain.text
