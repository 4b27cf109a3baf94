"""The Discovery API: the state of environments, runs of jobs, and quirk 1 against a plain loop over raw records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from dbt_cloud_sandbox import NodeResult, Run, World, generated_world

from .conftest import NOW, Client, connect, job_id, production

PROJECTS = ("finance", "marketing", "growth")

MODELS = """
query ($id: BigInt!, $first: Int, $after: String, $filter: ModelAppliedFilter, $sort: AppliedModelSort) {
  environment(id: $id) { applied { models(first: $first, after: $after, filter: $filter, sort: $sort) {
    totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    edges { cursor node {
      uniqueId name alias tags group access packageName materializedType database schema
      accountId projectId environmentId
      executionInfo {
        lastRunId lastRunStatus lastRunError lastRunGeneratedAt lastJobDefinitionId lastSuccessRunId
        lastSuccessJobDefinitionId executionTime executeStartedAt executeCompletedAt runGeneratedAt runElapsedTime
      }
      catalog { type owner rowCountStat bytesStat runId stats { id value } columns { name } }
    } }
  } } }
}
"""


async def models(client: Client, project: str = "finance", **variables: Any) -> list[dict[str, Any]]:
    data = await client.data(MODELS, id=production(client.world, project), **variables)
    return [edge["node"] for edge in data["environment"]["applied"]["models"]["edges"]]


def attempts(world: World, environment_id: int) -> dict[str, list[tuple[Run, NodeResult]]]:
    """By a plain loop: each node's results of twenty days in the order in which their runs finished."""
    found: dict[str, list[tuple[Run, NodeResult]]] = {}
    for run in sorted(world.runs(), key=lambda run: run.finished_at or NOW):
        recent = run.created_at > NOW - timedelta(days=20)
        if recent and run.environment_id == environment_id and run.finished_at and run.status != 30:
            for result in world.results(run.id):
                found.setdefault(result.unique_id, []).append((run, result))
    return found


