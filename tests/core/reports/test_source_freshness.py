"""The report `source_freshness` against the world's raw checks, and on sources written by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox import FreshnessResult, World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound, Settings

from tests.conftest import NOW
from tests.core.recount import finished, production
from tests.core.tiny import TinyCloud, model

ORDER = ["error", "warn", "unknown", "pass"]


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("source_freshness", limit=500, **arguments)).rows)


def newest_checks(world: World, environment_id: int) -> dict[str, FreshnessResult]:
    runs = [each for each in world.runs() if each.environment_id == environment_id and finished(each)]
    found: dict[str, FreshnessResult] = {}
    for ran in sorted(runs, key=lambda each: (each.finished_at, each.id)):
        found |= {each.unique_id: each for each in world.freshness(ran.id)}
    return found


async def test_every_source_has_its_newest_check_the_worst_first(account: DbtAccount, world: World) -> None:
    expected = {
        (str(home.project_id), unique_id): check
        for home in production(world)
        for unique_id, check in newest_checks(world, home.id).items()
    }
    report = await account.arun_report("source_freshness", limit=500)
    assert {(row["project_id"], row["unique_id"]) for row in report.rows} == expected.keys()
    for row in report.rows:
        check = expected[row["project_id"], row["unique_id"]]
        assert (row["status"], row["age"]) == (check.status, pytest.approx(check.age))
        assert row["criteria"] == "warn after 12 h, error after 2 d"
        assert row["source"] in row["reason"]
        assert row["source"] == ".".join(row["unique_id"].split(".")[2:])
    places = [(ORDER.index(row["status"]), -row["age"]) for row in report.rows]
    assert places == sorted(places)
    assert report.coverage.considered == len(expected)


async def test_finding_counts_the_stale_ones_and_names_the_worst(account: DbtAccount, world: World) -> None:
    checks = [check for home in production(world) for check in newest_checks(world, home.id).values()]
    stale = [check for check in checks if check.status in ("error", "warn")]
    report = await account.arun_report("source_freshness", limit=1)
    assert len(stale) > 3
    assert report.finding.startswith(f"{len(stale)} of {len(checks)} sources are stale: {report.rows[0]['source']}, ")
    assert f"and {len(stale) - 3} more; the oldest check is" in report.finding


@pytest.mark.parametrize(
    ("status", "kept"), [("error", {"error"}), (["warn", "Failed"], {"warn", "error"}), ("passed", {"pass"})]
)
async def test_a_status_keeps_its_sources(account: DbtAccount, status: Any, kept: set[str]) -> None:
    everything = await rows(account)
    found = await rows(account, status=status)
    assert found == [row for row in everything if row["status"] in kept]
    assert found
    report = await account.arun_report("source_freshness", status=status)
    assert report.coverage.considered == len(everything)


async def test_the_filter_names_the_status(account: DbtAccount) -> None:
    report = await account.arun_report("source_freshness", status=["warn", "error"])
    assert report.filter == "status warn or error"


async def test_a_model_keeps_what_it_is_made_from(account: DbtAccount, world: World) -> None:
    home = next(each for each in production(world) if each.project_id == 70403103920002)
    nodes = {each.unique_id: each for each in world.nodes(home.id)}
    above, line = set(), ["model.marketing.fct_ad_spend"]
    while line:
        for parent in nodes[line.pop()].depends_on:
            if parent not in above:
                above.add(parent)
                line.append(parent)
    report = await account.arun_report("source_freshness", model="fct_ad_spend", limit=500)
    assert {row["unique_id"] for row in report.rows} == {each for each in above if each.startswith("source.")}
    assert report.arguments["model"].endswith("model.marketing.fct_ad_spend")
    assert "fct_ad_spend" in report.filter


async def test_an_unknown_model_is_not_found(account: DbtAccount) -> None:
    with pytest.raises(NotFound) as raised:
        await account.arun_report("source_freshness", model="fct_ad_spent")
    assert "fct_ad_spend" in raised.value.near[0]


def source(name: str, status: str = "Pass", **more: Any) -> dict[str, Any]:
    """A source that was checked at nine in the morning, an hour and a half ago, with a row of eight o'clock."""
    criteria = {"warnAfter": {"count": 6, "period": "hour"}, "errorAfter": {"count": 1, "period": "day"}}
    freshness = {
        "freshnessChecked": True,
        "freshnessStatus": status,
        "freshnessRunGeneratedAt": "2026-11-18T09:00:00.000Z",
        "maxLoadedAt": "2026-11-18T08:00:00.000Z",
        "maxLoadedAtTimeAgoInS": 3600.0,
        "snapshottedAt": "2026-11-18T09:00:00.000Z",
        "criteria": criteria,
    }
    given = {"uniqueId": f"source.shop.raw.{name}", "name": name, "sourceName": "raw"}
    return given | {"freshness": freshness | more}


NOBODY: dict[str, Any] = {"criteria": None}
NEVER: dict[str, Any] = {
    "freshnessChecked": False,
    "snapshottedAt": None,
    "freshnessRunGeneratedAt": None,
    "maxLoadedAt": None,
    "maxLoadedAtTimeAgoInS": None,
}


async def test_a_source_without_criteria_is_not_judged() -> None:
    cloud = TinyCloud()
    cloud.sources = [source("free", "Error", **NOBODY), source("orders", "Warn")]
    async with cloud.account() as account:
        report = await account.arun_report("source_freshness")
        unknown = await rows(account, status="unknown")
    first, last = report.rows
    assert (first["source"], last["source"]) == ("raw.orders", "raw.free")
    assert (last["status"], last["criteria"]) == ("unknown", None)
    assert last["reason"] == "raw.free has no freshness criteria, and so is not judged."
    assert report.finding == "1 of 1 source is stale: raw.orders; the oldest check is 1 h 30 min old."
    assert [row["source"] for row in unknown] == ["raw.free"]


