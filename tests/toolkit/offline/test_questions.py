"""What the offline model makes of a question; the clock stands at Wednesday 18 November 2026, 10:30 UTC."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_discovery import Vocabulary
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel

from tests.toolkit.conftest import Ask

JOBS, MODELS, FAILED = "dbt_longest_running_jobs", "dbt_slowest_models", "dbt_failed_runs"
LIST_JOBS, LIST_MODELS, FAILING = "dbt_list_jobs", "dbt_list_models", "dbt_failing_models"
FINANCE, MARKETING = ["Finance Analytics"], ["Marketing"]
LAST_NIGHT = "2026-11-17T18:00/2026-11-18T09:00"

QUESTIONS: list[tuple[str, str, dict[str, Any]]] = [
    # jobs that take long
    ("what were the longest-running jobs last week", JOBS, {"period": "last_week"}),
    ("What were the longest-running jobs last week?", JOBS, {"period": "last_week"}),
    ("top 3 jobs by p95 in the past 14 days", JOBS, {"limit": 3, "order_by": "p95", "period": "last_14_days"}),
    ("give me the 10 longest jobs of the last 30 days", JOBS, {"limit": 10, "period": "last_30_days"}),
    (
        "which jobs took longer than 10 minutes on average this month",
        JOBS,
        {"min_runtime": 600.0, "order_by": "avg", "period": "this_month"},
    ),
    ("Which finance jobs take longest on average?", JOBS, {"projects": FINANCE, "order_by": "avg"}),
    ("which job used the most time in total last week", JOBS, {"order_by": "total", "period": "last_week"}),
    ("longest single run last month", JOBS, {"order_by": "max", "period": "last_month", "limit": 1}),
    ("What were the longest runs yesterday?", JOBS, {"order_by": "max", "period": "yesterday"}),
    ("the longest job", JOBS, {"limit": 1}),
    ("jobs slower than 1.5 hours", JOBS, {"min_runtime": 5400.0}),
    ("longest jobs without marketing", JOBS, {"projects": MARKETING, "include_or_exclude": "exclude"}),
    ("longest jobs in production last week", JOBS, {"environment": "production", "period": "last_week"}),
    ("how long did month end close take last week", JOBS, {"jobs": ["Month-end close"], "period": "last_week"}),
    (
        "hourly payments average last week",
        JOBS,
        {"jobs": ["Finance hourly payments"], "order_by": "avg", "period": "last_week"},
    ),
    ("How long did my DAG take to run?", JOBS, {}),
    ("which jobs ran last week", JOBS, {"period": "last_week"}),
    ("is growth nightly slow", JOBS, {"jobs": ["Growth nightly"]}),
    ("longest jobs over their last 5 runs", JOBS, {"last_n_runs": 5}),
    # models that take long
    ("which models are slowest", MODELS, {}),
    ("slowest 5 models of marketing", MODELS, {"limit": 5, "projects": MARKETING}),
    ("What are the five slowest models of marketing?", MODELS, {"limit": 5, "projects": MARKETING}),
    ("slowest model", MODELS, {"limit": 1}),
    ("which models take over 4 minutes", MODELS, {"min_runtime": 240.0}),
    ("models > 10 s", MODELS, {"min_runtime": 10.0}),
    ("models under 2 seconds", MODELS, {"max_runtime": 2.0}),
    ("which models took between 1 and 5 minutes", MODELS, {"min_runtime": 60.0, "max_runtime": 300.0}),
    ("slowest models tagged finance in the last 3 runs", MODELS, {"tags": ["finance"], "last_n_runs": 3}),
    ("slowest models by max over last 10 runs", MODELS, {"order_by": "max", "last_n_runs": 10}),
    ("how slow is fct_orders", MODELS, {"models": ["fct_orders"]}),
    ("how long does dim customers take", MODELS, {"models": ["dim_customers"]}),
    ("why is the Finance nightly build slow", MODELS, {"jobs": ["Finance nightly build"]}),
    ("slowest models in the finance nightly build", MODELS, {"jobs": ["Finance nightly build"]}),
    ("slowest nightly models", MODELS, {"tags": ["nightly"]}),
    ("How long did each model take to run?", MODELS, {}),
    ("which views are slow", MODELS, {"materialization": ["view"]}),
    ("slowest models of run 4711", MODELS, {"run_id": "4711"}),
    ("how long did int_payments_matched take to build", MODELS, {"models": ["int_payments_matched"]}),
    ("which four models were slowest in marketing", MODELS, {"limit": 4, "projects": MARKETING}),
    ("models taking two and a half minutes or longer", MODELS, {"min_runtime": 150.0}),
    ("models that need 90 seconds at most", MODELS, {"max_runtime": 90.0}),
    ("models that took no more than a quarter of an hour", MODELS, {"max_runtime": 900.0}),
    # jobs by how their runs ended
    (
        "what is the average time of failed builds of Growth nightly",
        JOBS,
        {
            "run_status": ["failure"],
            "order_by": "avg",
            "jobs": ["Growth nightly"],
        },
    ),
    (
        "longest cancelled runs this week",
        JOBS,
        {
            "run_status": ["cancelled"],
            "order_by": "max",
            "period": "this_week",
        },
    ),
    ("which jobs succeeded today", JOBS, {"run_status": ["success"], "period": "today"}),
    ("jobs running 45+ minutes", JOBS, {"min_runtime": 2700.0}),
    ("jobs that finished in under 2 minutes yesterday", JOBS, {"max_runtime": 120.0, "period": "yesterday"}),
    ("jobs under an hour and a half", JOBS, {"max_runtime": 5400.0}),
    # names that nobody knows are passed on, for the report to say so
    ("how long does 'Ledger export' take", JOBS, {"jobs": ["ledger export"]}),
    ("how slow is the ledger export job", JOBS, {"jobs": ["ledger export"]}),
    ('failures of the job "Ledger export"', FAILED, {"jobs": ["ledger export"]}),
    ("is dim_ghosts slow", MODELS, {"models": ["dim_ghosts"]}),
    ("slowest models for Contoso", MODELS, {"projects": ["contoso"]}),
    ("slowest models except Contoso", MODELS, {"projects": ["contoso"], "include_or_exclude": "exclude"}),
    # failures
    ("what failed", FAILED, {}),
    ("why did last night fail?", FAILED, {"period": LAST_NIGHT}),
    ("what broke overnight", FAILED, {"period": LAST_NIGHT}),
    ("did last night's refresh finish?", FAILED, {"period": LAST_NIGHT}),
    ("which models failed last night", FAILING, {"period": LAST_NIGHT}),
    ("tell me if my jobs ran successfully?", FAILED, {}),
    ("which run returned some errors lately?", FAILED, {"period": "last_7_days"}),
    ("prod load failed and Finance is blocked", FAILED, {"environment": "production", "projects": FINANCE}),
    ("what's wrong with my project?", FAILED, {}),
    ("Why did the finance job fail this week?", FAILED, {"projects": FINANCE, "period": "this_week"}),
    ("show failures of Marketing attribution", FAILED, {"jobs": ["Marketing attribution"]}),
    ('"Growth CI" failures this week', FAILED, {"jobs": ["Growth CI"], "period": "this_week"}),
    ("what failed except finance", FAILED, {"projects": FINANCE, "include_or_exclude": "exclude"}),
    ("the last 5 failed runs", FAILED, {"limit": 5}),
    ("what failed in frobnicate", FAILED, {"projects": ["frobnicate"]}),
    ("did everything run ok today", FAILED, {"period": "today"}),
    ("are the pipelines healthy this week?", FAILED, {"period": "this_week"}),
    ("is anything red since monday", FAILED, {"period": "this_week"}),
    ("show the last failure", FAILED, {"limit": 1}),
    # lists
    ("show me jobs in finance", LIST_JOBS, {"projects": FINANCE}),
    ("Show Me Jobs In FINANCE!!", LIST_JOBS, {"projects": FINANCE}),
    ("how many jobs are there", LIST_JOBS, {}),
    ("show me the ci jobs", LIST_JOBS, {"job_type": ["ci"]}),
    ("jobs in staging", LIST_JOBS, {"environment": "staging"}),
    ("list jobs ordered by last run", LIST_JOBS, {"order_by": "last_run"}),
    ("list models tagged pii", LIST_MODELS, {"tags": ["pii"]}),
    ("models with tag finance and pii", LIST_MODELS, {"tags": ["finance", "pii"], "tags_match": "all"}),
    ("models tagged finance or pii", LIST_MODELS, {"tags": ["finance", "pii"]}),
    ("how many models are incremental", LIST_MODELS, {"materialization": ["incremental"]}),
    ("which models are views", LIST_MODELS, {"materialization": ["view"]}),
    ("dbt models materialized as view", LIST_MODELS, {"materialization": ["view"]}),
    ("which models are failing", FAILING, {}),
    ("models that are both nightly and pii", LIST_MODELS, {"tags": ["nightly", "pii"], "tags_match": "all"}),
    ("models with either the daily or pii tag", LIST_MODELS, {"tags": ["daily", "pii"]}),
    ("tables of group reporting", LIST_MODELS, {"materialization": ["table"], "group": ["reporting"]}),
    ("list jobs by when they last ran", LIST_JOBS, {"order_by": "last_run"}),
    ("when did growth nightly last run?", "dbt_job_details", {"job": "Growth nightly"}),
    ("list all models", LIST_MODELS, {"limit": 500}),
    ("sort models by name", LIST_MODELS, {"order_by": "name"}),
    ("models of group billing", LIST_MODELS, {"group": ["billing"]}),
    ("What's the latest status of each model?", LIST_MODELS, {}),
    # typos
    ("jobs in finnace", LIST_JOBS, {"projects": FINANCE}),
    ("slowest models in markting", MODELS, {"projects": MARKETING}),
    ("fct_revnue runtime", MODELS, {"models": ["fct_revenue"]}),
    ("list models taged piii", LIST_MODELS, {"tags": ["pii"]}),
]


@pytest.mark.parametrize(("question", "tool", "arguments"), QUESTIONS, ids=[each[0] for each in QUESTIONS])
async def test_a_question_becomes_this_call(ask: Ask, question: str, tool: str, arguments: dict[str, Any]) -> None:
    reply = await ask(question)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(tool, arguments)]


PERIODS = [
    ("today", "today"),
    ("yesterday", "yesterday"),
    ("this week", "this_week"),
    ("in the past week", "last_7_days"),
    ("in the last 24 hours", "last_24_hours"),
    ("over the last two weeks", "last_2_weeks"),
    ("in the past 3 months", "last_90_days"),
    ("on 2026-11-03", "2026-11-03"),
    ("between 2026-11-01 and 2026-11-05", "2026-11-01/2026-11-05"),
    ("2026-11-01/2026-11-05", "2026-11-01/2026-11-05"),
    ("since monday", "this_week"),
    ("on friday", "2026-11-13"),
    ("on november 3rd", "2026-11-03"),
    ("on 24 december", "2025-12-24"),
    ("in october", "2026-10-01/2026-10-31"),
    ("in december", "2025-12-01/2025-12-31"),
    ("in february 2024", "2024-02-01/2024-02-29"),
    ("2 days ago", "2026-11-16"),
    ("the week before last", "2026-11-02/2026-11-08"),
    ("last weekend", "2026-11-14/2026-11-15"),
    ("in the last fortnight", "last_2_weeks"),
    ("over the previous two weeks", "last_2_weeks"),
    ("a fortnight ago", "2026-11-02/2026-11-08"),
    ("in the last couple of days", "last_2_days"),
    ("in the past few hours", "last_3_hours"),
    ("last quarter", "2026-07-01/2026-09-30"),
    ("on 2026-13-45", "2026-13-45"),
]


@pytest.mark.parametrize(("words", "period"), PERIODS)
async def test_words_for_a_time_become_a_period(ask: Ask, words: str, period: str) -> None:
    reply = await ask(f"what failed {words}")

    assert reply.tool_calls[0]["args"] == {"period": period}


REFUSALS = [
    ("what does the nightly job cost", "cannot tell what anything costs"),
    ("please rerun the nightly job", "I only read"),
    ("run the finance job", "I only read"),
    ("cancel everything", "I only read"),
    ("which model is fastest", "slowest down"),
    ("how long is growth nightly going to take tomorrow", "what is to come"),
    ("will dim_customers be slow next week", "what is to come"),
    ("who deleted fct_orders", "who did something"),
    ("whose commit broke the nightly", "who did something"),
    ("which jobs have never run", "did not run"),
    ("longest jobs except Growth CI", "leave out whole projects only"),
    ("What happened with my job run?", "Which run do you mean?"),
    ("models not tagged pii", "not by what it is not"),
    ("which models have no tags", "not by what it is not"),
    ("what is the capital of france", "did not understand “capital”"),
    ("what is the longest river in france", "did not understand “river”"),
    ("what is wrong with my dishwasher", "did not understand “dishwasher”"),
    ("columns of fct_orders", "list a model's columns"),
    ("write me a query that counts customers", "write queries"),
    ("hi", "Hello."),
    ("thanks!", "You are welcome."),
    ("help", "You can ask me for"),
]


@pytest.mark.parametrize(("question", "sentence"), REFUSALS)
async def test_what_it_cannot_answer_it_says_and_lists_what_it_can(ask: Ask, question: str, sentence: str) -> None:
    reply = await ask(question)

    assert not reply.tool_calls
    assert sentence in reply.text


async def test_a_name_that_several_jobs_fit_is_asked_back(ask: Ask) -> None:
    reply = await ask("is nightly slow")

    assert reply.text == "Which job do you mean by “nightly”?\n- Finance nightly build\n- Growth nightly"


@pytest.mark.parametrize(
    "choice",
    ["the second one", "2", "growth nightly", "Growth", "grwth nightly", "the growth one", "I mean growth, please"],
)
async def test_the_choice_answers_the_question_before(ask: Ask, choice: str) -> None:
    reply = await ask("is nightly slow last week", choice)

    assert reply.tool_calls[0]["name"] == JOBS
    assert reply.tool_calls[0]["args"] == {"jobs": ["Growth nightly"], "period": "last_week"}


async def test_a_choice_that_leaves_several_is_asked_again(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit
) -> None:
    async def many() -> Vocabulary:
        jobs = ("Sales sync east", "Sales sync west", "Stock sync")
        return Vocabulary(projects=(), environments=(), jobs=jobs, models=(), tags=())

    bound = model.model_copy(update={"vocabulary": many}).bind_tools(toolkit.get_tools())
    thread: list[AnyMessage] = []
    for said in ("is the sync slow", "the sales one", "west"):
        thread.append(HumanMessage(said))
        thread.append(await bound.ainvoke(thread))
    second, third = thread[3], thread[5]

    assert second.text == "Which job do you mean by “sync”?\n- Sales sync east\n- Sales sync west"
    assert isinstance(third, AIMessage)
    assert third.tool_calls[0]["args"] == {"jobs": ["Sales sync west"]}


async def test_both_may_be_chosen(ask: Ask) -> None:
    reply = await ask("is nightly slow", "both")

    assert reply.tool_calls[0]["args"] == {"jobs": ["Finance nightly build", "Growth nightly"]}