def instant(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z" if moment else None


async def test_every_model_but_no_other_node_is_listed(client: Client) -> None:
    for project in PROJECTS:
        home = production(client.world, project)
        wanted = sorted(n.unique_id for n in client.world.nodes(home) if n.resource_type == "model")
        assert [row["uniqueId"] for row in await models(client, project)] == wanted


@pytest.mark.parametrize("hours", [0, 5, 11, 26, 60])
async def test_execution_info_mixes_the_last_attempt_with_the_last_success(hours: int) -> None:
    world = generated_world(days=9, now=lambda: NOW - timedelta(hours=hours))
    client = connect(world)
    history = attempts(world, production(world, "marketing"))
    for row in await models(client, "marketing"):
        told, tried = row["executionInfo"], history[row["uniqueId"]]
        run, result = tried[-1]
        assert (told["lastRunId"], told["lastJobDefinitionId"]) == (run.id, run.job_id)
        assert told["lastRunStatus"] == result.status
        assert told["lastRunError"] == (result.message if result.status == "error" else None)
        run, result = next(pair for pair in reversed(tried) if pair[1].status == "success")
        assert (told["lastSuccessRunId"], told["lastSuccessJobDefinitionId"]) == (run.id, run.job_id)
        assert told["executionTime"] == result.execution_time
        assert told["executeStartedAt"] == instant(result.execute_started_at)
        assert told["executeCompletedAt"] == instant(result.execute_completed_at)
        step = next(step for step in run.steps if step.index == result.step)
        assert told["runGeneratedAt"] == instant(step.finished_at)


async def test_after_a_failure_the_old_successs_time_stays() -> None:
    world = generated_world(days=12, now=lambda: NOW)
    run = next(
        run
        for run in reversed(world.runs())
        if run.job_id == job_id(world, "Campaign spend sync") and "error" in {r.status for r in world.results(run.id)}
    )
    assert run.finished_at is not None
    just_after = run.finished_at + timedelta(seconds=1)
    client = connect(generated_world(days=12, now=lambda: just_after))
    failed = next(result for result in world.results(run.id) if result.status == "error")
    (row,) = await models(client, "marketing", filter={"uniqueIds": [failed.unique_id]})
    told = row["executionInfo"]
    assert (told["lastRunStatus"], told["lastRunId"]) == ("error", run.id)
    assert told["lastSuccessRunId"] < run.id
    assert told["executionTime"] != failed.execution_time


async def test_pages_put_together_are_all_models(client: Client) -> None:
    found: list[str] = []
    after = None
    while True:
        data = await client.data(MODELS, id=production(client.world, "growth"), first=7, after=after)
        page = data["environment"]["applied"]["models"]
        found += [edge["node"]["uniqueId"] for edge in page["edges"]]
        assert page["totalCount"] == 45
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [row["uniqueId"] for row in await models(client, "growth")]


@pytest.mark.parametrize(("first", "problem"), [(501, "must not be more than 500"), (-1, "must not be negative")])
async def test_a_page_has_at_most_500_rows(client: Client, first: int, problem: str) -> None:
    body = await client.graphql(MODELS, id=production(client.world, "growth"), first=first)
    assert problem in body["errors"][0]["message"]
    assert body["errors"][0]["path"] == ["environment", "applied", "models"]
    assert body["data"]["environment"]["applied"] is None


async def test_a_bad_cursor_is_an_error(client: Client) -> None:
    body = await client.graphql(MODELS, id=production(client.world, "growth"), after="==")
    assert "Invalid cursor" in body["errors"][0]["message"]


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"uniqueIds": ["model.finance.fct_revenue"]}, "row['name'] == 'fct_revenue'"),
    ({"uniqueIds": ["MODEL.finance.fct_revenue"]}, "False"),
    ({"identifier": "rpt_mrr"}, "row['alias'] == 'rpt_mrr'"),
    ({"tags": ["pii", "hourly"]}, "{'pii', 'hourly'} & set(row['tags'])"),
    ({"group": "ledger"}, "row['group'] == 'ledger'"),
    ({"access": "public"}, "row['access'] == 'public'"),
    ({"packageName": "elsewhere"}, "False"),
    ({"database": "analytics", "schema": "finance_marts"}, "row['schema'] == 'finance_marts'"),
    ({"lastRunStatus": "success"}, "row['executionInfo']['lastRunStatus'] == 'success'"),
    ({"modelingLayer": "Staging"}, "row['name'].startswith('stg_')"),
    ({"tags": None}, "True"),
]


@pytest.mark.parametrize(("wanted", "holds"), FILTERS, ids=[str(wanted)[:50] for wanted, _ in FILTERS])
async def test_a_model_filter_keeps_what_a_plain_loop_keeps(client: Client, wanted: dict[str, Any], holds: str) -> None:
    everything = await models(client)
    kept = [row["uniqueId"] for row in await models(client, filter=wanted)]
    assert kept == [row["uniqueId"] for row in everything if eval(holds, {"row": row, "set": set})]


async def test_models_are_sorted_as_asked(client: Client) -> None:
    down = await models(client, sort={"field": "executeCompletedAt", "direction": "desc"})
    times = [row["executionInfo"]["executeCompletedAt"] for row in down]
    assert times == sorted(times, reverse=True)
    up = await models(client, sort={"field": "rowCount", "direction": "asc"})
    counts = [row["catalog"]["rowCountStat"] for row in up if row["catalog"]["rowCountStat"] is not None]
    assert counts == sorted(counts)
    assert up[-1]["catalog"]["rowCountStat"] is None  # views have no rows; missing values come last


async def test_the_catalog_is_that_of_the_newest_docs_run(client: Client) -> None:
    home = production(client.world, "finance")
    newest = [r for r in client.world.runs() if r.environment_id == home and r.has_docs_generated and r.finished_at][-1]
    for row in await models(client):
        assert row["catalog"]["runId"] == newest.id
        assert row["catalog"]["owner"] == "TRANSFORMER"


