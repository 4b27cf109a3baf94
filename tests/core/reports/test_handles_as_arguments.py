"""Objects as arguments of reports: each means what its name or id means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, InvalidArgument, Settings
from dbt_discovery.reports import registry

from tests.conftest import NOW

Things = dict[str, Any]


@pytest.fixture(scope="module")
def dbt(world: sandbox.World) -> Iterator[DbtAccount]:
    """An account whose home is a loop in the background, as in a script."""
    with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW)) as account:
        yield account


@pytest.fixture(scope="module")
def things(dbt: DbtAccount) -> Things:
    """One of each."""
    job = dbt.get_job("Finance nightly build")
    model = dbt.get_model("fct_revenue")
    run = job.get_last_run()
    return {"job": job, "model": model, "run_id": run, "attempt": model.get_runs(last_n=1)[0]}


def name_of(things: Things, kind: str) -> str:
    """What a person would call a thing."""
    return str({"job": things["job"].name, "model": things["model"].name, "run_id": things["run_id"].run_id}[kind])


CASES = [
    (name, kind)
    for name, each in registry().items()
    for kind in ("job", "model", "run_id")
    if kind in each.arguments.model_fields
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_handle_asks_what_its_name_asks(dbt: DbtAccount, things: Things, name: str, kind: str) -> None:
    by_handle = dbt.run_report(name, **{kind: things[kind]})
    by_name = dbt.run_report(name, **{kind: name_of(things, kind)})

    for part in ("finding", "filter", "arguments", "rows", "coverage", "path"):
        assert getattr(by_handle, part) == getattr(by_name, part)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_handle_of_another_kind_is_refused(dbt: DbtAccount, things: Things, name: str, kind: str) -> None:
    other = things["model" if kind == "job" else "job"]

    with pytest.raises(InvalidArgument, match="is no") as raised:
        dbt.run_report(name, **{kind: other})

    assert raised.value.argument == kind


def test_a_models_run_stands_for_its_run_and_for_its_model(dbt: DbtAccount, things: Things) -> None:
    attempt = things["attempt"]

    assert dbt.run_report("model_details", model=attempt).rows[0]["name"] == "fct_revenue"
    assert dbt.run_report("run_details", run_id=attempt).rows[0]["run_id"] == attempt.run_id
    assert dbt.run_report("slowest_models", run_id=attempt).arguments["run_id"] == attempt.run_id


async def test_a_plain_call_answers_inside_a_running_loop_as_an_awaited_one_does(dbt: DbtAccount) -> None:
    assert asyncio.get_running_loop()

    plain = dbt.run_report("list_jobs")

    assert plain.to_json() == (await dbt.arun_report("list_jobs")).to_json()
