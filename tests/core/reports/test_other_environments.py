"""Readings offer the environments that there are, and what an environment does not hold is said of it alone."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_discovery import NotFound

from tests.core.tiny import TinyCloud, model

STAGING = {"id": 101, "project_id": 10, "name": "Stage", "type": "deployment", "deployment_type": "staging"}
OF_STATE = (
    "failing_models",
    "failing_tests",
    "list_models",
    "list_projects",
    "model_health",
    "slowest_tests",
    "source_freshness",
    "test_coverage",
)


def cloud(*more: dict[str, Any]) -> TinyCloud:
    """One model in production; what other environments there are has none."""
    tiny = TinyCloud()
    tiny.environments += more
    tiny.models = {100: [model("orders", 5.0)], **{home["id"]: [] for home in more}}
    return tiny


async def offered(tiny: TinyCloud, name: str, **arguments: Any) -> list[dict[str, Any]]:
    async with tiny.account() as account:
        report = await account.arun_report(name, **arguments)
        (reading,) = (reading for reading in report.reading if reading.key == "environment")
        for each in reading.alternatives:
            await account.arun_report(name, **each.arguments)
    return [each.arguments for each in reading.alternatives]


@pytest.mark.parametrize("name", OF_STATE)
async def test_no_environment_is_offered_that_there_is_not(name: str) -> None:
    assert await offered(cloud(), name) == []
    assert await offered(cloud(STAGING), name) == [{"environment": "staging"}]
    assert await offered(cloud(STAGING), name, environment="staging") == [{"environment": "production"}]


async def test_other_projects_environments_are_not_offered() -> None:
    tiny = cloud(STAGING | {"project_id": 20})
    tiny.projects.append({"id": 20, "name": "Bakery"})
    assert await offered(tiny, "list_models", projects="Shop") == []


@pytest.mark.parametrize("name", ["model_details", "model_runs", "model_health", "lineage"])
async def test_a_model_that_another_environment_has_is_not_said_to_be_nowhere(name: str) -> None:
    async with cloud(STAGING).account() as account:
        with pytest.raises(NotFound, match="There is no model “orders” among the models of environment staging"):
            await account.arun_report(name, model="orders", environment="staging")
        with pytest.raises(NotFound, match="There is no model “things” in this account"):
            await account.arun_report(name, model="things")
        with pytest.raises(NotFound, match="There is no environment “nowhere” in this account"):
            await account.arun_report(name, model="orders", environment="nowhere")


@pytest.mark.parametrize("name", ["model_health", "source_freshness"])
async def test_of_one_model_the_state_is_its_own_environments(name: str) -> None:
    async with cloud(STAGING).account() as account:
        report = await account.arun_report(name, model="orders")
    (reading,) = (reading for reading in report.reading if reading.key == "environment")
    assert (reading.value, [each.label for each in reading.alternatives]) == ("Prod", ["Stage"])


async def test_a_model_out_of_the_graph_is_not_simply_without_sources() -> None:
    tiny = cloud()
    tiny.lineage = [{"uniqueId": "model.shop.beans", "name": "beans", "parentIds": []}]
    async with tiny.account() as account:
        report = await account.arun_report("source_freshness", model="orders")
    assert not report.coverage.complete
    assert report.notes == ("The lineage of environment 100 does not hold orders.",)