HISTORY = """
query ($id: BigInt!, $uniqueId: String, $identifier: String, $count: Int = 1) { environment(id: $id) { applied {
  modelHistoricalRuns(uniqueId: $uniqueId, identifier: $identifier, lastRunCount: $count) {
    uniqueId runId jobId status executionTime error executeStartedAt
  }
} } }
"""


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (5, 5), (20, 20), (50, 20), (0, 0)])
async def test_history_is_newest_first_whichever_job_and_at_most_twenty(client: Client, count: int, rows: int) -> None:
    home, unique_id = production(client.world, "growth"), "model.growth.int_events_typed"
    data = await client.data(HISTORY, id=home, uniqueId=unique_id, count=count)
    found = data["environment"]["applied"]["modelHistoricalRuns"]
    wanted = list(reversed(attempts(client.world, home)[unique_id]))[:rows]
    assert [(row["runId"], row["executionTime"]) for row in found] == [(r.id, x.execution_time) for r, x in wanted]
    assert rows < 20 or len({row["jobId"] for row in found}) > 1


async def test_history_takes_an_alias_and_defaults_to_one_row(client: Client) -> None:
    home = production(client.world, "finance")
    data = await client.data(HISTORY, id=home, identifier="fct_revenue")
    assert [r["uniqueId"] for r in data["environment"]["applied"]["modelHistoricalRuns"]] == [
        "model.finance.fct_revenue"
    ]
    data = await client.data(HISTORY, id=home, uniqueId="model.finance.nothing")
    assert data["environment"]["applied"]["modelHistoricalRuns"] == []
    body = await client.graphql(HISTORY, id=home)
    assert "uniqueId or identifier" in body["errors"][0]["message"]


TESTS = """
query ($id: BigInt!, $filter: TestAppliedFilter) { environment(id: $id) { applied { tests(filter: $filter) {
  edges { node {
  uniqueId name testType columnName testedNodeUniqueId lastKnownResult testMetadata { name columnName }
  parents { uniqueId __typename }
  executionInfo { lastRunStatus lastRunFailures executionTime lastRunId lastSuccessRunId }
} } } } } }
"""


async def test_tests_tell_their_last_result_and_what_they_test(client: Client) -> None:
    home = production(client.world, "marketing")
    rows = [e["node"] for e in (await client.data(TESTS, id=home))["environment"]["applied"]["tests"]["edges"]]
    assert len(rows) == sum(node.resource_type == "test" for node in client.world.nodes(home))
    history = attempts(client.world, home)
    for row in rows:
        run, result = history[row["uniqueId"]][-1]
        assert row["lastKnownResult"] == row["executionInfo"]["lastRunStatus"] == result.status
        assert (row["executionInfo"]["lastRunId"], row["executionInfo"]["lastRunFailures"]) == (run.id, result.failures)
        assert row["parents"] == [{"uniqueId": row["testedNodeUniqueId"], "__typename": "ModelAppliedStateNestedNode"}]
    singular = await client.data(TESTS, id=home, filter={"testTypes": ["SINGULAR_DATA_TEST"]})
    assert {edge["node"]["name"][:7] for edge in singular["environment"]["applied"]["tests"]["edges"]} == {"assert_"}
    warned = await client.data(TESTS, id=home, filter={"status": "warn"})
    assert {e["node"]["lastKnownResult"] for e in warned["environment"]["applied"]["tests"]["edges"]} == {"warn"}


async def test_sources_tell_their_newest_freshness(client: Client) -> None:
    query = """query ($id: BigInt!, $filter: SourceAppliedFilter) { environment(id: $id) { applied {
      sources(filter: $filter) {
      edges { node { uniqueId sourceName identifier loader freshness {
        freshnessStatus freshnessChecked freshnessRunId maxLoadedAt maxLoadedAtTimeAgoInS snapshottedAt
        criteria { warnAfter { count period } errorAfter { count period } } } children { uniqueId } } } } } } }"""
    home = production(client.world, "marketing")
    rows = (await client.data(query, id=home))["environment"]["applied"]["sources"]["edges"]
    newest = {
        check.unique_id: (run, check)
        for run in client.world.runs()
        if run.created_at > NOW - timedelta(days=4)
        for check in client.world.freshness(run.id)
    }
    for row in (edge["node"] for edge in rows):
        run, check = newest[row["uniqueId"]]
        told = row["freshness"]
        assert (told["freshnessRunId"], told["freshnessStatus"]) == (run.id, check.status.capitalize())
        assert told["maxLoadedAt"] == instant(check.max_loaded_at)
        assert told["maxLoadedAtTimeAgoInS"] == check.age
        assert told["criteria"] == {
            "warnAfter": {"count": 12, "period": "hour"},
            "errorAfter": {"count": 48, "period": "hour"},
        }
        assert row["children"][0]["uniqueId"].startswith("model.marketing.stg_")
    stale = await client.data(query, id=home, filter={"freshnessStatus": "Error"})
    assert [e["node"]["identifier"] for e in stale["environment"]["applied"]["sources"]["edges"]] == ["spend"]


