"""Every report is within reach of the offline model: its own examples, and the words that fill its arguments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery import DbtAccount, InvalidArgument, Vocabulary
from dbt_discovery.reports import registry
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel
from langchain_dbt_discovery.offline.intents import ABILITIES, ABOUT, INTENTS

from tests.conftest import NOW

Say = Callable[..., Awaitable[AIMessage]]

NAMES = {"model": "fct_revenue", "run": "Finance nightly build", "job": "Finance nightly build"}
"""What is said to a question back."""
EXAMPLES = [(name, question) for name, each in registry().items() for question in each.examples]


@pytest.fixture
def say(account: DbtAccount) -> Say:
    """Asks in a thread, with every tool and the names of the sandbox; questions back are answered if need be."""

    async def saying(*questions: str, answer_back: bool = False) -> AIMessage:
        model = OfflineChatModel(clock=lambda: NOW, zone=ZoneInfo("UTC"), vocabulary=account.avocabulary)
        bound = model.bind_tools(DbtDiscoveryToolkit(account).get_tools())
        thread: list[AnyMessage] = []
        for question in questions:
            reply = await _next(bound, thread, question)
        while answer_back and (said := _reply_to(reply.text)):
            reply = await _next(bound, thread, said)
        return reply

    return saying


async def _next(bound: Any, thread: list[AnyMessage], question: str) -> AIMessage:
    thread.append(HumanMessage(question))
    reply: AIMessage = await bound.ainvoke(thread)
    thread.append(reply)
    thread += [ToolMessage("nothing", tool_call_id=call["id"], name=call["name"]) for call in reply.tool_calls]
    return reply


def _reply_to(text: str) -> str:
    """The first name offered, or the name of such a thing; empty for what is no question back."""
    if text.startswith("Which ") and "\n- " in text:
        return text.splitlines()[1].removeprefix("- ")
    return NAMES[text.split()[1]] if text.startswith("Which ") else ""


@pytest.mark.parametrize(("report", "question"), EXAMPLES, ids=[question for _, question in EXAMPLES])
async def test_the_examples_of_a_report_lead_to_its_tool(say: Say, report: str, question: str) -> None:
    reply = await say(question, answer_back=True)

    assert [call["name"] for call in reply.tool_calls] == [f"dbt_{report}"], reply.text
    registry()[report].parse(reply.tool_calls[0]["args"])


def test_every_tool_has_intents_and_something_to_say_of_it(account: DbtAccount) -> None:
    tools = {tool.name for tool in DbtDiscoveryToolkit(account).get_tools()}

    assert {intent.tool for intent in INTENTS} == tools
    assert ABILITIES.keys() == tools


def test_the_tools_that_need_a_subject_are_those_that_refuse_to_be_called_without(account: DbtAccount) -> None:
    def refuses(name: str) -> bool:
        try:
            registry()[name.removeprefix("dbt_")].parse({})
        except InvalidArgument:
            return True
        return False

    assert {tool.name for tool in DbtDiscoveryToolkit(account).get_tools() if refuses(tool.name)} == ABOUT.keys()


SHOWN: list[tuple[str, str, dict[str, Any]]] = [
    ("what were the longest jobs last week?", "longest_running_jobs", {"period": "last_week"}),
    ("the slowest 5 models of marketing", "slowest_models", {"limit": 5, "projects": ["Marketing"]}),
    (
        "what is the average of the last 10 runs of fct_revenue?",
        "model_runs",
        {"model": "fct_revenue", "last_n_runs": 10},
    ),
    ("which jobs failed most in the last 30 days?", "job_reliability", {"period": "last_30_days"}),
    (
        "which models are tagged finance and incremental?",
        "list_models",
        {"tags": ["finance"], "materialization": ["incremental"]},
    ),
    ("which sources are stale?", "source_freshness", {"status": ["warn", "error"]}),
    (
        "show me the daily trend of Finance nightly build over the last 14 days",
        "runtime_trend",
        {"job": "Finance nightly build", "period": "last_14_days", "by": "day"},
    ),
    ("which models are slower this week than last?", "runtime_changes", {"period": "this_week"}),
    ("which models are failing now?", "failing_models", {}),
    (
        "what is downstream of stg_netsuite__invoices?",
        "lineage",
        {"model": "stg_netsuite__invoices", "direction": "downstream"},
    ),
]


@pytest.mark.parametrize(("question", "report", "arguments"), SHOWN, ids=[each[0] for each in SHOWN])
async def test_each_of_the_ten_questions_is_one_call(
    say: Say, question: str, report: str, arguments: dict[str, Any]
) -> None:
    reply = await say(question)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(f"dbt_{report}", arguments)]


REVENUE = {"model": "fct_revenue"}
GROWTH = {"job": "Growth nightly"}
WORDS: list[tuple[str, str, dict[str, Any]]] = [
    # lineage: which way, how far, of what kind
    ("what does fct_revenue depend on?", "lineage", {**REVENUE, "direction": "upstream"}),
    ("what depends on fct_revenue", "lineage", {**REVENUE, "direction": "downstream"}),
    ("what feeds fct_revenue", "lineage", {**REVENUE, "direction": "upstream"}),
    ("what does fct_revenue feed?", "lineage", {**REVENUE, "direction": "downstream"}),
    ("where does fct_revenue come from", "lineage", {**REVENUE, "direction": "upstream"}),
    ("lineage of fct_revenue", "lineage", REVENUE),
    (
        "which dashboards depend on fct_revenue",
        "lineage",
        {**REVENUE, "direction": "downstream", "resource_type": ["exposure"]},
    ),
    (
        "models upstream of fct_revenue within two steps",
        "lineage",
        {**REVENUE, "direction": "upstream", "depth": 2, "resource_type": ["model"]},
    ),
    ("downsteam of fct_revenu", "lineage", {**REVENUE, "direction": "downstream"}),
    # freshness and health
    ("stale sources upstream of fct_revenue", "source_freshness", {**REVENUE, "status": ["warn", "error"]}),
    ("something looks stale in our reporting", "source_freshness", {"status": ["warn", "error"]}),
    ("which sorces are stael", "source_freshness", {"status": ["warn", "error"]}),
    ("do I need to run fct_revenue?", "model_health", REVENUE),
    ("which models are healthy?", "model_health", {"verdict": ["healthy"]}),
    ("what is the status of fct_revenue", "model_health", REVENUE),
    # one job, one run, one model
    ("what happened in run 83896417804544?", "run_details", {"run_id": "83896417804544"}),
    ("what happened in the last run?", "failed_runs", {"limit": 1}),
    ("what failed in run 83896417804544", "run_details", {"run_id": "83896417804544"}),
    ("did the last run of Growth nightly succeed?", "run_details", GROWTH),
    ("when will Growth nightly run next?", "job_details", GROWTH),
    ("what is the status of growth nightly", "job_details", GROWTH),
    ("when was fct_revenue last built?", "model_details", REVENUE),
    (
        "when did Growth nightly and Finance nightly build last run",
        "list_jobs",
        {"jobs": ["Growth nightly", "Finance nightly build"]},
    ),
    ("what ran yesterday?", "list_runs", {"period": "yesterday"}),
    ("who owns fct_revenue", "model_details", REVENUE),
    ("show me the sql of fct_revenue", "model_details", {**REVENUE, "sql": True}),
    ("what is fct_revenue?", "model_details", REVENUE),
    ("fct_revenue last 5 runs", "model_runs", {**REVENUE, "last_n_runs": 5}),
    ("show me the runs of fct_revenue this week", "model_runs", {**REVENUE, "period": "this_week"}),
    # what makes a run long, and what differs between two
    ("critical path of run 83896417804544", "critical_path", {"run_id": "83896417804544"}),
    ("compare run 502 with run 498", "compare_runs", {"run_id": "502", "base_run_id": "498"}),
    ("compare the last two runs of Growth nightly", "compare_runs", GROWTH),
    ("what should I optimise in Growth nightly?", "critical_path", GROWTH),
    ("how do I make fct_revenue faster", "slowest_models", {"models": ["fct_revenue"]}),
    ("what is the bottleneck of Growth nightly", "critical_path", GROWTH),
    # developments
    ("is fct_revenue getting slower?", "runtime_trend", REVENUE),
    ("weekly run time of Growth nightly", "runtime_trend", {**GROWTH, "by": "week"}),
    ("which models are getting slower", "runtime_changes", {}),
    (
        "which jobs got faster last month",
        "runtime_changes",
        {"of": "jobs", "direction": "faster", "period": "last_month"},
    ),
    ("models slower this week than last week", "runtime_changes", {"period": "this_week"}),
    ("is Growth nightly slower than last week", "runtime_changes", {"of": "jobs", "jobs": ["Growth nightly"]}),
    ("which jobs take longer than usual", "runtime_anomalies", {}),
    ("models that suddenly take longer", "runtime_anomalies", {"of": "models"}),
    # reliability, queues
    ("how often does Growth nightly fail", "job_reliability", {"jobs": ["Growth nightly"]}),
    (
        "time to recovery of the finance jobs",
        "job_reliability",
        {"projects": ["Finance Analytics"], "order_by": "recovery"},
    ),
    ("which models fail most often?", "failing_models", {"period": "last_30_days"}),
    ("which jobs are over-scheduled?", "queue_times", {}),
    ("p95 time in the queue last week", "queue_times", {"order_by": "p95", "period": "last_week"}),
    # tests
    ("did my tests pass?", "failing_tests", {}),
    ("tests that failed yesterday", "failing_tests", {"period": "yesterday"}),
    ("tests over 10 seconds", "slowest_tests", {"min_runtime": 10.0}),
    ("models without tests in finance", "test_coverage", {"projects": ["Finance Analytics"]}),
    ("how many tests does fct_revenue have", "model_details", {"model": "fct_revenue"}),
    # runs and projects
    ("show cancelled runs of this week", "list_runs", {"run_status": ["cancelled"], "period": "this_week"}),
    ("runs over 10 minutes yesterday", "list_runs", {"min_runtime": 600.0, "period": "yesterday"}),
    ("did Growth nightly run today?", "list_runs", {"jobs": ["Growth nightly"], "period": "today"}),
    ("which jobs are running?", "list_runs", {"run_status": ["running"]}),
    ("which project has the most models?", "list_projects", {"order_by": "models"}),
    # what a threshold, a state or an outcome meant before, it still means
    ("jobs slower than 10 minutes this month", "longest_running_jobs", {"min_runtime": 600.0, "period": "this_month"}),
    ("why is Finance nightly build slow?", "slowest_models", {"jobs": ["Finance nightly build"]}),
]


@pytest.mark.parametrize(("question", "report", "arguments"), WORDS, ids=[each[0] for each in WORDS])
async def test_words_become_arguments(say: Say, question: str, report: str, arguments: dict[str, Any]) -> None:
    reply = await say(question)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(f"dbt_{report}", arguments)]


THREADS: list[tuple[Sequence[str], str, dict[str, Any]]] = [
    # a question back for what a question is about, and what is said to it
    (["What will break if I change this model?", "fct_revenue"], "lineage", {**REVENUE, "direction": "downstream"}),
    (["who is responsible for this model?", "the fct_revenu model"], "model_details", REVENUE),
    (["is this table up to date?", "fct_revenue"], "model_health", REVENUE),
    (["what's changed since the last run?", "growth nightly"], "compare_runs", GROWTH),
    (["what is the critical path?", "83896417804544"], "critical_path", {"run_id": "83896417804544"}),
    (
        ["what is downstream of invoices?", "the first one"],
        "lineage",
        {"model": "fct_invoices", "direction": "downstream"},
    ),
    (["who owns this model?", "invoices", "fct_invoices"], "model_details", {"model": "fct_invoices"}),
    (
        ["what was wrong with the last run of the finance job?", "finance nightly build"],
        "run_details",
        {"job": "Finance nightly build"},
    ),
    (["who owns this model?", "what failed yesterday?"], "failed_runs", {"period": "yesterday"}),
    # what was spoken of before
    (["what is upstream of fct_revenue?", "and downstream?"], "lineage", {**REVENUE, "direction": "downstream"}),
    (["what is upstream of fct_revenue?", "who owns it?"], "model_details", REVENUE),
    (["is fct_revenue healthy?", "what depends on this model?"], "lineage", {**REVENUE, "direction": "downstream"}),
    (["how slow is fct_revenue", "and its owner?"], "model_details", REVENUE),
    (["how long does Growth nightly take", "what is the critical path?"], "critical_path", GROWTH),
    (["daily trend of Growth nightly", "and per week?"], "runtime_trend", {**GROWTH, "by": "week"}),
    (
        ["daily trend of Growth nightly", "and for Finance nightly build?"],
        "runtime_trend",
        {"job": "Finance nightly build", "by": "day"},
    ),
    (
        ["which sources are stale?", "and in marketing?"],
        "source_freshness",
        {"status": ["warn", "error"], "projects": ["Marketing"]},
    ),
    (["slowest models in finance", "and tests?"], "slowest_tests", {"projects": ["Finance Analytics"]}),
    (["What tests exist for this model?", "fct_revenue"], "test_coverage", {"models": ["fct_revenue"]}),
    (["which models fail most often?", "last week"], "failing_models", {"period": "last_week"}),
]


@pytest.mark.parametrize(("questions", "report", "arguments"), THREADS, ids=[" | ".join(each[0]) for each in THREADS])
async def test_what_a_question_is_about_may_be_said_before_or_after_it(
    say: Say, questions: Sequence[str], report: str, arguments: dict[str, Any]
) -> None:
    reply = await say(*questions)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(f"dbt_{report}", arguments)], reply.text


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("what is downstream of this model?", "Which model do you mean? Name one, such as “"),
        ("who is the owner?", "Which model do you mean?"),
        ("critical path", "Which run do you mean? Name its job, such as “"),
        ("what is downstream of invoices?", "Which model do you mean by “invoices”?\n- fct_invoices"),
        ("lineage of fct_revenue, fct_invoices", "That is told of one model at a time. Name one of “fct_revenue”"),
    ],
)
async def test_what_is_not_clear_is_asked_back(say: Say, question: str, sentence: str) -> None:
    reply = await say(question)

    assert not reply.tool_calls
    assert reply.text.startswith(sentence)


@pytest.mark.parametrize(
    ("question", "missing", "sentence"),
    [
        ("what is downstream of fct_revenue", "lineage", "I cannot follow dependencies between models here."),
        ("which sources are stale", "source_freshness", "I cannot tell here how fresh data is."),
        ("which models got slower this week", "runtime_changes", "I cannot compare periods here."),
        ("which tests are flaky", "flaky_tests", "I cannot tell here which tests are flaky."),
    ],
)
async def test_a_report_that_is_not_bound_is_not_replaced_by_another(
    account: DbtAccount, question: str, missing: str, sentence: str
) -> None:
    tools = [tool for tool in DbtDiscoveryToolkit(account).get_tools() if tool.name != f"dbt_{missing}"]
    model = OfflineChatModel(clock=lambda: NOW, vocabulary=account.avocabulary)

    reply = await model.bind_tools(tools).ainvoke([HumanMessage(question)])

    assert not reply.tool_calls
    assert reply.text.startswith(sentence)


async def test_without_names_a_subject_is_passed_on_as_it_was_said(account: DbtAccount) -> None:
    async def nothing() -> Vocabulary:
        return Vocabulary(projects=(), environments=(), jobs=(), models=(), tags=())

    model = OfflineChatModel(clock=lambda: NOW, vocabulary=nothing)
    bound = model.bind_tools(DbtDiscoveryToolkit(account).get_tools())

    reply = await bound.ainvoke([HumanMessage("what is downstream of fct_ghosts?")])
    asked = await bound.ainvoke([HumanMessage("who owns this model?")])

    assert reply.tool_calls[0]["args"] == {"model": "fct_ghosts", "direction": "downstream"}
    assert asked.text == "Which model do you mean? Name one."


async def test_why_after_failures_asks_about_the_first_run(account: DbtAccount) -> None:
    model = OfflineChatModel(clock=lambda: NOW, vocabulary=account.avocabulary)
    report = (await account.arun_report("failed_runs", period="yesterday")).to_json()
    call = {"name": "dbt_failed_runs", "args": {"period": "yesterday"}, "id": "1", "type": "tool_call"}
    found = ToolMessage("", artifact=report, tool_call_id="1", name="dbt_failed_runs")

    reply = await model.bind_tools(DbtDiscoveryToolkit(account).get_tools()).ainvoke(
        [HumanMessage("what failed?"), AIMessage("", tool_calls=[call]), found, AIMessage("."), HumanMessage("why?")]
    )

    assert [(each["name"], each["args"]) for each in reply.tool_calls] == [
        ("dbt_run_details", {"run_id": report["rows"][0]["run_id"]})
    ]
