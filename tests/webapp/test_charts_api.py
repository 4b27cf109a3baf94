"""The reports as charts, over REST."""

from __future__ import annotations

from xml.etree import ElementTree

import httpx
import pytest
from dbt_discovery.reports import registry

from tests.webapp.test_problems import checked

LONGEST = "/reports/longest_running_jobs"
QUERY = {"period": "last_week", "limit": "3", "projects": ["Marketing", "Finance Analytics"]}


async def test_a_picture_is_of_the_report_that_the_same_query_gives(client: httpx.AsyncClient) -> None:
    report = (await client.get(LONGEST, params=QUERY)).json()
    answer = await client.get(f"{LONGEST}/chart.svg", params=QUERY)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.text)
    assert root[0].text == report["title"]
    assert (root[1].text or "").startswith(report["finding"])
    words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {row["job_name"] for row in report["rows"]} <= words


async def test_a_specification_holds_the_rows(client: httpx.AsyncClient) -> None:
    report = (await client.get(LONGEST, params=QUERY)).json()
    answer = await client.get(f"{LONGEST}/chart.vega.json", params=QUERY)
    assert answer.headers["content-type"] == "application/vnd.vegalite.v5+json"
    values = answer.json()["data"]["values"]
    assert [(each["name"], each["value"]) for each in values] == [
        (row["job_name"], row["avg_runtime"]) for row in report["rows"]
    ]


async def test_the_theme_is_a_matter_of_the_query(client: httpx.AsyncClient) -> None:
    light, dark = [(await client.get(f"{LONGEST}/chart.svg?theme={theme}")).text for theme in ("light", "dark")]
    assert "#ffffff" in light
    assert "#171614" in dark
    assert (await client.get(f"{LONGEST}/chart.svg")).text == light
    checked(await client.get(f"{LONGEST}/chart.svg?theme=pink"), 422, "invalid-argument")
    checked(await client.get(f"{LONGEST}/chart.vega.json?theme=dark"), 422, "invalid-argument")


@pytest.mark.parametrize("form", ["chart.svg", "chart.vega.json"])
async def test_what_cannot_be_drawn_is_a_problem(form: str, client: httpx.AsyncClient) -> None:
    problem = checked(await client.get(f"/reports/failed_runs/{form}?limit=3"), 404, "no-chart")
    assert "/reports/failed_runs?" in problem["detail"]
    checked(await client.get(f"/reports/longest_jobs/{form}"), 404, "not-found")
    wrong = checked(await client.get(f"{LONGEST}/{form}?period=someday"), 422, "invalid-argument")
    assert wrong["errors"][0]["parameter"] == "period"
    checked(await client.get(f"{LONGEST}/{form}?colour=red"), 422, "invalid-argument")


async def test_hyphens_name_the_same_report(client: httpx.AsyncClient) -> None:
    plain = await client.get("/reports/slowest_models/chart.svg?limit=2")
    assert (await client.get("/reports/slowest-models/chart.svg?limit=2")).text == plain.text


@pytest.mark.parametrize("name", sorted(registry()))
async def test_every_report_is_drawn_or_says_that_it_is_not(name: str, client: httpx.AsyncClient) -> None:
    sample = dict(registry()[name].sample)
    report = (await client.get(f"/reports/{name}", params=sample)).json()
    pictured = await client.get(f"/reports/{name}/chart.svg", params=sample)
    worded = await client.get(f"/reports/{name}/chart.vega.json", params=sample)
    if report["chart"] is None:
        assert pictured.status_code == worded.status_code == 404
        return
    drawn = len(list(ElementTree.fromstring(pictured.text).iter("{http://www.w3.org/2000/svg}title")))
    assert drawn > 1, "at least one bar, span or point"
    assert any(row["value"] is not None for row in worded.json()["data"]["values"])


async def test_the_api_page_documents_the_charts(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    picture = paths["/reports/{name}/chart.svg"]["get"]
    assert picture["operationId"] == "get_chart_svg"
    assert {each["name"] for each in picture["parameters"]} == {"name", "theme", "arguments"}
    assert "image/svg+xml" in picture["responses"]["200"]["content"]
