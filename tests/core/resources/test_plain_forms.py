"""Every asynchronous method of a handle has a plain form that gives the same, from wherever it is called."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Job, Listing, Model, ModelRun, Project, Run, Settings

HANDLES = (Project, Model, Job, Run, ModelRun)
PAIRS = [(kind, name) for kind in HANDLES for name in sorted(dir(kind)) if name.startswith("aget_")]
PLAIN = {
    Project: {"get_models", "get_jobs", "get_slowest_models", "get_longest_running_jobs"},
    Model: {"get_last_run", "get_runs", "get_sql", "get_raw_sql", "get_code", "get_owner", "get_freshness", "get_jobs"}
    | {"get_lineage"},
    Job: {"get_models", "get_last_run", "get_runs", "get_slowest_models", "get_runtimes", "get_average_job_runtime"}
    | {"get_average_historical_model_runtime"},
    Run: {"get_job", "get_models", "get_slowest_models", "get_average_model_runtime"},
    ModelRun: {"get_run", "get_model"},
}


@pytest.fixture
def plain(world: sandbox.World, settings: Settings) -> Iterator[DbtAccount]:
    """An account at home on a background loop, as a script has it."""
    with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        yield account


@pytest.fixture
def handles(plain: DbtAccount) -> dict[type, Any]:
    job = plain.get_job("Churn and propensity models")
    run = job.get_last_run()
    assert run is not None
    return {
        Project: plain.get_project("Product Growth"),
        Model: plain.get_model("fct_churn_scores"),
        Job: job,
        Run: run,
        ModelRun: run.get_models()[0],
    }


def values(answer: Any) -> Any:
    return tuple(answer) if isinstance(answer, Listing) else answer


@pytest.mark.parametrize(("kind", "name"), PAIRS, ids=lambda each: each if isinstance(each, str) else each.__name__)
def test_both_forms_give_the_same(kind: type, name: str, handles: dict[type, Any]) -> None:
    handle = handles[kind]
    told = getattr(handle, name.removeprefix("a"))()
    assert values(asyncio.run(getattr(handle, name)())) == values(told)
    assert told is not None
    assert not isinstance(told, Listing) or len(told) > 0


@pytest.mark.parametrize("kind", HANDLES, ids=lambda each: each.__name__)
def test_what_can_be_asked_is_what_was_promised(kind: type) -> None:
    assert {name for name in dir(kind) if name.startswith("get_")} == PLAIN[kind]


@pytest.mark.parametrize("kind", HANDLES, ids=lambda each: each.__name__)
def test_handles_are_equal_by_source_kind_and_id(kind: type, handles: dict[type, Any], plain: DbtAccount) -> None:
    handle = handles[kind]
    again = (
        handles[Run].get_models(refresh=True)[0]
        if kind is ModelRun
        else getattr(plain, f"get_{handle.KIND}")(handle.reference, refresh=True)
    )
    assert again == handle
    assert again is not handle
    assert hash(again) == hash(handle)
    assert len({again, *handles.values()}) == len(HANDLES)
    assert handle.reference in repr(handle)
    assert "__slots__" in vars(kind)
    assert tuple(handle.to_json()) == kind.FIELDS  # type: ignore[attr-defined]


def test_refresh_asks_dbt_cloud_again(handles: dict[type, Any], plain: DbtAccount) -> None:
    for kind, name in PAIRS:
        ask = getattr(handles[kind], name.removeprefix("a"))
        ask()
        known = plain.requests
        ask()
        assert plain.requests == known, f"{kind.__name__}.{name}"
        ask(refresh=True)
        assert plain.requests > known, f"{kind.__name__}.{name}"


def test_a_token_for_metadata_alone_can_ask_everything(world: sandbox.World, settings: Settings) -> None:
    homes = tuple(str(each.id) for each in world.environments() if each.deployment_type)
    narrow = settings.model_copy(update={"environment_ids": homes})
    transport = sandbox.transport(world)
    with DbtAccount("metadata-only", world.account.id, transport=transport, settings=narrow) as account:
        model = account.get_model("fct_churn_scores")
        (job,) = model.get_jobs()
        run = job.get_runs(1)[0]
        handles = {Model: model, Job: job, Run: run, ModelRun: run.get_models()[0]}
        for kind, name in PAIRS:
            if handle := handles.get(kind):
                told = getattr(handle, name.removeprefix("a"))()
                assert told is not None, name
                assert not isinstance(told, Listing) or len(told) > 0, name
        assert not job.get_runtimes().coverage.complete
        assert any("Admin API" in note for note in job.get_runtimes().notes)