JOB = """
query ($id: BigInt!, $run: BigInt, $first: Int, $after: String) { job(id: $id, runId: $run) { id runId
  models(first: $first, after: $after) { uniqueId runId jobId status executionTime error skip paginationCursor
    executeStartedAt executeCompletedAt threadId invocationId runElapsedTime dependsOn runResults { status }
    parentsModels { uniqueId } parentsSources { uniqueId } tests { uniqueId status } }
  tests { uniqueId status state fail warn error executionTime }
  seeds { uniqueId status } snapshots { uniqueId status } sources { uniqueId state criteria { warnAfter { count } } }
} }
"""


async def test_a_jobs_run_shows_what_it_did_to_each_node(client: Client) -> None:
    job = job_id(client.world, "Finance nightly build")
    for run in [run for run in client.world.runs() if run.job_id == job and run.has_artifacts][-6:]:
        told = (await client.data(JOB, id=job, run=run.id))["job"]
        assert (told["id"], told["runId"]) == (job, run.id)
        results = {result.unique_id: result for result in client.world.results(run.id)}
        rows = {row["uniqueId"]: row for kind in ("models", "tests", "seeds", "snapshots") for row in told[kind]}
        assert {uid: row["status"] for uid, row in rows.items()} == {uid: r.status for uid, r in results.items()}
        for row in told["models"]:
            result = results[row["uniqueId"]]
            assert row["executionTime"] == result.execution_time
            assert row["executeCompletedAt"] == instant(result.execute_completed_at)
            assert row["error"] == result.error
            assert row["skip"] is (result.status == "skipped")
            assert {t["uniqueId"]: t["status"] for t in row["tests"]}.items() <= {
                uid: r.status for uid, r in results.items()
            }.items()
        for row in told["tests"]:
            assert (row["fail"], row["warn"]) == (row["status"] == "fail", row["status"] == "warn")


async def test_without_a_run_id_it_is_the_jobs_latest_run_with_results(client: Client) -> None:
    for job in client.world.jobs():
        wanted = next(
            run.id
            for run in reversed(client.world.runs())
            if run.job_id == job.id and (client.world.results(run.id) or client.world.freshness(run.id))
        )
        assert (await client.data(JOB, id=job.id))["job"]["runId"] == wanted


async def test_an_unknown_job_or_a_run_without_results_is_null(client: Client) -> None:
    assert (await client.data(JOB, id=1))["job"] is None
    cancelled = next(run for run in client.world.runs() if run.status == 30)
    assert (await client.data(JOB, id=cancelled.job_id, run=cancelled.id))["job"] is None
    other = next(run for run in client.world.runs() if run.job_id != cancelled.job_id and run.status == 10)
    assert (await client.data(JOB, id=cancelled.job_id, run=other.id))["job"] is None


async def test_job_rows_come_whole_or_in_pages_of_at_most_100(client: Client) -> None:
    job = job_id(client.world, "Finance nightly build")
    whole = [row["uniqueId"] for row in (await client.data(JOB, id=job))["job"]["models"]]
    found: list[str] = []
    after = None
    while True:
        page = (await client.data(JOB, id=job, first=20, after=after))["job"]["models"]
        found += [row["uniqueId"] for row in page]
        if len(page) < 20:
            break
        after = page[-1]["paginationCursor"]
    assert found == whole
    body = await client.graphql(JOB, id=job, first=101)
    assert "must not be more than 100" in body["errors"][0]["message"]


