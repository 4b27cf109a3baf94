"""Questions that lean on the one before."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_discovery import DbtAccount
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel

from tests.toolkit.conftest import Ask

JOBS, MODELS, FAILED, LIST_JOBS = "dbt_longest_running_jobs", "dbt_slowest_models", "dbt_failed_runs", "dbt_list_jobs"

FIRST = "what were the longest-running jobs last week"
THREADS: list[tuple[list[str], str, dict[str, Any]]] = [
    ([FIRST, "and the week before?"], JOBS, {"period": "2026-11-02/2026-11-08"}),
    ([FIRST, "and the week before?", "and before that?"], JOBS, {"period": "2026-10-26/2026-11-01"}),
    ([FIRST, "only finance"], JOBS, {"period": "last_week", "projects": ["Finance Analytics"]}),
    ([FIRST, "what about max?"], JOBS, {"period": "last_week", "order_by": "max"}),
    ([FIRST, "top 3"], JOBS, {"period": "last_week", "limit": 3}),
    ([FIRST, "only finance", "same for marketing"], JOBS, {"period": "last_week", "projects": ["Marketing"]}),
    ([FIRST, "last month instead"], JOBS, {"period": "last_month"}),
    ([FIRST, "over the last 5 runs"], JOBS, {"last_n_runs": 5}),
    ([FIRST, "and the models?"], MODELS, {"period": "last_week"}),
    ([FIRST, "over 10 minutes"], JOBS, {"period": "last_week", "min_runtime": 600.0}),
    (
        [FIRST, "without marketing"],
        JOBS,
        {"period": "last_week", "projects": ["Marketing"], "include_or_exclude": "exclude"},
    ),
    ([FIRST, "what failed?"], FAILED, {}),
    ([FIRST, "and what failed?"], FAILED, {"period": "last_week"}),
    (["longest jobs last month", "and the month before?"], JOBS, {"period": "2026-09-01/2026-09-30"}),
    (["what failed yesterday", "and the day before?"], FAILED, {"period": "2026-11-16"}),
    (["slowest models", "in finance", "tagged pii"], MODELS, {"projects": ["Finance Analytics"], "tags": ["pii"]}),
    (["list jobs", "sort by runtime"], LIST_JOBS, {"order_by": "runtime"}),
    # the longest run is what models are ranked by, and no question about runs
    (
        ["slowest models in finance last week", "and by longest single run"],
        MODELS,
        {"projects": ["Finance Analytics"], "period": "last_week", "order_by": "max"},
    ),
    (["is fct_revenue healthy?", "when was it last built"], "dbt_model_details", {"model": "fct_revenue"}),
    (["which models are failing", "which jobs are there"], LIST_JOBS, {}),
    ([FIRST, "thanks", "top 3"], JOBS, {"period": "last_week", "limit": 3}),
    ([FIRST, "thanks, top 3"], JOBS, {"period": "last_week", "limit": 3}),
    # what was said before is kept
    (
        ["longest jobs in october", "by p95", "finance only", "just the top 4"],
        JOBS,
        {
            "period": "2026-10-01/2026-10-31",
            "order_by": "p95",
            "projects": ["Finance Analytics"],
            "limit": 4,
        },
    ),
    ([FIRST, "now sort by max", "then show the failures"], FAILED, {"period": "last_week"}),
    ([FIRST, "same but only production"], JOBS, {"period": "last_week", "environment": "production"}),
    ([FIRST, "which models are slow there"], MODELS, {"period": "last_week"}),
    # the period of before for another question
    (["failures in the last 2 days", "which models took longest in that time"], MODELS, {"period": "last_2_days"}),
    (["longest finance jobs last month", "what failed in the same month?"], FAILED, {"period": "last_month"}),
    ([FIRST, "and what failed that week?"], FAILED, {"period": "last_week"}),
    # a question of its own, which the report of before cannot take
    (
        ["which sources are stale?", "fct_revnue runs > 4s since 9.11."],
        "dbt_model_runs",
        {"period": "2026-11-09/2026-11-18", "model": "fct_revenue"},
    ),
    # what was named before
    (
        ["how long did growth nightly take yesterday", "which models are slowest in that job"],
        MODELS,
        {"jobs": ["Growth nightly"]},
    ),
]


@pytest.mark.parametrize(("questions", "tool", "arguments"), THREADS, ids=[" | ".join(each[0]) for each in THREADS])
async def test_a_follow_up_changes_what_it_says_and_keeps_the_rest(
    ask: Ask, questions: list[str], tool: str, arguments: dict[str, Any]
) -> None:
    reply = await ask(*questions)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(tool, arguments)]


POINTING = [
    ("which models are slowest in the second job?", "dbt_slowest_models", 1),
    ("what failed in that first one?", "dbt_failed_runs", 0),
    ("how long did the third one take last month", "dbt_longest_running_jobs", 2),
    ("why is the last one slow?", "dbt_slowest_models", -1),
]


@pytest.mark.parametrize(("question", "tool", "place"), POINTING, ids=[each[0] for each in POINTING])
async def test_a_row_of_the_ranking_before_is_that_job(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit, account: DbtAccount, question: str, tool: str, place: int
) -> None:
    report = (await account.arun_report("longest_running_jobs", period="last_week")).to_json()

    reply = await after(model, toolkit, report, question)

    assert reply.tool_calls[0]["name"] == tool
    assert reply.tool_calls[0]["args"]["jobs"] == [report["rows"][place]["job_id"]]


async def test_a_run_of_the_report_before_is_that_run(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit, account: DbtAccount
) -> None:
    report = (await account.arun_report("longest_running_jobs", period="last_week")).to_json()

    reply = await after(model, toolkit, report, "which models were slowest in that run?")

    assert reply.tool_calls[0]["args"] == {"run_id": report["rows"][0]["max_run_id"]}


@pytest.mark.parametrize("question", ["which models are slow in number 90?", "how long did that model take?"])
async def test_what_the_answer_before_does_not_have_is_not_made_up(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit, account: DbtAccount, question: str
) -> None:
    report = (await account.arun_report("longest_running_jobs", period="last_week")).to_json()

    reply = await after(model, toolkit, report, question)

    assert not reply.tool_calls
    assert reply.text.startswith("I do not know")


async def after(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit, report: dict[str, Any], question: str
) -> AIMessage:
    """The reply to a question that follows last week's ranking of jobs."""
    call = {"name": JOBS, "args": {"period": "last_week"}, "id": "1", "type": "tool_call"}
    found = ToolMessage("", artifact=report, tool_call_id="1", name=JOBS)
    return await model.bind_tools(toolkit.get_tools()).ainvoke(
        [HumanMessage(FIRST), AIMessage("", tool_calls=[call]), found, AIMessage("Done."), HumanMessage(question)]
    )


async def test_it_without_anything_before_is_asked_about(ask: Ask) -> None:
    reply = await ask("why is it so slow?")

    assert not reply.tool_calls
    assert reply.text.startswith("I do not know what “it” is.")


async def test_a_follow_up_with_nothing_before_it_is_not_understood(ask: Ask) -> None:
    reply = await ask("and the week before?")

    assert not reply.tool_calls
    assert "You can ask me for" in reply.text
