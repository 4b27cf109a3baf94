"""The core against a real dbt Cloud account, or a served sandbox: `make test-integration` with DBT_SERVICE_TOKEN set.

The account is whoever's runs the tests, so they hold for any: what is checked is that the parts agree with each other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from dbt_discovery import DbtAccount, JobFilter, Model, ModelFilter, NotFound, RunFilter
from dbt_discovery.exceptions import Unauthorized
from dbt_discovery.reports import registry

from tests.core.subjects import about_what_there_is

pytestmark = [pytest.mark.integration, pytest.mark.enable_socket]

RUN_STATUSES = {"success", "failure", "cancelled", "queued", "starting", "running"}


@pytest.fixture
async def live() -> AsyncIterator[DbtAccount]:
    async with DbtAccount.from_env() as account:
        yield account


async def ran(account: DbtAccount) -> list[Model]:
    """A few models that were run; the test is skipped where there are none."""
    models = [model for model in await account.aget_models() if model.last_run_id][:3]
    return models or pytest.skip("no model of the account was ever run")


async def test_account_names_itself_and_its_projects(live: DbtAccount) -> None:
    source = await live.aget_source()
    assert source.account_id == await live.aget_account_id()
    assert await live.aget_projects()


@pytest.mark.parametrize("name", list(registry()))
async def test_report_answers_and_the_same_question_sends_nothing(live: DbtAccount, name: str) -> None:
    arguments = await about_what_there_is(live, name)
    report = await live.arun_report(name, **arguments)
    assert report.finding
    assert report.total_rows >= len(report.rows)
    sent = live.requests
    assert (await live.arun_report(name, **arguments)).rows == report.rows
    assert live.requests == sent


async def test_projects_add_up_to_the_account(live: DbtAccount) -> None:
    projects, jobs, models = await live.aget_projects(), await live.aget_jobs(), await live.aget_models()
    assert sum(project.job_count for project in projects) == len(jobs)
    assert sum(project.model_count or 0 for project in projects) == len(models)
    for project in projects:
        assert await live.aget_project(project.reference) == project
        assert {job.project_id for job in await project.aget_jobs()} <= {project.project_id}
        assert len(await project.aget_models()) == (project.model_count or 0)


async def test_each_kind_of_thing_is_found_again_by_its_reference(live: DbtAccount) -> None:
    for job in (await live.aget_jobs())[:3]:
        assert await live.aget_job(job.reference) == job
        assert [each.job_id for each in await live.aget_jobs(JobFilter(job_ids=[job.job_id]))] == [job.job_id]
    for run in (await live.aget_runs(3))[:3]:
        found = await live.aget_run(run.reference)
        assert found == run
        assert (await found.aget_job()).job_id == run.job_id
    for model in (await live.aget_models())[:3]:
        assert await live.aget_model(model.reference) == model


async def test_what_is_not_there_is_not_found(live: DbtAccount) -> None:
    for ask in (live.aget_project, live.aget_job, live.aget_model):
        with pytest.raises(NotFound):
            await ask("surely-nothing-carries-this-name")


async def test_runs_lie_in_their_period_with_known_statuses_and_sane_times(live: DbtAccount) -> None:
    now = live.now()
    runs = await live.aget_runs(filter=RunFilter(period="last_7_days"))
    assert runs.total == len(runs)
    assert {run.status for run in runs} <= RUN_STATUSES
    assert len({run.run_id for run in runs}) == len(runs)
    began = [run.start_time or run.created_at for run in runs]
    assert began == sorted(began, reverse=True)
    assert all(now - timedelta(days=9) < moment <= now + timedelta(hours=1) for moment in began)
    assert all(run.runtime >= 0 for run in runs if run.runtime is not None)
    assert all(run.start_time for run in runs if run.status == "success")


async def test_status_filters_split_the_runs_of_a_period(live: DbtAccount) -> None:
    whole = await live.aget_runs(filter=RunFilter(period="yesterday"))
    parts = [
        await live.aget_runs(filter=RunFilter(period="yesterday", run_status=[status]))
        for status in sorted(RUN_STATUSES)
    ]
    assert sum(map(len, parts)) == len(whole)


async def test_history_of_a_job_is_its_newest_runs_newest_first(live: DbtAccount) -> None:
    job = next((job for job in await live.aget_jobs() if job.last_run_id), None)
    if job is None:
        pytest.skip("no job of the account ever ran")
    runs = await job.aget_runs(5)
    assert {run.job_id for run in runs} == {job.job_id}
    created = [run.created_at for run in runs]
    assert created == sorted(created, reverse=True)
    assert 1 <= len(runs) <= 5
    last = await job.aget_last_run()
    assert last is not None
    assert last.job_id == job.job_id


async def test_models_are_of_their_project_and_filters_keep_what_they_say(live: DbtAccount) -> None:
    models = await live.aget_models()
    if not models:
        pytest.skip("no environment of the account has models")
    assert len({(model.environment_id, model.unique_id) for model in models}) == len(models)
    assert all(model.unique_id.startswith("model.") for model in models)
    kind = models[0].materialization
    kept = await live.aget_models(ModelFilter(materialization=[kind]))
    assert len(kept) == sum(model.materialization == kind for model in models)


async def test_history_of_a_model_is_of_that_model_and_no_longer_than_asked(live: DbtAccount) -> None:
    for model in await ran(live):
        runs = await model.aget_runs(5)
        assert len(runs) <= 5
        assert {run.unique_id for run in runs} <= {model.unique_id}
        assert all(run.runtime is None or run.runtime >= 0 for run in runs)
        last = await model.aget_last_run()
        assert last is not None
        assert last.unique_id == model.unique_id


async def test_lineage_leads_back_to_where_it_came_from(live: DbtAccount) -> None:
    for model in await ran(live):
        lineage = await model.aget_lineage(1)
        assert {node.unique_id for node in lineage.upstream} <= set(lineage.parents)
        assert model.unique_id not in {node.unique_id for node in (*lineage.upstream, *lineage.downstream)}
        whole = await model.aget_lineage()
        assert {node.unique_id for node in lineage.upstream} <= {node.unique_id for node in whole.upstream}
        for node in lineage.downstream[:1]:
            if node.unique_id.startswith("model."):
                child = await live.aget_model(f"{model.project_id}/{node.unique_id}")
                assert model.unique_id in (await child.aget_lineage(1)).parents


async def test_freshness_gives_its_reasons(live: DbtAccount) -> None:
    for model in await ran(live):
        freshness = await model.aget_freshness()
        assert freshness.unique_id == model.unique_id
        assert freshness.status is None or (freshness.sources and freshness.reasons)


async def test_code_of_a_model_is_text_or_not_kept(live: DbtAccount) -> None:
    for model in await ran(live):
        code = None
        with suppress(NotFound):
            code = await model.aget_raw_sql()
        assert code is None or code.strip()


async def test_runtimes_of_a_job_are_those_of_its_runs(live: DbtAccount) -> None:
    for job in [job for job in await live.aget_jobs() if job.last_run_id][:3]:
        reports = await job.aget_runtimes(5, by_model=True)
        assert all(report.status in ("success", "failure") and report.runtime >= 0 for report in reports)
        average = await job.aget_average_job_runtime(5)
        if not reports:
            assert average is None
            continue
        assert average == pytest.approx(sum(report.runtime for report in reports) / len(reports))
        run = await live.aget_run(reports[0].run_id)
        assert run.runtime == pytest.approx(reports[0].runtime)
        told = {model.unique_id for model in reports[0].models or ()}
        assert told <= {model.unique_id for model in await run.aget_models()}


async def test_refresh_asks_again_and_agrees_on_what_is_there(live: DbtAccount) -> None:
    known = await live.aget_projects()
    sent = live.requests
    assert {each.project_id for each in await live.aget_projects(refresh=True)} == {each.project_id for each in known}
    assert live.requests > sent


async def test_a_wrong_token_is_refused_with_a_sentence(live: DbtAccount) -> None:
    account_id, settings = await live.aget_account_id(), live.settings
    addresses = {"host": settings.host, "admin_url": settings.admin_url, "metadata_url": settings.metadata_url}
    async with DbtAccount(token="invalid", account_id=account_id, settings=settings, **addresses) as wrong:
        with pytest.raises(Unauthorized, match="does not accept the token"):
            await wrong.aget_projects()
