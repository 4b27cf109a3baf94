"""Aliases: many like questions in one query, and what becomes of those that were not answered."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from dbt_discovery import UnexpectedResponse
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.models import ModelService
from dbt_discovery.services.operation import Operation
from dbt_discovery.services.outcomes import OutcomeService
from dbt_discovery.services.parsing import parse_model

from tests.core.tiny import model
from tests.core.upstream import Upstream, wire_to

RUNS = AliasedField(
    name="Runs",
    field="job(id: $jobId) { runs(after: $after) { ...Run } }",
    within=("environment(id: $environmentId)", "applied"),
    text="fragment Run on Run { id }",
)


def question(job_id: int, after: str | None = None) -> Operation[Any]:
    variables = (("environmentId", 100), ("jobId", job_id), ("after", after))
    return Operation(name="runs", variables=variables, scope="runs", parse=lambda job: job and (job_id, job))


def client(upstream: Upstream) -> DbtClient:
    return DbtClient(wire_to(upstream), CachingStrategy())


def one_model() -> ModelRecord:
    return parse_model(model("orders"))


def test_each_question_has_an_alias_and_variables_of_its_own_and_what_is_around_them_stands_once() -> None:
    query = RUNS.query([question(1), question(2, "x")])
    assert query.document == (
        "query Runs($environmentId: BigInt!, $jobId0: BigInt!, $after0: String, $jobId1: BigInt!, $after1: String) "
        "{ environment(id: $environmentId) { applied { "
        "r0: job(id: $jobId0) { runs(after: $after0) { ...Run } } "
        "r1: job(id: $jobId1) { runs(after: $after1) { ...Run } } "
        "} } } fragment Run on Run { id }"
    )
    assert query.variables == (("environmentId", 100), ("jobId0", 1), ("jobId1", 2), ("after1", "x"))
    assert query.aliases == ["r0", "r1"]


def test_its_value_is_what_stands_under_the_alias_of_each_question() -> None:
    query = RUNS.query([question(1), question(2)])
    assert query.parse({"environment": {"applied": {"r1": "b", "r0": "a"}}}) == ["a", "b"]
    assert query.parse({"environment": {"applied": {"r0": None, "r1": "b"}}}) == [None, "b"]


async def test_each_question_parses_its_part() -> None:
    applied = {"r0": {"runs": 7}, "r1": None}
    upstream = Upstream(lambda request: httpx.Response(200, json={"data": {"environment": {"applied": applied}}}))
    answers = await client(upstream).ask_batched([question(1), question(2)], RUNS.query, 20)
    assert [answer.value for answer in answers] == [(1, {"runs": 7}), None]


@pytest.mark.parametrize("data", [{"environment": None}, {"environment": {"applied": None}}])
def test_where_what_is_around_them_is_null_no_question_has_an_answer(data: Any) -> None:
    assert RUNS.query([question(1), question(2)]).parse(data) == [None, None]


@pytest.mark.parametrize("environment", [None, {"applied": None}, {"applied": {"r0": None}}])
async def test_histories_in_an_environment_out_of_sight_are_empty(environment: Any) -> None:
    upstream = Upstream(lambda request: httpx.Response(200, json={"data": {"environment": environment}}))
    (history,) = await ModelService(client(upstream)).histories([one_model()], 5)
    assert history.value == ()


async def test_an_alias_that_is_missing_altogether_is_an_unexpected_response() -> None:
    upstream = Upstream(lambda request: httpx.Response(200, json={"data": {"environment": {"applied": {}}}}))
    with pytest.raises(UnexpectedResponse):
        await ModelService(client(upstream)).histories([one_model()], 5)


async def test_outcomes_of_several_runs_are_told_apart() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        lists = {"tests": [], "seeds": [], "snapshots": []}
        failed = lists | {"models": [{"status": "error"}]}
        fine = lists | {"models": [{"status": "success"}]}
        return httpx.Response(200, json={"data": {"r0": fine, "r1": failed, "r2": None}})

    upstream = Upstream(answer)
    outcomes = await OutcomeService(client(upstream)).outcomes([("1", "7"), ("1", "8"), ("2", "9")])
    assert [each.value and each.value.failed for each in outcomes] == [False, True, None]
    assert upstream.variables == [{"jobId0": 1, "runId0": 7, "jobId1": 1, "runId1": 8, "jobId2": 2, "runId2": 9}]
