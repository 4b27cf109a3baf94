"""The account: its lists, its resolver, its words, and what it sends for them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import (
    AmbiguousName,
    CachingStrategy,
    ConfigurationError,
    DbtAccount,
    InvalidArgument,
    JobFilter,
    ModelFilter,
    NotFound,
    PermissionDenied,
    ProjectFilter,
    RunFilter,
    SearchFilter,
    Settings,
    Unauthorized,
    Unreachable,
)

from tests.conftest import NOW
from tests.core.recount import production, runs_between, utc
from tests.core.tiny import TinyCloud, job, model, run


async def test_projects_are_listed_by_name(account: DbtAccount) -> None:
    assert [each.name for each in await account.aget_projects()] == ["Finance Analytics", "Marketing", "Product Growth"]
    only = await account.aget_projects(ProjectFilter(projects="MARKETING", include_or_exclude="exclude"))
    assert [each.name for each in only] == ["Finance Analytics", "Product Growth"]


async def test_runs_are_listed_newest_first(account: DbtAccount, world: World) -> None:
    expected = runs_between(world, utc("2026-11-17T00:00"), utc("2026-11-18T00:00"))
    found = await account.aget_runs(filter=RunFilter(period="yesterday"))
    assert {each.run_id for each in found} == {str(each.id) for each in expected}
    moments = [each.start_time or each.created_at for each in found]
    assert moments == sorted(moments, reverse=True)


async def test_runs_without_a_period_are_those_of_seven_days_and_a_note_says_so(
    account: DbtAccount, world: World
) -> None:
    expected = runs_between(world, NOW - timedelta(days=7), NOW)
    found = await account.aget_runs(5)
    assert (len(found), found.total) == (5, len(expected))
    assert "last 7 days" in found.notes[0]


@pytest.mark.parametrize("limit", [-1, "3", 1.5, True])
async def test_a_limit_that_is_no_number_of_runs_is_refused(account: DbtAccount, limit: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.aget_runs(limit)
    assert refused.value.argument == "limit"


async def test_runs_are_narrowed_by_every_field_of_their_filter(account: DbtAccount, world: World) -> None:
    filter = RunFilter(
        period="last_week", run_status=["failed"], projects="marketing", environment="production", min_runtime=30
    )
    found = await account.aget_runs(filter=filter)
    expected = {
        str(each.id)
        for each in runs_between(world, utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))
        if each.status == 20
        and each.project_id == 70403103920002
        and each.started_at
        and each.finished_at
        and (each.finished_at - each.started_at).total_seconds() >= 30
    }
    assert {each.run_id for each in found} == expected
    assert expected


async def test_days_before_a_period_are_asked_for_only_once(account: DbtAccount) -> None:
    await account.aget_runs(filter=RunFilter(period="2026-11-10/2026-11-12"))
    before = account.requests
    await account.aget_runs(filter=RunFilter(period="2026-11-10/2026-11-12", jobs="Growth nightly"))
    await account.aget_runs(filter=RunFilter(period="2026-11-11"))
    assert account.requests == before


async def test_a_period_is_asked_for_in_whole_days_from_the_day_before() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-11 08:00", "2026-11-11 08:01")]
    async with cloud.account() as account:
        await account.aget_runs(filter=RunFilter(period="2026-11-11/2026-11-12"))
    (span,) = {request.url.params.get("created_at__range") for request in cloud.requests} - {None}
    assert json.loads(span) == ["2026-11-10T00:00:00+00:00", "2026-11-12T23:59:59.999999+00:00"]


@pytest.mark.parametrize("reference", ["Marketing", "marketing", 70403103920002, "70403103920002"])
async def test_a_project_is_found_by_id_or_name(account: DbtAccount, reference: str | int) -> None:
    assert (await account.aget_project(reference)).name == "Marketing"


@pytest.mark.parametrize("reference", ["abc", "0", 1, "-1", "5; drop table"])
async def test_an_unknown_run_is_not_found(account: DbtAccount, reference: str | int) -> None:
    with pytest.raises(NotFound) as raised:
        await account.aget_run(reference)
    assert (raised.value.kind, raised.value.reference) == ("run", str(reference))


@pytest.mark.parametrize(("ask", "reference"), [("aget_project", "x"), ("aget_job", "x"), ("aget_model", "x")])
async def test_what_does_not_exist_is_not_found(account: DbtAccount, ask: str, reference: str) -> None:
    with pytest.raises(NotFound) as raised:
        await getattr(account, ask)(reference)
    assert raised.value.kind == ask.removeprefix("aget_")


async def test_a_model_name_of_two_projects_is_ambiguous_and_each_candidate_is_not() -> None:
    cloud = TinyCloud()
    cloud.projects.append({"id": 20, "name": "Other"})
    home = {"id": 200, "project_id": 20, "name": "Prod", "type": "deployment", "deployment_type": "production"}
    cloud.environments.append(home)
    cloud.models = {100: [model("orders", 1.0)], 200: [model("orders", 2.0, projectId=20, environmentId=200)]}
    async with cloud.account() as account:
        for reference in ("orders", "ORDERS", "model.shop.orders"):
            with pytest.raises(
                AmbiguousName, match=r"10/model.shop.orders \(project Shop\), .* \(project Other\)"
            ) as raised:
                await account.aget_model(reference)
            found = [await account.aget_model(candidate) for candidate in raised.value.candidates]
            assert {each.project_id for each in found} == {"10", "20"}
        assert (await account.aget_model("other.orders")).project_id == "20"
        assert (await account.aget_model("SHOP.orders")).project_id == "10"


async def test_a_job_name_of_two_environments_is_told_apart_by_them() -> None:
    cloud = TinyCloud()
    cloud.environments.append({"id": 101, "project_id": 10, "name": "Staging", "type": "deployment"})
    cloud.jobs = [job(1, name="Nightly"), job(2, name="nightly", environment_id=101)]
    async with cloud.account() as account:
        with pytest.raises(AmbiguousName, match=r"1 \(project Shop, environment Prod\), 2 \(.*environment Staging\)"):
            await account.aget_job("nightly")


@pytest.mark.parametrize("filter", ["marketing", {"projects": ["marketing"]}])
@pytest.mark.parametrize("ask", ["aget_projects", "aget_jobs", "aget_models"])
async def test_what_is_no_filter_is_refused(account: DbtAccount, ask: str, filter: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^filter takes a .*Filter or a SearchFilter, and not"):
        await getattr(account, ask)(filter)


@pytest.mark.parametrize(
    ("ask", "given"),
    [
        ("aget_slowest_models", {"slowest_n": 0}),
        ("aget_slowest_models", {"slowest_n": 501}),
        ("aget_slowest_models", {"slowest_n": None}),
        ("aget_slowest_models", {"last_n_runs": "3"}),
        ("aget_longest_running_jobs", {"longest_n": 0}),
        ("aget_longest_running_jobs", {"longest_n": 1.5}),
        ("aget_longest_running_jobs", {"last_n_runs": True}),
        ("aget_longest_running_jobs", {"filter": "marketing"}),
        ("aget_longest_running_jobs", {"model_filter": {"tags": "a"}}),
        ("aget_slowest_models", {"filter": {"tags": "a"}}),
    ],
    ids=str,
)
async def test_a_refusal_names_the_argument_that_was_given(
    account: DbtAccount, ask: str, given: dict[str, Any]
) -> None:
    (name,) = given
    with pytest.raises(InvalidArgument, match=f"^{name} takes a ") as refused:
        await getattr(account, ask)(**given)
    assert refused.value.argument == name


async def test_lists_take_the_filter_of_everything(account: DbtAccount) -> None:
    filter = SearchFilter(projects="marketing", tags=["spend"], min_runtime=0.1)
    assert {each.project_id for each in await account.aget_models(filter)} == {"70403103920002"}
    assert await account.aget_models(filter) == await account.aget_models(
        ModelFilter(projects="marketing", tags=["spend"], min_runtime=0.1)
    )


async def test_a_model_filter_on_jobs_or_runs_is_not_passed_over_in_silence(account: DbtAccount) -> None:
    """Either it narrows (a job that contains a matching model), or it is refused, or a note says so."""
    whole = await account.aget_jobs(JobFilter(projects="marketing"))
    try:
        narrowed = await account.aget_jobs(SearchFilter(projects="marketing", models="stg_netsuite__invoices"))
    except (InvalidArgument, NotFound):
        return
    assert len(narrowed) < len(whole) or narrowed.notes


async def test_vocabulary_holds_every_name(account: DbtAccount, world: World) -> None:
    words = await account.avocabulary()
    assert set(words.projects) == {each.name for each in world.projects()}
    assert set(words.jobs) == {each.name for each in world.jobs()}
    nodes = [node for home in production(world) for node in world.nodes(home.id) if node.resource_type == "model"]
    assert set(words.models) == {node.name for node in nodes}
    assert set(words.tags) == {tag for node in nodes for tag in node.tags}
    for names in (words.projects, words.environments, words.jobs, words.models, words.tags):
        assert list(names) == sorted(set(names), key=str.casefold)
    before = account.requests
    assert await account.avocabulary() == words
    assert account.requests == before


async def test_a_view_knows_nothing_but_its_projects(account: DbtAccount, world: World) -> None:
    view = account.view(["70403103920001"])
    assert [each.name for each in await view.aget_projects()] == ["Finance Analytics"]
    words = await view.avocabulary()
    assert words.projects == ("Finance Analytics",)
    homes = {each.name for each in world.environments() if each.project_id == 70403103920001}
    assert set(words.environments) == homes
    assert "Staging" not in words.environments
    foreign = [each for each in world.runs() if each.project_id != 70403103920001][-1]
    with pytest.raises(NotFound):
        await view.aget_run(foreign.id)
    with pytest.raises(NotFound):
        await view.aget_job(foreign.job_id)
    assert {each.project_id for each in await view.aget_runs()} == {"70403103920001"}
    assert list(await view.view(["70403103920002"]).aget_projects()) == []


async def test_source_is_known_without_a_question(account: DbtAccount, world: World) -> None:
    source = await account.aget_source()
    assert (source.kind, source.label, source.account_id) == ("sandbox", world.label, str(world.account.id))


async def test_account_id_is_found_when_it_was_not_given(account: DbtAccount, world: World) -> None:
    assert await account.aget_account_id() == str(world.account.id)


async def test_invalidation_drops_a_scope(account: DbtAccount) -> None:
    await account.arun_report("list_jobs")
    await account.arun_report("list_models")
    before = account.requests
    assert await account.ainvalidate_cache("jobs") == 1
    await account.arun_report("list_models")
    assert account.requests == before
    await account.arun_report("list_jobs")
    assert account.requests == before + 1
    assert await account.ainvalidate_cache() > 3
    for wrong in ("RUNS", "", None):
        with pytest.raises(InvalidArgument, match="scope takes all, "):
            await account.ainvalidate_cache(wrong)  # type: ignore[arg-type]


async def test_now_is_that_of_the_settings(account: DbtAccount) -> None:
    assert account.now() == NOW


async def test_switched_off_caching_asks_every_time(world: World) -> None:
    settings = Settings(fixed_now=NOW, enable_caching=False)
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        await account.aget_jobs()
        first = account.requests
        await account.aget_jobs()
        assert account.requests - first in (first, first - 1)  # the account's own id stays known


async def test_two_accounts_may_share_a_strategy(world: World, settings: Settings) -> None:
    shared = CachingStrategy()
    other_world = sandbox.generated_world(seed=8, now=lambda: NOW)
    found: list[Any] = []
    for each in (world, other_world):
        async with DbtAccount(transport=sandbox.transport(each), settings=settings, caching_strategy=shared) as account:
            report = await account.arun_report("longest_running_jobs", limit=1)
            found.append(report.rows[0]["avg_runtime"])
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("token", "kind", "words"),
    [("invalid", Unauthorized, "DBT_SERVICE_TOKEN"), ("metadata-only", PermissionDenied, "Account Viewer")],
)
async def test_a_token_without_rights_says_what_to_do(
    world: World, settings: Settings, token: str, kind: type[Exception], words: str
) -> None:
    async with DbtAccount(
        token=token, account_id=world.account.id, transport=sandbox.transport(world), settings=settings
    ) as account:
        with pytest.raises(kind, match=words) as raised:
            await account.aget_jobs()
    assert token not in str(raised.value).replace("Metadata Only", "")


async def test_an_account_the_token_does_not_see_names_the_setting(world: World, settings: Settings) -> None:
    async with DbtAccount(
        token="any", account_id=999, transport=sandbox.transport(world), settings=settings
    ) as account:
        with pytest.raises(ConfigurationError, match="DBT_ACCOUNT_ID"):
            await account.aget_jobs()


@pytest.mark.parametrize(
    "fault",
    [
        sandbox.Fault(status=503, times=2),
        sandbox.Fault(kind="reset", times=2),
        sandbox.Fault(kind="truncated", times=1),
        sandbox.Fault(kind="invalid", times=1),
    ],
    ids=lambda fault: fault.kind,
)
async def test_faults_that_pass_are_not_seen(world: World, settings: Settings, fault: sandbox.Fault) -> None:
    faults = sandbox.Faults(fault)
    async with DbtAccount(transport=sandbox.transport(world, faults=faults), settings=settings) as account:
        assert len(await account.aget_jobs()) == len(world.jobs())


async def test_a_host_that_is_away_is_told_with_its_name() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    settings = Settings(fixed_now=NOW)
    transport = httpx.MockTransport(refuse)
    async with DbtAccount(
        token="t", account_id=1, host="abc123.us1.dbt.com", transport=transport, settings=settings
    ) as account:
        with pytest.raises(Unreachable, match=r"abc123\.us1\.dbt\.com cannot be reached"):
            await account.arun_report("list_jobs")


def test_plain_forms_give_the_same_as_their_twins(world: World, settings: Settings) -> None:
    with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        assert [each.name for each in account.get_projects()] == ["Finance Analytics", "Marketing", "Product Growth"]
        project = account.get_project("Marketing")
        assert len(project.get_models(filter=SearchFilter(tags=["spend"], min_runtime=0.1))) > 0
        assert len(project.get_slowest_models(slowest_n=5, refresh=True)) == 5
        job = project.get_jobs()[0]
        assert job.get_last_run() == account.get_run(job.last_run_id or "")
        assert account.run_report("list_models").total_rows == len(account.get_models())
        assert account.get_source().kind == "sandbox"
        assert account.vocabulary().projects
        assert account.invalidate_cache("runs") > 0


@pytest.mark.parametrize("status", [403, 503])
async def test_projects_are_listed_even_where_discovery_does_not_answer(status: int) -> None:
    cloud = TinyCloud()
    cloud.faults["/graphql"] = httpx.Response(status, json={})
    async with cloud.account() as account:
        projects = await account.aget_projects()
        assert [each.name for each in projects] == ["Shop"]
        assert projects[0].to_json()["model_count"] is None
        assert (await account.aget_project("shop")).project_id == "10"


async def test_a_project_counts_its_models() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 1.0), model("customers", 2.0)]
    async with cloud.account() as account:
        assert (await account.aget_project("shop")).model_count == 2