async def test_where_none_has_criteria_nothing_can_be_judged() -> None:
    cloud = TinyCloud()
    cloud.sources = [source("free", **NOBODY), source("more", **NOBODY)]
    async with cloud.account() as account:
        report = await account.arun_report("source_freshness")
    assert report.finding == "No source can be judged: 2 sources without freshness criteria."
    assert report.total_rows == 2


async def test_a_source_that_was_never_checked_is_unknown() -> None:
    cloud = TinyCloud()
    cloud.sources = [source("never", **NEVER)]
    async with cloud.account() as account:
        report = await account.arun_report("source_freshness")
    (row,) = report.rows
    assert (row["status"], row["age"], row["checked_at"]) == ("unknown", None, None)
    assert "no check of its freshness" in row["reason"]
    assert report.finding == "No source was checked, of 1 with freshness criteria."


async def test_those_never_checked_are_told_beside_the_others() -> None:
    cloud = TinyCloud()
    cloud.sources = [source("never", **NEVER), source("orders"), source("users", "Warn")]
    async with cloud.account() as account:
        found = await account.arun_report("source_freshness")
        cloud.sources.pop()
        fresh = await account.arun_report("source_freshness", refresh=True)
    assert found.finding == (
        "1 of 3 sources is stale: raw.users; 1 was never checked; the oldest check is 1 h 30 min old."
    )
    assert fresh.finding == "No source is stale, of 2; 1 was never checked; the oldest check is 1 h 30 min old."


async def test_a_check_that_is_too_old_to_tell_says_so() -> None:
    cloud = TinyCloud()
    long_ago = {"snapshottedAt": "2026-11-15T09:00:00.000Z", "freshnessRunGeneratedAt": "2026-11-15T09:00:00.000Z"}
    cloud.sources = [source("orders", **long_ago), source("users")]
    async with cloud.account() as account:
        report = await account.arun_report("source_freshness")
    reasons = {row["source"]: row["reason"] for row in report.rows}
    assert reasons["raw.orders"].endswith(
        "within the 6 h allowed; the check is older than that, so it says little of now."
    )
    assert reasons["raw.users"].endswith("within the 6 h allowed.")
    assert report.finding == "No source is stale, of 2; the oldest check is 3 d 2 h old."
    assert report.notes == ("The check of 1 source that passed is older than the age it allowed.",)


async def test_a_source_that_never_had_a_row_has_no_age() -> None:
    cloud = TinyCloud()
    cloud.sources = [source("empty", "Error", maxLoadedAt="0001-01-01T00:00:00+00:00", maxLoadedAtTimeAgoInS=6.3e10)]
    async with cloud.account() as account:
        (row,) = await rows(account)
    assert (row["status"], row["age"]) == ("error", None)
    assert "never had a row" in row["reason"]


async def test_sources_of_a_model_that_dbt_cloud_does_not_tell_of_are_said() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 1.0)]
    cloud.lineage = [
        {
            "uniqueId": "model.shop.orders",
            "name": "orders",
            "resourceType": "Model",
            "parentIds": ["source.shop.raw.x"],
        },
        {"uniqueId": "source.shop.raw.x", "name": "x", "resourceType": "Source", "parentIds": []},
    ]
    async with cloud.account() as account:
        report = await account.arun_report("source_freshness", model="orders")
    assert report.rows == ()
    assert report.finding == "No source fits the question."
    assert report.notes == ("dbt Cloud tells nothing of the freshness of source.shop.raw.x.",)
    assert not report.coverage.complete


async def test_an_environment_out_of_sight_is_a_gap() -> None:
    cloud = TinyCloud()
    cloud.faults["query Sources"] = httpx.Response(200, json={"data": {"environment": None}})
    async with cloud.account() as account:
        report = await account.arun_report("source_freshness")
    assert not report.coverage.complete
    assert report.notes == ("Environment 100 shows the token no sources.",)


async def test_it_works_on_artifacts(artifacts: Path) -> None:
    now = NOW + timedelta(days=6)
    world = sandbox.artifacts_world(artifacts, now=lambda: now)
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=now)) as account:
        found = await rows(account)
    (home,) = [each for each in world.environments() if each.deployment_type == "production"]
    checks = newest_checks(world, home.id)
    assert {row["unique_id"]: row["status"] for row in found if row["criteria"]} == {
        unique_id: check.status for unique_id, check in checks.items()
    }
    assert [row["status"] for row in found if not row["criteria"]] == ["unknown"]


async def test_a_token_for_metadata_alone_lacks_nothing(world: World, settings: Settings) -> None:
    homes = tuple(str(each.id) for each in world.environments() if each.deployment_type == "production")
    narrow = settings.model_copy(update={"environment_ids": homes})
    transport = sandbox.transport(world)
    async with DbtAccount("metadata-only", world.account.id, transport=transport, settings=narrow) as account:
        report = await account.arun_report("source_freshness", limit=500)
    expected = sum(len(newest_checks(world, int(home))) for home in homes)
    assert (report.total_rows, report.coverage.complete) == (expected, True)
    assert datetime.fromisoformat(report.rows[0]["checked_at"])


@pytest.mark.parametrize("arguments", [{"status": "stale"}, {"period": "today"}, {"order_by": "age"}])
async def test_bad_arguments_are_refused_by_name(account: DbtAccount, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("source_freshness", **arguments)
    assert refused.value.argument == next(iter(arguments))
