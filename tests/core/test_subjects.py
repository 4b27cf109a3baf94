"""Subjects of questions: what is said of one that is not there."""

from __future__ import annotations

import pytest
from dbt_discovery import DbtAccount, NotFound


@pytest.mark.parametrize("name", ["model_details", "lineage"])
async def test_a_model_of_another_environment_is_not_said_to_be_nowhere(account: DbtAccount, name: str) -> None:
    with pytest.raises(NotFound) as raised:
        await account.arun_report(name, model="fct_revenue", environment="staging")

    assert str(raised.value).startswith("There is no model “fct_revenue” among the models of environment staging.")


async def test_a_model_of_another_project_is_not_said_to_be_nowhere(account: DbtAccount) -> None:
    with pytest.raises(NotFound, match="among the models of project Marketing; tag daily"):
        await account.arun_report("model_health", model="fct_revenue", projects="Marketing", tags="daily")


@pytest.mark.parametrize("name", ["model_details", "lineage"])
async def test_an_environment_that_is_none_is_what_is_told(account: DbtAccount, name: str) -> None:
    with pytest.raises(NotFound, match="no environment “nowhere” in this account"):
        await account.arun_report(name, model="fct_revenue", environment="nowhere")


async def test_a_model_that_is_nowhere_is_looked_for_in_the_account(account: DbtAccount) -> None:
    with pytest.raises(NotFound, match="Did you mean “fct_revenue”"):
        await account.arun_report("model_details", model="fct_revenu")


async def test_a_project_that_is_none_is_answered_with_the_few_there_are(account: DbtAccount) -> None:
    with pytest.raises(NotFound) as raised:
        await account.arun_report("list_jobs", projects="all")

    assert str(raised.value) == (
        "There is no project “all” in this account. "
        "The projects are “Finance Analytics”, “Marketing” and “Product Growth”."
    )
