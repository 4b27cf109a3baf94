"""The first page: every report, what needs attention, and a search for everything that has a name."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest
from dbt_discovery import Settings
from dbt_discovery.exceptions import Unreachable
from dbt_discovery.reports import registry
from dbt_discovery_web.browse import attention
from dbt_discovery_web.browse.searching import reports_like

from tests.webapp.browse.conftest import Account
from tests.webapp.browse.pages import HTML, Element, parsed
from tests.webapp.conftest import opened

JSON = {"Accept": "application/json"}


async def page_of(browser: httpx.AsyncClient, address: str) -> Element:
    answer = await browser.get(address)
    assert answer.status_code == 200, answer.text[:400]
    return parsed(answer.text)


async def test_every_report_stands_once_on_the_first_page_with_a_question_for_the_chat(
    browser: httpx.AsyncClient,
) -> None:
    page = await page_of(browser, "/")
    items = page.all("li", class_="report-item")
    assert sorted(item.one("h3").one("a").attributes["href"] for item in items) == [
        f"/browse/{name}" for name in sorted(registry())
    ]
    for item in items:
        report = registry()[item.one("h3").one("a").attributes["href"].removeprefix("/browse/")]
        assert report.summary in item.text
        question = item.one("p", class_="example").one("a").attributes["href"]
        assert unquote_plus(question) == f"/chat?q={report.examples[0]}"


async def test_families_hold_the_reports_of_their_group(browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, "/")
    for family in page.all("section", class_="family"):
        group = family.attributes["id"].removeprefix("family-")
        named = {link.attributes["href"] for heading in family.all("h3") for link in heading.all("a")}
        assert named == {f"/browse/{name}" for name, report in registry().items() if report.group == group}


async def test_projects_are_a_click_away(browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, "/")
    projects = (await browser.get("/projects", headers=JSON)).json()["items"]
    assert projects
    for project in projects:
        assert page.links()[project["name"]] == f"/browse/projects/{project['project_id']}"


async def test_the_first_page_does_not_ask_for_what_needs_attention(browser: httpx.AsyncClient) -> None:
    place = (await page_of(browser, "/")).one(id="attention")
    assert place.attributes["data-from"] == "/browse/attention"
    assert place.links() == {"See what needs attention now": "/browse/attention"}


async def test_what_needs_attention_is_what_the_reports_say(browser: httpx.AsyncClient) -> None:
    """Counted here from the plain lists: of runs by job, of tests as they stand, of sources by their status."""
    page = await page_of(browser, "/browse/attention")
    heads = [each.text for each in page.all("p", class_="concern-head")]

    jobs = (await browser.get("/jobs?limit=500", headers=JSON)).json()["items"]
    failed = [job for job in jobs if job["last_run_status"] == "failure"]
    models = (await browser.get("/models?limit=500", headers=JSON)).json()["items"]
    failing = [model for model in models if model["last_run_status"] in ("error", "skipped")]
    tests = (await browser.get("/reports/failing_tests?limit=500", headers=JSON)).json()["rows"]
    bad = [test for test in tests if test["last_run_status"] in ("fail", "error")]
    sources = (await browser.get("/reports/source_freshness?limit=500", headers=JSON)).json()["rows"]
    stale = [source for source in sources if source["status"] in ("warn", "error")]

    assert [int(head.split()[0]) for head in heads] == [len(failed), len(failing), len(bad), len(stale)]
    assert min(len(failed), len(bad), len(stale)) > 0, "the sandbox has some of each"
    links = page.one(id="attention").links()
    for job in failed:
        assert links[job["name"]] == f"/browse/jobs/{job['job_id']}"
    for head, link in zip(heads, page.all("p", class_="concern-head"), strict=True):
        assert (await browser.get(link.links()[head])).status_code == 200


async def test_more_failing_tests_than_a_report_may_give_are_said_to_be_more(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "MOST_ROWS", 1)
    heads = (await page_of(browser, "/browse/attention")).all("p", class_="concern-head")
    assert "1 test or more failing" in [each.text for each in heads]


async def test_one_thing_that_cannot_be_looked_at_says_so_beside_the_others(
    sandbox_account: Account, settings: Settings
) -> None:
    account = sandbox_account()
    run_report = account.arun_report

    async def without_sources(name: str, *args: Any, **given: Any) -> Any:
        if name == "source_freshness":
            raise Unreachable("dbt Cloud is not there. Ask again.")
        return await run_report(name, *args, **given)

    account.arun_report = without_sources  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        page = parsed((await client.get("/browse/attention", headers=HTML)).text)
    concerns = page.all("li", class_="concern")
    assert [bool(each.all("p", class_="quiet")) for each in concerns] == [False, False, False, True]
    assert "dbt Cloud is not there" in concerns[-1].text


async def test_the_first_page_is_there_while_dbt_cloud_is_not(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(token="invalid"), settings) as client:
        answer = await client.get("/", headers=HTML)
        found = await client.get("/?q=slowest", headers=HTML)
    assert answer.status_code == found.status_code == 200
    assert len(parsed(answer.text).all("li", class_="report-item")) == len(registry())
    page = parsed(found.text)
    assert "/browse/slowest_models" in page.links().values()
    assert "token" in page.one(id="found-models").one("p", class_="notice").text.lower()


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("slowest models", "slowest_models"),
        ("flaky", "flaky_tests"),
        ("freshness", "source_freshness"),
        ("critical path", "critical_path"),
        ("which jobs wait longest", "queue_times"),
        ("downstream", "lineage"),
    ],
)
def test_a_report_is_found_by_what_it_tells(words: str, first: str) -> None:
    assert reports_like(words)[0].name == first


def test_words_that_no_report_tells_of_find_none() -> None:
    assert reports_like("zebra crossing") == []


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        ("Finance nightly", "jobs", "Finance nightly build"),
        ("finance nigthly build", "jobs", "Finance nightly build"),
        ("fct_revenue", "models", "fct_revenue"),
        ("netsuite", "models", "stg_netsuite__invoices"),
        ("marketing", "projects", "Marketing"),
    ],
)
async def test_what_has_a_name_is_found_by_it(words: str, kind: str, name: str, browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, f"/?q={words}")
    assert page.one("input", id="search").attributes["value"] == words
    address = page.one(id=f"found-{kind}").links()[name]
    assert address.startswith(f"/browse/{kind}/")
    assert name in (await page_of(browser, address)).one("h1").text


async def test_a_search_without_a_find_leads_on(browser: httpx.AsyncClient) -> None:
    page = await page_of(browser, "/?q=zzqqxx")
    assert page.links()["Ask it in the chat"] == "/chat?q=zzqqxx"


async def test_a_search_of_any_length_and_kind_is_answered(browser: httpx.AsyncClient) -> None:
    for words in ("x" * 5000, "<script>", "%", "  ", "'; --", "\u202e", "(", "fct_" * 100):
        answer = await browser.get("/", params={"q": words})
        assert answer.status_code == 200
        assert len(parsed(answer.text).all("script")) <= 4


@pytest.mark.parametrize(
    ("address", "place"),
    [("/browse", "/"), ("/browse/", "/"), ("/browse/jobs", "/browse/list_jobs"), ("/browse/runs", "/browse/list_runs")],
)
async def test_a_shortened_address_leads_on(address: str, place: str, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(address, follow_redirects=True)
    assert (answer.status_code, answer.request.url.path) == (200, place)


@pytest.mark.parametrize("path", ["/browse/nothing_like_it", "/browse/a/b/c", "/browse/names/planets"])
async def test_a_place_that_is_none_is_a_page_for_people_and_a_problem_for_programs(
    path: str, browser: httpx.AsyncClient
) -> None:
    page = await browser.get(path)
    assert page.status_code == 404
    assert parsed(page.text).one("h1").text == "Nothing is called that"
    for accept in ("application/json", "*/*", ""):
        answer = await browser.get(path, headers={"Accept": accept})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_report_nearly_named_is_offered(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/browse/slow_models")
    assert answer.status_code == 404
    assert parsed(answer.text).one("div", class_="trouble").links()["slowest_models"] == "/browse/slowest_models"
