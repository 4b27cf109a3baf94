"""The pages of projects, jobs, models and runs: what they show, and that a part which fails says so in its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.exceptions import AmbiguousName, Unreachable

from tests.conftest import NOW
from tests.redteam.hostile import TEXTS
from tests.redteam.telling import DAYS
from tests.redteam.twins import Twin, Wardrobe
from tests.webapp.browse.conftest import Account
from tests.webapp.browse.pages import HTML, Element, parsed
from tests.webapp.conftest import opened

JSON = {"Accept": "application/json"}
JOB, MODEL, PROJECT = "Finance nightly build", "fct_revenue", "Marketing"


async def page_of(browser: httpx.AsyncClient, address: str, status: int = 200) -> Element:
    answer = await browser.get(address)
    assert answer.status_code == status, answer.text[:400]
    return parsed(answer.text)


async def items(browser: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await browser.get(path, headers=JSON)).json()["items"]
    return found


def sections(page: Element) -> dict[str, Element]:
    return {each.attributes["id"]: each for each in page.all("section", class_="section")}


def check_whole(page: Element) -> None:
    """No part failed, every heading of the contents leads to its part, and no id is there twice."""
    assert not page.all("div", class_="trouble")
    contents = [link.attributes["href"] for link in page.one("ol", class_="on-page").all("a")]
    assert contents == [f"#{key}" for key in sections(page)]
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))


async def test_a_job_is_found_by_name_and_id_with_its_runs_and_models(browser: httpx.AsyncClient) -> None:
    (job,) = [each for each in await items(browser, "/jobs") if each["name"] == JOB]
    page = await page_of(browser, f"/browse/jobs/{quote(JOB)}")
    assert (await page_of(browser, f"/browse/jobs/{job['job_id']}")).one("h1").text == page.one("h1").text
    check_whole(page)
    parts = sections(page)

    runs = await items(browser, f"/jobs/{job['job_id']}/runs?period=last_90_days&limit=100")
    latest = [f"/browse/runs/{run['run_id']}" for run in runs][:40]
    assert [link.attributes["href"] for link in parts["runs"].one("svg", class_="strip").all("a")] == latest[::-1]
    assert list(parts["runs"].one("ol", class_="things").links().values()) == latest
    failed = sum(run["status"] == "failure" for run in runs[:40])
    assert f"{failed} failed" in parts["runs"].one("svg", class_="strip").attributes["aria-label"]
    assert len(parts["runs"].all("rect", class_="bar-failure")) == failed

    models = await items(browser, f"/jobs/{job['job_id']}/models?limit=500")
    built = parts["models"].one("ul", class_="things").links()
    assert set(built) == {model["name"] for model in models}
    assert all(address.startswith("/browse/models/") for address in built.values())
    assert parts["about"].one("dl", class_="facts")
    assert parts["trend"].all("svg", class_="chart")


async def test_the_days_of_a_job_hold_each_run_where_it_ran(browser: httpx.AsyncClient) -> None:
    (job,) = [each for each in await items(browser, "/jobs") if each["name"] == JOB]
    page = await page_of(browser, f"/browse/jobs/{job['job_id']}")
    days = sections(page)["runs"].one("svg", class_="gantt-bars")
    runs = {run["run_id"]: run for run in await items(browser, f"/jobs/{job['job_id']}/runs?period=last_90_days")}
    drawn = days.all("a")
    assert drawn
    for link in drawn:
        run = runs[link.attributes["href"].rpartition("/")[2]]
        clock = run["start_time"][11:19].split(":")
        seconds = int(clock[0]) * 3600 + int(clock[1]) * 60 + int(clock[2])
        place = float(link.one("svg").attributes["x"].rstrip("%"))
        assert place == pytest.approx(seconds / 864, abs=0.3), "by the time of day, in percent of it"


async def test_a_model_shows_what_it_is_made_from_what_tests_it_and_its_code(browser: httpx.AsyncClient) -> None:
    (model,) = [each for each in await items(browser, "/models?limit=500") if each["name"] == MODEL]
    exact = f"{model['project_id']}/{model['unique_id']}"
    page = await page_of(browser, f"/browse/models/{MODEL}")
    assert (await page_of(browser, f"/browse/models/{exact}")).one("h1").text == page.one("h1").text
    check_whole(page)
    parts = sections(page)

    lineage = (await browser.get(f"/reports/lineage?model={MODEL}&limit=500", headers=JSON)).json()["rows"]
    links = parts["lineage"].all("a")
    assert len(links) == len(lineage) + 1, "each node, and the report"
    for row in lineage:
        (link,) = [each for each in links if row["unique_id"] in each.attributes["href"]]
        kind = "models/" if row["resource_type"] == "model" else "lineage?"
        assert link.attributes["href"].startswith(f"/browse/{kind}")
        assert (await browser.head(link.attributes["href"])).status_code == 200

    code = (await browser.get(f"/models/{exact}/sql", headers={"Accept": "text/plain"})).text
    assert code.strip() in [each.whole.strip() for each in parts["code"].all("code")]
    jobs = await items(browser, f"/models/{exact}/jobs")
    assert parts["jobs"].links() == {job["name"]: f"/browse/jobs/{job['job_id']}" for job in jobs}
    tests = (await browser.get(f"/reports/slowest_tests?models={MODEL}", headers=JSON)).json()["rows"]
    assert all(test["name"] in parts["tests"].text for test in tests)


async def test_a_run_shows_when_each_of_its_nodes_ran(browser: httpx.AsyncClient) -> None:
    (job,) = [each for each in await items(browser, "/jobs") if each["name"] == JOB]
    runs = await items(browser, f"/jobs/{job['job_id']}/runs?run_status=success&period=last_7_days")
    run = runs[0]["run_id"]
    page = await page_of(browser, f"/browse/runs/{run}")
    check_whole(page)
    assert page.one("h1").text == f"Run {run} success"
    assert page.one("p", class_="crumbs").links()[JOB] == f"/browse/jobs/{job['job_id']}"

    bars = sections(page)["nodes"].one("svg", class_="gantt-bars").all("svg")
    told = [bar.one("title").text for bar in bars]
    models = [each for each in await items(browser, f"/runs/{run}/models?limit=500") if each["runtime"] is not None]
    drawn = {text.split()[1].rstrip(":") for text in told if text.startswith("model ")}
    assert drawn == {model["name"] for model in models}
    path = (await browser.get(f"/reports/critical_path?run_id={run}", headers=JSON)).json()["rows"]
    marked = [text for bar, text in zip(bars, told, strict=True) if "bar-marked" in bar.attributes["class"]]
    assert {text.split()[1].rstrip(":") for text in marked} == {row["name"] for row in path}
    longest = max(models, key=lambda each: each["runtime"])
    widest = max(bars, key=lambda bar: float(bar.attributes["width"].rstrip("%")))
    assert widest.one("title").text.startswith(f"model {longest['name']}:")


async def test_a_project_shows_its_jobs_and_models(browser: httpx.AsyncClient) -> None:
    (project,) = [each for each in await items(browser, "/projects") if each["name"] == PROJECT]
    page = await page_of(browser, f"/browse/projects/{PROJECT}")
    check_whole(page)
    parts = sections(page)
    jobs = await items(browser, f"/projects/{project['project_id']}/jobs")
    assert {job["name"] for job in jobs} <= set(parts["jobs"].links())
    models = await items(browser, f"/projects/{project['project_id']}/models?limit=500")
    assert set(parts["models"].one("ul", class_="things").links()) == {model["name"] for model in models}


async def test_everything_that_dbt_left_behind_has_its_page(artifacts_browser: httpx.AsyncClient) -> None:
    browser = artifacts_browser
    addresses = [f"/browse/projects/{each['project_id']}" for each in await items(browser, "/projects")]
    addresses += [f"/browse/jobs/{each['job_id']}" for each in await items(browser, "/jobs")]
    models = await items(browser, "/models?limit=500")
    addresses += [f"/browse/models/{each['project_id']}/{each['unique_id']}" for each in models]
    runs = await items(browser, "/runs?period=2000-01-01/2001-01-01") or [
        run for job in await items(browser, "/jobs") for run in await items(browser, f"/jobs/{job['job_id']}/runs")
    ]
    addresses += [f"/browse/runs/{each['run_id']}" for each in runs]
    assert len(addresses) > 10
    for address in addresses:
        check_whole(await page_of(browser, address))


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("jobs/Finance nigthly build", "/browse/jobs/Finance%20nightly%20build"),
        ("models/fct_revenu", "/browse/models/fct_revenue"),
        ("projects/Marketting", "/browse/projects/Marketing"),
    ],
)
async def test_what_is_not_there_is_told_with_what_was_perhaps_meant(
    path: str, near: str, browser: httpx.AsyncClient
) -> None:
    trouble = (await page_of(browser, f"/browse/{path}", 404)).one("div", class_="trouble")
    assert near in trouble.links().values()
    assert (await browser.get(trouble.links()["Search for it"])).status_code == 200
    assert (await browser.get(near)).status_code == 200


@pytest.mark.parametrize("run", ["1", "abc", "99999999999999999999"])
async def test_a_run_that_is_none_is_not_found(run: str, browser: httpx.AsyncClient) -> None:
    assert "There is no run" in (await page_of(browser, f"/browse/runs/{run}", 404)).text


async def test_a_name_of_several_things_lets_choose(sandbox_account: Account, settings: Settings) -> None:
    account = sandbox_account()

    async def ambiguous(*args: Any, **options: Any) -> Any:
        raise AmbiguousName("model", "orders", {"1/model.a.orders": "project A", "2/model.b.orders": "project B"})

    account.aget_model = ambiguous  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        answer = await client.get("/browse/models/orders", headers=HTML)
        program = await client.get("/browse/models/orders", headers=JSON)
    assert answer.status_code == 300
    choices = parsed(answer.text).one("ul", class_="ways")
    assert choices.links() == {
        "1/model.a.orders": "/browse/models/1/model.a.orders",
        "2/model.b.orders": "/browse/models/2/model.b.orders",
    }
    assert "project B" in choices.text
    assert program.status_code == 409


@pytest.mark.parametrize("fault", [Unreachable("dbt Cloud is not there. Ask again."), RuntimeError("a bug")])
async def test_a_part_that_fails_says_so_in_its_place(
    fault: Exception, sandbox_account: Account, settings: Settings
) -> None:
    account = sandbox_account()
    run_report = account.arun_report

    async def without_trend(name: str, *args: Any, **given: Any) -> Any:
        if name == "runtime_trend":
            raise fault
        return await run_report(name, *args, **given)

    account.arun_report = without_trend  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        answer = await client.get(f"/browse/jobs/{JOB}", headers=HTML)
    assert answer.status_code == 200
    parts = sections(parsed(answer.text))
    troubled = {key: part.one("div", class_="trouble").text for key, part in parts.items() if part.all(role="alert")}
    assert list(troubled) == ["trend"]
    expected = "dbt Cloud is not there" if isinstance(fault, Unreachable) else answer.headers["x-request-id"]
    assert expected in troubled["trend"]
    assert "a bug" not in answer.text
    assert parts["about"].all("article", class_="card")


async def test_a_page_without_dbt_cloud_says_what_to_do(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(token="invalid"), settings) as client:
        page = await page_of_trouble(client, f"/browse/jobs/{JOB}", 502)
    assert "token" in page.text.lower()
    assert page.links()["Ask again"] == "/browse/jobs/Finance%20nightly%20build"


async def page_of_trouble(client: httpx.AsyncClient, path: str, status: int) -> Element:
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == status
    return parsed(answer.text).one("div", class_="trouble")


@pytest.fixture
async def hostile(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app on an account whose every name is hostile."""
    world = Twin(sandbox.generated_world(now=lambda: NOW, days=DAYS), Wardrobe(0, TEXTS.__getitem__))
    async with opened(DbtAccount(transport=sandbox.transport(world), settings=settings), settings) as client:
        client.headers.update(HTML)
        yield client