async def test_single_nodes_of_a_job_are_found_by_unique_id(client: Client) -> None:
    query = """query ($id: BigInt!) { job(id: $id) {
      model(uniqueId: "model.finance.fct_revenue") { name materializedType owner }
      seed(uniqueId: "seed.finance.cost_centers") { name }
      source(uniqueId: "source.finance.stripe.charges") { name loader }
      test(uniqueId: "nothing") { name } } }"""
    told = (await client.data(query, id=job_id(client.world, "Finance nightly build")))["job"]
    assert told["model"]["materializedType"] == "incremental"
    assert told["seed"]["name"] == "cost_centers"
    assert told["source"]["loader"] == "airbyte"
    assert told["test"] is None


async def test_the_rest_of_the_applied_and_definition_state(client: Client) -> None:
    query = """query ($id: BigInt!) { environment(id: $id) { dbtProjectName adapterType
      applied { lastUpdatedAt latestGitSha resourceCounts tags { name } packages(resource: model)
        owners(resource: group) { name email }
        seeds { totalCount edges { node { name executionInfo { lastRunStatus lastRunSkip } } } }
        snapshots { edges { node { name parents { uniqueId } executionInfo { lastRunStatus } } } }
        exposures { edges { node { name ownerEmail parents { uniqueId } ancestors(types: [Source]) { uniqueId } } } }
        lineage(filter: {types: [Model, Source]}) {
          uniqueId parentIds resourceType ... on ModelLineageNode { lastRunStatus } }
      }
      definition { lastUpdatedAt resourceCounts models(filter: {tags: ["close"]}) { totalCount edges { node {
        uniqueId runGeneratedAt jobDefinitionId children { uniqueId }
        ancestors(types: [Source]) { uniqueId __typename } } } }
        tests { totalCount } sources { totalCount } seeds { totalCount } snapshots { totalCount }
        exposures { totalCount } }
    } }"""
    home = production(client.world, "finance")
    nodes = {node.unique_id: node for node in client.world.nodes(home)}
    told = (await client.data(query, id=home))["environment"]
    assert (told["dbtProjectName"], told["adapterType"]) == ("finance", "snowflake")
    applied, definition = told["applied"], told["definition"]
    latest = [run for run in client.world.runs() if run.environment_id == home and run.finished_at and run.status != 30]
    assert applied["lastUpdatedAt"] == instant(max(run.finished_at for run in latest if run.finished_at))
    assert applied["resourceCounts"]["model"] == sum(node.resource_type == "model" for node in nodes.values())
    assert {tag["name"] for tag in applied["tags"]} == {tag for node in nodes.values() for tag in node.tags}
    assert applied["packages"] == ["finance"]
    assert {"name": "Ledger Team", "email": "ledger@example.com"} in applied["owners"]
    assert applied["seeds"]["totalCount"] == 2
    assert (
        applied["snapshots"]["edges"][0]["node"]["parents"][0]["uniqueId"] == "model.finance.stg_stripe__subscriptions"
    )
    for row in applied["lineage"]:
        assert row["parentIds"] == list(nodes[row["uniqueId"]].depends_on)
    ledger = next(
        edge["node"]
        for edge in definition["models"]["edges"]
        if edge["node"]["uniqueId"].endswith("fct_general_ledger")
    )
    assert {row["uniqueId"] for row in ledger["ancestors"]} == {
        "source.finance.netsuite.journal_entries",
        "source.finance.netsuite.accounts",
        "source.finance.netsuite.subsidiaries",
    }
    assert {row["uniqueId"] for row in ledger["children"]} >= {"model.finance.rpt_balance_sheet"}
    assert definition["models"]["totalCount"] == sum("close" in node.tags for node in nodes.values())


async def test_an_environment_that_never_ran_has_nothing_applied(client: Client) -> None:
    home = next(e.id for e in client.world.environments() if e.type == "development")
    assert (await client.data(MODELS, id=home))["environment"]["applied"]["models"]["totalCount"] == 0


async def test_both_paths_answer_alike(client: Client) -> None:
    body = {"query": "query ($id: BigInt!) { environment(id: $id) { adapterType } }"}
    body |= {"variables": {"id": str(production(client.world, "finance"))}}  # type: ignore[dict-item]
    answers = [(await client.http.post(path, json=body)).json() for path in ("/graphql", "/beta/graphql", "/graphql/")]
    assert answers == [{"data": {"environment": {"adapterType": "snowflake"}}}] * 3
