"""Scope: an account's own filter, and views of some of its projects."""

from __future__ import annotations

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound, ProjectFilter, RunFilter, SearchFilter, Settings


def narrowed(world: World, settings: Settings, **fields: object) -> DbtAccount:
    return DbtAccount(transport=sandbox.transport(world), settings=settings, filter=ProjectFilter(**fields))


async def test_everything_asked_of_a_filtered_account_is_about_its_projects(world: World, settings: Settings) -> None:
    async with narrowed(world, settings, projects=["finance analytics"], include_or_exclude="exclude") as account:
        assert [each.name for each in await account.aget_projects()] == ["Marketing", "Product Growth"]
        ours = {each.project_id for each in await account.aget_projects()}
        for listing in (
            await account.aget_jobs(),
            await account.aget_models(),
            await account.aget_runs(filter=RunFilter(period="yesterday")),
        ):
            assert {each.project_id for each in listing} == ours
        report = await account.arun_report("longest_running_jobs", period="last_week")
        assert {row["project_id"] for row in report.rows} == ours
        assert report.filter == "everything"
        assert account.filter.given() == {"projects": ["finance analytics"], "include_or_exclude": "exclude"}


async def test_what_lies_outside_is_not_found(world: World, settings: Settings) -> None:
    theirs = next(each for each in world.runs() if each.project_id == 70403103920001)
    async with narrowed(world, settings, projects="Marketing") as account:
        with pytest.raises(NotFound):
            await account.aget_job("Finance nightly build")
        with pytest.raises(NotFound):
            await account.aget_run(theirs.id)
        with pytest.raises(NotFound):
            await account.aget_models(SearchFilter(projects="Finance Analytics"))


async def test_a_filter_that_names_no_project_is_told(world: World, settings: Settings) -> None:
    async with narrowed(world, settings, projects="Marketting") as account:
        with pytest.raises(NotFound) as unknown:
            await account.aget_jobs()
        assert unknown.value.near == ("Marketing",)


def test_an_accounts_own_filter_is_about_projects_alone() -> None:
    with pytest.raises(InvalidArgument, match="cannot narrow by tags"):
        DbtAccount(token="t0ken", account_id=1, filter=SearchFilter(tags=["finance"]))


async def test_a_view_lies_within_the_filter(world: World, settings: Settings) -> None:
    async with narrowed(world, settings, projects=["Marketing", "Finance Analytics"]) as account:
        view = account.view(["70403103920002", "70403103920003"])
        assert [each.name for each in await view.aget_projects()] == ["Marketing"]
        assert not await view.view(["70403103920003"]).aget_jobs()


async def test_a_view_takes_names_ids_handles_and_filters(world: World, settings: Settings) -> None:
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        marketing = await account.aget_project("Marketing")
        for wanted in (
            "marketing",
            ["Marketing"],
            marketing,
            [marketing],
            70403103920002,
            ["70403103920002"],
            ProjectFilter(projects=["Finance Analytics", "Product Growth"], include_or_exclude="exclude"),
        ):
            assert [each.name for each in await account.view(wanted).aget_projects()] == ["Marketing"]


async def test_a_view_of_a_project_that_is_not_there_is_told_with_the_first_question(
    world: World, settings: Settings
) -> None:
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        with pytest.raises(NotFound, match="999"):
            await account.view(["999"]).aget_jobs()
        with pytest.raises(InvalidArgument, match="name at least one"):
            account.view([])
        with pytest.raises(InvalidArgument):
            account.view(SearchFilter(tags=["finance"]))


async def test_the_accounts_id_is_known_once_it_was_found(world: World, settings: Settings) -> None:
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        assert account.account_id is None
        assert await account.aget_account_id() == str(world.account.id)
        assert account.account_id == str(world.account.id)