async def test_hostile_names_are_text_on_every_page(hostile: httpx.AsyncClient) -> None:
    jobs, models = await items(hostile, "/jobs"), await items(hostile, "/models?limit=40")
    runs = await items(hostile, "/runs?limit=2")
    addresses = ["/", "/?q=fct", "/browse/attention", "/browse/list_jobs", "/browse/failed_runs?period=last_7_days"]
    addresses += [f"/browse/projects/{each['project_id']}" for each in await items(hostile, "/projects")]
    addresses += [f"/browse/jobs/{each['job_id']}" for each in jobs]
    addresses += [f"/browse/models/{each['project_id']}/{each['unique_id']}" for each in models[::5]]
    addresses += [f"/browse/runs/{each['run_id']}" for each in runs]
    for address in addresses:
        page = await page_of(hostile, address)
        assert not page.all("div", class_="trouble"), address
        assert [each.attributes["src"] for each in page.all("img")] == ["/static/icon.svg"]
        assert all(each.attributes.get("src", "").startswith("/static/") for each in page.all("script"))
        assert not page.all("iframe") + page.all("object") + page.all("foreignobject")
        for each in page.all():
            assert not [name for name in each.attributes if name.startswith("on") or name == "style"]
            assert each.attributes.get("href", "/").startswith(("/", "#")), each.attributes["href"]
