"""The page of a report: its form comes back as it was filled in, and says what is wrong where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from dbt_discovery import Settings
from dbt_discovery.exceptions import AmbiguousName, RateLimited
from dbt_discovery.reports import registry
from dbt_discovery.reports.declaration import ReportDeclaration

from tests.webapp.browse.conftest import Account
from tests.webapp.browse.pages import HTML, Element, parsed
from tests.webapp.conftest import opened

NAMES = sorted(registry())
ABOUT_ONE = {"compare_runs", "critical_path", "job_details", "lineage", "model_details", "model_runs", "run_details"}
HOSTILE = '"><img src=x onerror=alert(1)>{{7*7}}'


async def page_of(browser: httpx.AsyncClient, address: str, status: int = 200) -> Element:
    answer = await browser.get(address)
    assert answer.status_code == status, answer.text[:400]
    assert answer.headers["content-type"].startswith("text/html")
    return parsed(answer.text)


def another(name: str, schema: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """Values of an argument that are not its default, in its form, as a query has them."""
    for part in schema.get("anyOf", ()):
        if part.get("type") != "null":
            return another(name, {**schema, **part, "anyOf": ()}, definitions)
    items = schema.get("items", {})
    items = definitions[items["$ref"].rpartition("/")[2]] if "$ref" in items else items
    if schema.get("type") == "array":
        return items["enum"][:2] if "enum" in items else [f"first {name}", f"second of {name}, by name"]
    if "enum" in schema:
        return [next(value for value in schema["enum"] if value != schema["default"])]
    if schema.get("type") == "boolean":
        return ["true"]
    if schema.get("type") in ("integer", "number"):
        return ["7"]
    return {"period": ["2026-11-02/2026-11-09"], "run_id": ["12"], "base_run_id": ["11"]}.get(name, [f"some {name}"])


async def test_every_report_is_there_with_its_defaults(browser: httpx.AsyncClient) -> None:
    for name in NAMES:
        page = await page_of(browser, f"/browse/{name}")
        assert page.one("h1").text == registry()[name].title
        assert bool(page.all("article", class_="card")) == (name not in ABOUT_ONE), name
        if name in ABOUT_ONE:
            offered = page.one("section", class_="offer").links()
            assert offered, f"what {name} may be about is there to choose from"
            assert (await page_of(browser, next(iter(offered.values())))).all("article", class_="card")
        check_fields(page)
        form = page.one("form", id="form")
        answer = await browser.get(f"{form.attributes['action']}?{urlencode(form.sends())}")
        assert answer.status_code == 303, "what is sent as it is asks for the defaults"
        assert answer.headers["location"] == f"/browse/{name}"


async def test_every_argument_given_comes_back_filled_in(browser: httpx.AsyncClient) -> None:
    for name in NAMES:
        schema = registry()[name].arguments.model_json_schema()
        definitions = schema.get("$defs", {})
        given = {argument: another(argument, field, definitions) for argument, field in schema["properties"].items()}
        answer = await browser.get(f"/browse/{name}?{urlencode(given, doseq=True)}")
        assert answer.status_code in (200, 404, 422)
        sent: dict[str, list[str]] = {}
        for argument, value in parsed(answer.text).one("form", id="form").sends():
            sent.setdefault(argument, []).extend([value] if value else [])
        assert sent == given, name


def check_fields(page: Element) -> None:
    """Every field has a label, and what it means is read with it."""
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    labelled = {label.attributes.get("for", "") for label in page.all("label")}
    inside = [id(each) for label in page.all("label") for each in label.all("input")]
    for field in [*page.all("input"), *page.all("select")]:
        own = field.attributes
        assert own.get("id") in labelled or own.get("aria-label") or id(field) in inside, own
    told = [each.attributes["aria-describedby"].split() for each in page.all() if "aria-describedby" in each.attributes]
    assert {each for ids_of_one in told for each in ids_of_one} <= set(ids)


async def test_worked_examples_are_answered(browser: httpx.AsyncClient) -> None:
    for name, report in registry().items():
        page = await page_of(browser, f"/browse/{name}?{urlencode(report.sample, doseq=True)}")
        assert page.one("article", class_="card").one("p", class_="card-finding").text


async def test_reports_are_there_for_what_dbt_left_behind(artifacts_browser: httpx.AsyncClient) -> None:
    for name in NAMES:
        page = await page_of(artifacts_browser, f"/browse/{name}")
        if name in ABOUT_ONE:
            address = next(iter(page.one("section", class_="offer").links().values()))
            page = await page_of(artifacts_browser, address)
        assert page.one("article", class_="card").one("p", class_="card-finding").text


async def test_what_is_left_empty_or_as_it_was_is_not_in_the_address(browser: httpx.AsyncClient) -> None:
    query = "period=&period=&limit=5&order_by=avg&projects=&projects=Marketing&min_runtime="
    answer = await browser.get(f"/browse/longest_running_jobs?{query}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/browse/longest_running_jobs?limit=5&projects=Marketing"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("period=last_week&period=", "last_week"),
        ("period=last_week&period=2026-11-10", "2026-11-10"),
        ("period=&period=last_3_days", "last_3_days"),
    ],
)
async def test_a_period_that_is_written_goes_before_one_that_is_chosen(
    query: str, asked: str, browser: httpx.AsyncClient
) -> None:
    answer = await browser.get(f"/browse/failed_runs?{query}")
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"period": [asked]}


async def test_all_that_is_wrong_stands_beside_its_field(browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, "/browse/slowest_models?period=someday&limit=0&order_by=mood", 422)
    assert "is not a period" in page.one(id="field-period-fault").text
    assert "from 1 to 500" in page.one(id="field-limit-fault").text
    assert "avg, median or max" in page.one(id="field-order-by-fault").text
    assert not page.all("article", class_="card")
    wrong = [each.attributes["name"] for each in page.all() if each.attributes.get("aria-invalid") == "true"]
    assert wrong == ["period", "order_by", "limit"]


async def test_two_fields_that_do_not_go_together_are_told_at_one(browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, "/browse/slowest_models?min_runtime=5&max_runtime=3", 422)
    assert "min_runtime 5 is above max_runtime 3" in page.one(id="field-min-runtime-fault").text
    assert "open" in page.one("details", class_="aside").attributes


async def test_an_argument_that_the_report_does_not_take_is_told_above_the_form(browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, "/browse/slowest_models?colour=red", 422)
    assert "takes no colour" in page.one("form", id="form").one("p", class_="field-fault").text


async def test_one_value_given_twice_is_told(browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, "/browse/slowest_models?limit=5&limit=6", 422)
    assert "give it once" in page.one(id="field-limit-fault").text


async def test_an_unknown_name_stands_beside_its_field_with_near_ones_to_click(browser: httpx.AsyncClient) -> None:
    asked = "/browse/failed_runs?period=last_week&jobs=Growth+nightly&jobs=Finance+nigthly+build"
    page = await page_of(browser, asked, 404)
    fault = page.one(id="field-jobs-fault")
    assert "There is no job “Finance nigthly build”" in fault.text
    address = fault.links()["Finance nightly build"]
    assert parse_qs(urlsplit(address).query) == {
        "period": ["last_week"],
        "jobs": ["Growth nightly", "Finance nightly build"],
    }
    assert (await page_of(browser, address)).one("article", class_="card")


async def test_a_name_of_several_things_lets_choose(sandbox_account: Account, settings: Settings) -> None:
    account = sandbox_account()

    async def ambiguous(*args: Any, **options: Any) -> Any:
        raise AmbiguousName("job", "Nightly", {"11": "project A", "12": "project B"})

    account.arun_report = ambiguous  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        answer = await client.get("/browse/job_details?job=Nightly", headers=HTML)
    assert answer.status_code == 300
    fault = parsed(answer.text).one(id="field-job-fault")
    assert fault.links() == {"11": "/browse/job_details?job=11", "12": "/browse/job_details?job=12"}
    assert "project B" in fault.text


async def test_what_dbt_cloud_does_not_answer_is_said_in_the_place_of_the_answer(
    sandbox_account: Account, settings: Settings
) -> None:
    async with opened(sandbox_account(token="invalid"), settings) as client:
        answer = await client.get("/browse/list_jobs?limit=5", headers=HTML)
    assert answer.status_code == 502
    page = parsed(answer.text)
    trouble = page.one("div", class_="trouble")
    assert "token" in trouble.text.lower()
    assert trouble.links()["Ask again"] == "/browse/list_jobs?limit=5"
    assert answer.headers["x-request-id"] in trouble.text
    assert ("limit", "5") in page.one("form", id="form").sends()


async def test_when_dbt_cloud_asks_to_wait_the_page_says_so_to_people_and_programs(
    sandbox_account: Account, settings: Settings
) -> None:
    account = sandbox_account()

    async def limited(*args: Any, **options: Any) -> Any:
        raise RateLimited("dbt Cloud asks to wait a minute.", datetime.now(UTC) + timedelta(minutes=1))

    account.arun_report = account.aget_job = limited  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        for path in ("/browse/list_jobs", "/browse/jobs/1"):
            answer = await client.get(path, headers=HTML)
            assert answer.status_code == 503
            assert 0 < int(answer.headers["retry-after"]) <= 60
            assert parsed(answer.text).one("div", class_="trouble").links()["Ask again"] == path


async def test_another_spelling_of_a_report_leads_to_it(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/browse/Slowest-Models?limit=5")
    assert answer.headers["location"] == "/browse/slowest_models?limit=5"


async def test_what_is_written_is_text(browser: httpx.AsyncClient) -> None:
    for argument in ("jobs", "period", "tags", "order_by", "colour", HOSTILE):
        answer = await browser.get("/browse/failed_runs", params={argument: HOSTILE})
        assert answer.status_code in (200, 404, 422)
        page = parsed(answer.text)
        assert [each.attributes["src"] for each in page.all("img")] == ["/static/icon.svg"]
        assert not [name for each in page.all() for name in each.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        ("jobs", "nightly", "Growth nightly"),
        ("jobs", "finanse nightly", "Finance nightly build"),
        ("models", "fct_rev", "fct_revenue"),
        ("models", "revenu", "fct_revenue"),
        ("projects", "market", "Marketing"),
    ],
)
async def test_names_are_suggested_for_what_is_written(
    kind: str, text: str, first: str, browser: httpx.AsyncClient
) -> None:
    found = (await browser.get(f"/browse/names/{kind}", params={"q": text})).json()
    assert found[0]["value"] == first
    assert len(found) <= 20


async def test_runs_are_suggested_with_what_they_are_of(browser: httpx.AsyncClient) -> None:
    runs = (await browser.get("/reports/list_runs?limit=1", headers={"Accept": "application/json"})).json()["rows"]
    first = (await browser.get("/browse/names/runs")).json()[0]
    assert first["value"] == runs[0]["run_id"]
    assert runs[0]["job_name"] in first["about"]


async def test_a_kind_of_name_that_is_none_is_not_found(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/browse/names/planets?q=mars")).status_code == 404


def subjects(report: ReportDeclaration[Any]) -> set[str]:
    return {"model", "job", "run_id"} & set(report.arguments.model_fields)


def test_the_reports_about_one_thing_are_those_that_take_one() -> None:
    """The list above is right: every one of them takes a subject, and others that do can go without."""
    assert all(subjects(registry()[name]) for name in ABOUT_ONE)


async def test_an_account_larger_than_a_page_is_asked_for_names(
    sandbox_account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_discovery_web.browse.suggestions.AT_ONCE", 10)
    async with opened(sandbox_account(), settings) as client:
        page = parsed((await client.get("/browse/list_models", headers=HTML)).text)
    models = page.one("datalist", id="names-models").all("option")
    assert len(models) == 10
    assert page.all("input", name="models")[0].attributes["data-suggest"] == "models"
    assert "data-suggest" not in page.all("input", name="projects")[0].attributes, "three projects are all there"
