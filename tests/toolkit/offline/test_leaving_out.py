"""Questions that say what is not meant, and words that nothing explains."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_discovery import DbtAccount
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel

from tests.toolkit.conftest import Ask

JOBS, MODELS, FAILED = "dbt_longest_running_jobs", "dbt_slowest_models", "dbt_failed_runs"
LIST_JOBS, LIST_MODELS, FAILING = "dbt_list_jobs", "dbt_list_models", "dbt_failing_models"
FINANCE, MARKETING, GROWTH = "Finance Analytics", "Marketing", "Product Growth"


LEFT_OUT: list[tuple[list[str], str, list[str]]] = [
    (["show jobs which are not marketing"], LIST_JOBS, [MARKETING]),
    (["which jobs aren't in finance"], LIST_JOBS, [FINANCE]),
    (["which models are not from product growth"], LIST_MODELS, [GROWTH]),
    (["non-finance jobs"], LIST_JOBS, [FINANCE]),
    (["which jobs do not belong to marketing"], LIST_JOBS, [MARKETING]),
    (["what failed in everything but finance"], FAILED, [FINANCE]),
    (["list jobs", "everything but marketing"], LIST_JOBS, [MARKETING]),
    (["longest jobs apart from growth"], JOBS, [GROWTH]),
    (["what failed except marketing and finance"], FAILED, [MARKETING, FINANCE]),
    (["jobs that are not in product growth or finance"], LIST_JOBS, [GROWTH, FINANCE]),
]


@pytest.mark.parametrize(("questions", "tool", "projects"), LEFT_OUT, ids=[" | ".join(each[0]) for each in LEFT_OUT])
async def test_a_project_that_is_not_meant_is_left_out(
    ask: Ask, questions: list[str], tool: str, projects: list[str]
) -> None:
    reply = await ask(*questions)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [
        (tool, {"projects": projects, "include_or_exclude": "exclude"})
    ]


@pytest.mark.parametrize(
    "question",
    [
        "slowest models that aren't tables",
        "slow non-view models",
        "models in marketing that are not views",
        "models not in finance or views",
        "models except finance and seeds",
        "which models are not tagged daily",
        "models which are not pii",
        "jobs that are not scheduled",
        "jobs other than growth nightly",
        "models which are not skipped",
        "models not in error",
        "jobs that did not fail",
        "models without errors",
    ],
)
async def test_what_is_no_project_is_never_taken_the_other_way_round(ask: Ask, question: str) -> None:
    reply = await ask(question)

    assert not reply.tool_calls
    assert "whole projects" in reply.text


@pytest.mark.parametrize(
    ("question", "tool", "arguments"),
    [
        ("runs that did not succeed", FAILED, {}),
        ("which jobs have not finished", FAILED, {}),
        ("jobs not over 5 minutes", JOBS, {"max_runtime": 300.0}),
    ],
)
async def test_not_may_say_how_something_went(ask: Ask, question: str, tool: str, arguments: dict[str, Any]) -> None:
    reply = await ask(question)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(tool, arguments)]


@pytest.mark.parametrize(
    "question", ["slowest models in finance except growth", "slowest finance models but not in growth"]
)
async def test_a_project_that_is_meant_decides_over_one_that_is_not(ask: Ask, question: str) -> None:
    reply = await ask(question)

    assert reply.tool_calls[0]["args"] == {"projects": [FINANCE]}


async def test_a_project_cannot_be_meant_and_not_meant(ask: Ask) -> None:
    reply = await ask("what failed in marketing without marketing")

    assert not reply.tool_calls
    assert reply.text.startswith("I cannot both keep and leave out “Marketing”.")


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("slowest models in finance except growth", f"no need to leave out “{GROWTH}”"),
        ("slowest models of the job that does not exist", "did not understand: “that does not exist”"),
        ("slowest models in the project that you know", "did not understand: “that you know”"),
    ],
)
async def test_what_the_call_leaves_out_is_said(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit, account: DbtAccount, question: str, sentence: str
) -> None:
    bound = model.bind_tools(toolkit.get_tools())
    asked = await bound.ainvoke([HumanMessage(question)])
    report = (await account.arun_report("slowest_models", limit=3)).to_json()
    found = ToolMessage("", artifact=report, tool_call_id=asked.tool_calls[0]["id"], name=MODELS)

    answer = await bound.ainvoke([HumanMessage(question), asked, found])

    assert sentence in answer.text


async def test_a_name_of_common_words_is_passed_on(ask: Ask) -> None:
    reply = await ask("failed runs of the job called test run")

    assert reply.tool_calls[0]["args"] == {"jobs": ["test run"]}


@pytest.mark.parametrize("when", ["right now", "currently", "at the moment"])
async def test_errors_of_now_are_a_state_of_models_and_events_of_runs(ask: Ask, when: str) -> None:
    models, runs = await ask(f"models with errors {when}"), await ask(f"runs with errors {when}")

    assert (models.tool_calls[0]["name"], models.tool_calls[0]["args"]) == (FAILING, {})
    assert (runs.tool_calls[0]["name"], runs.tool_calls[0]["args"]) == (FAILED, {})


@pytest.mark.parametrize("question", ["which models are broken", "models in error", "models in an error state"])
async def test_a_broken_model_is_one_whose_last_run_ended_in_an_error(ask: Ask, question: str) -> None:
    reply = await ask(question)

    assert (reply.tool_calls[0]["name"], reply.tool_calls[0]["args"]) == (FAILING, {})


WITHOUT: list[tuple[str, dict[str, object]]] = [
    ("jobs not in staging", {"environment": "production"}),
    ("list the jobs without staging", {"environment": "production"}),
    ("jobs except the production ones", {"environment": "staging"}),
    ("jobs other than the ci jobs", {"job_type": ["scheduled", "merge", "adaptive", "other"]}),
    ("list jobs, no CI", {"job_type": ["scheduled", "merge", "adaptive", "other"]}),
]


@pytest.mark.parametrize(("question", "arguments"), WITHOUT, ids=[each[0] for each in WITHOUT])
async def test_what_has_a_counterpart_is_left_out_by_asking_for_that(
    ask: Ask, question: str, arguments: dict[str, object]
) -> None:
    reply = await ask(question)

    assert [call["args"] for call in reply.tool_calls] == [arguments]
