"""Questions about what another report finds: each step's call, what is said, and where a chain ends early."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from statistics import fmean
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount
from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel, create_reporting_agent
from langgraph.checkpoint.memory import InMemorySaver

from evals.raw.records import FINISHED, failed, finished, history, homes, jobs, models, name_of, runs, seconds

JOBS, MODELS, FAILED, LINEAGE = (
    "dbt_longest_running_jobs",
    "dbt_slowest_models",
    "dbt_failed_runs",
    "dbt_lineage",
)
Turn = tuple[list[tuple[str, dict[str, Any]]], str]
Converse = Callable[..., Awaitable[Turn]]


@pytest.fixture
def converse(account: DbtAccount) -> Converse:
    """Asks one question after the other, and gives the calls and the answer of the last."""

    async def conversing(*questions: str, exclude: Sequence[str] = (), names: bool = True) -> Turn:
        model = OfflineChatModel(clock=account.now, vocabulary=account.avocabulary if names else None)
        toolkit = DbtDiscoveryToolkit(account, exclude=list(exclude))
        agent = create_reporting_agent(model, toolkit, checkpointer=InMemorySaver())
        messages: list[AnyMessage] = []
        for question in questions:
            before = len(messages)
            state = await agent.ainvoke({"messages": [HumanMessage(question)]}, {"configurable": {"thread_id": "1"}})
            messages = state["messages"]
        turn = messages[before:]
        calls = [call for message in turn for call in getattr(message, "tool_calls", ())]
        return [(call["name"], call["args"]) for call in calls], turn[-1].text

    return conversing


def longest_job(world: sandbox.World, period: str) -> sandbox.Job:
    """The job whose finished runs of the period took longest on average."""

    def average(job: sandbox.Job) -> float:
        times = [seconds(run) for run in runs(world, job, {"period": period}) if run.status in FINISHED]
        return fmean([each for each in times if each is not None] or [0.0])

    return max(jobs(world, {}), key=average)


def slowest_model(world: sandbox.World, project: str) -> str:
    """The unique_id of the project's model whose last success took longest."""
    times = {
        node.unique_id: [
            r.execution_time or 0.0 for _, r in history(world, home)[node.unique_id] if r.status == "success"
        ]
        for home in homes(world, {"projects": [project]})
        for node in models(world, home, {})
        if node.unique_id in history(world, home)
    }
    return max((each for each in times if times[each]), key=lambda each: times[each][-1])


def last_failed_run(world: sandbox.World, job_name: str | None = None) -> sandbox.Run:
    wanted = {job.id for job in world.jobs() if job_name in (None, job.name)}
    return max((run for run in world.runs() if failed(run) and run.job_id in wanted), key=lambda run: run.created_at)


async def test_a_ranking_of_what_another_ranking_finds(converse: Converse, world: sandbox.World) -> None:
    job = longest_job(world, "last_week")

    calls, answer = await converse("slowest models of the longest job last week")

    assert calls == [(JOBS, {"period": "last_week", "limit": 1}), (MODELS, {"jobs": [str(job.id)]})]
    assert answer.startswith(f"{job.name} (")
    assert answer.index("was the longest-running job last week") < answer.index("is the slowest model")
    assert "How I read the first: period: last week" in answer


async def test_a_period_belongs_to_the_phrase_that_it_stands_in(converse: Converse, world: sandbox.World) -> None:
    calls, _ = await converse("slowest models last week of the longest job")

    job = longest_job(world, "last_week")
    assert calls[1] == (MODELS, {"period": "last_week", "jobs": [str(job.id)]})
    assert calls[0] == (JOBS, {"limit": 1, "period": "last_week"})


async def test_three_steps(converse: Converse, world: sandbox.World) -> None:
    job = longest_job(world, "last_week")
    (latest,) = finished(world, job.environment_id, job.id)[-1:]
    times = {r.unique_id: r.execution_time or 0.0 for r in world.results(latest) if r.unique_id.startswith("model.")}
    slowest = max(times, key=lambda unique_id: times[unique_id])

    calls, answer = await converse("who owns the slowest model of the longest job last week?")

    assert [name for name, _ in calls] == [JOBS, MODELS, "dbt_model_details"]
    assert calls[2][1] == {"model": slowest}
    assert "its owner is" in answer
    assert name_of(slowest) in answer


SLOWEST_OF_FINANCE = [
    ("trend of the slowest model in finance", "dbt_runtime_trend", {}),
    ("who is responsible for the slowest model in finance", "dbt_model_details", {}),
    ("show the SQL of the slowest model in finance", "dbt_model_details", {"sql": True}),
    ("is the slowest model in finance healthy?", "dbt_model_health", {}),
    ("what is downstream of the slowest model in finance", LINEAGE, {"direction": "downstream"}),
    ("how fresh are the sources of the slowest model in finance?", "dbt_source_freshness", {}),
]


@pytest.mark.parametrize(("question", "tool", "more"), SLOWEST_OF_FINANCE, ids=[each[0] for each in SLOWEST_OF_FINANCE])
async def test_one_model_of_a_ranking(
    converse: Converse, world: sandbox.World, question: str, tool: str, more: dict[str, Any]
) -> None:
    calls, _ = await converse(question)

    assert calls[0] == (MODELS, {"projects": ["Finance Analytics"], "limit": 1})
    assert calls[1:] == [(tool, {**more, "model": slowest_model(world, "Finance Analytics")})]


OF_A_JOB = [
    ("critical path of the longest job last week", "dbt_critical_path", {"job"}),
    ("when does the longest job of last week run next", "dbt_job_details", {"job"}),
    ("compare the last two runs of the longest job last week", "dbt_compare_runs", {"job"}),
    ("history of the longest job last week", "dbt_list_runs", {"jobs"}),
    ("why is the longest job of last week slow", MODELS, {"jobs"}),
]


@pytest.mark.parametrize(("question", "tool", "fields"), OF_A_JOB, ids=[each[0] for each in OF_A_JOB])
async def test_one_job_of_a_ranking(
    converse: Converse, world: sandbox.World, question: str, tool: str, fields: set[str]
) -> None:
    job = str(longest_job(world, "last_week").id)

    calls, _ = await converse(question)

    (first, said), (name, arguments) = calls
    assert (first, said) == (JOBS, {"period": "last_week", "limit": 1})
    assert name == tool
    assert arguments.keys() >= fields
    assert all(arguments[field] in (job, [job]) for field in fields)


async def test_a_run_of_a_ranking(converse: Converse, world: sandbox.World) -> None:
    times = {
        run.id: seconds(run) or 0.0
        for job in jobs(world, {})
        for run in runs(world, job, {"period": "yesterday"})
        if run.status in FINISHED
    }
    longest = max(times, key=lambda run_id: times[run_id])

    calls, _ = await converse("critical path of the longest run yesterday")

    assert calls[1] == ("dbt_critical_path", {"run_id": str(longest)})


async def test_the_last_failed_run_of_a_job(converse: Converse, world: sandbox.World) -> None:
    run = last_failed_run(world, "Finance nightly build")

    calls, _ = await converse("slowest models in the last failed run of Finance nightly build")

    assert calls == [(FAILED, {"jobs": ["Finance nightly build"], "limit": 1}), (MODELS, {"run_id": str(run.id)})]


async def test_what_depends_on_the_model_that_broke_a_run(converse: Converse, world: sandbox.World) -> None:
    run = last_failed_run(world, "Campaign spend sync")
    broken = next(result.unique_id for result in world.results(run.id) if result.status == "error")

    calls, answer = await converse("Take the last failed run of Campaign spend sync and say what depends on it")

    assert [name for name, _ in calls] == [FAILED, LINEAGE]
    assert calls[1][1] == {"direction": "downstream", "model": name_of(broken)}
    assert f"downstream of {name_of(broken)}" in answer


async def test_of_a_test_that_failed_it_is_the_tested_model(converse: Converse, world: sandbox.World) -> None:
    run = last_failed_run(world)
    node = next(result.unique_id for result in world.results(run.id) if result.status == "fail")
    test = next(each for each in world.nodes(run.environment_id) if each.unique_id == node)
    tested = next(each for each in test.depends_on if each.startswith("model."))

    calls, answer = await converse("what failed in the last failed run and what depends on it")

    assert calls[0] == (FAILED, {"limit": 1})
    assert [name for name, _ in calls[1:]] == ["dbt_failing_tests", LINEAGE]
    assert calls[2][1]["direction"] == "downstream"
    assert name_of(node) in answer
    assert f"{name_of(node)} is a test of {name_of(calls[2][1]['model'])}." in answer
    assert calls[2][1]["model"] in test.depends_on or calls[2][1]["model"] == tested


async def test_the_models_of_a_job_where_a_report_knows_no_jobs(converse: Converse, world: sandbox.World) -> None:
    job = longest_job(world, "last_7_days")
    (latest,) = finished(world, job.environment_id, job.id)[-1:]
    built = {result.unique_id for result in world.results(latest) if result.unique_id.startswith("model.")}

    calls, answer = await converse("health of the models of the longest job")

    assert [name for name, _ in calls] == [JOBS, "dbt_list_models", "dbt_model_health"]
    assert set(calls[2][1]["models"]) == built
    assert "cannot be narrowed" not in answer


async def test_of_several_the_first_is_taken_and_that_is_said(converse: Converse, world: sandbox.World) -> None:
    calls, answer = await converse("when does the job that failed last night run next")

    run = last_failed_run(world)
    name = next(job.name for job in world.jobs() if job.id == run.job_id)
    assert calls[1] == ("dbt_job_details", {"job": str(run.job_id)})
    assert f"There are several; I took the first, {name}." in answer


async def test_several_are_all_taken_where_a_report_takes_several(converse: Converse) -> None:
    calls, _ = await converse("tests of the five slowest models in finance")

    assert calls[0] == (MODELS, {"limit": 5, "projects": ["Finance Analytics"]})
    assert len(calls[1][1]["models"]) == 5


PLAIN = [
    "what is the longest job?",
    "what are the five slowest models of the Growth nightly job?",
    "how long did the longest job take last week?",
    "which models are slowest in the last run of Finance nightly build?",
    "what went wrong in the last failed run of Growth CI",
    "slowest models of the job that does not exist",
]


@pytest.mark.parametrize("question", PLAIN)
async def test_a_plain_question_stays_one_call(converse: Converse, question: str) -> None:
    calls, _ = await converse(question)

    assert len(calls) == 1


# --- where a chain ends early -----------------------------------------------------------------------------------------


async def test_where_nothing_is_found_there_is_nothing_to_go_on_from(converse: Converse) -> None:
    calls, answer = await converse("who owns the model that failed right now")

    assert [name for name, _ in calls] == ["dbt_failing_models"]
    assert answer.startswith("No model is failing now")
    assert "So there is no model to look further into." in answer


async def test_a_step_that_fails_ends_the_chain(converse: Converse) -> None:
    calls, answer = await converse("which models are slowest in the longest job of the Logistics project")

    assert [name for name, _ in calls] == [JOBS]
    assert answer.startswith("I could not answer that. There is no project “logistics”")


async def test_a_name_in_a_chain_that_fits_several_is_asked_back_and_the_chain_goes_on(converse: Converse) -> None:
    first = "slowest models of the longest nightly job"

    calls, answer = await converse(first)
    assert not calls
    assert answer == "Which job do you mean by “nightly”?\n- Finance nightly build\n- Growth nightly"

    calls, _ = await converse(first, "the finance one")
    assert [name for name, _ in calls] == [JOBS, MODELS]
    assert calls[0][1] == {"jobs": ["Finance nightly build"], "limit": 1}


async def test_without_the_tool_that_a_step_needs_the_question_is_not_half_answered(converse: Converse) -> None:
    calls, answer = await converse("critical path of the longest job last week", exclude=["longest_running_jobs"])

    assert not calls
    assert answer


async def test_without_the_bridging_tool_it_says_where_it_stops(converse: Converse) -> None:
    calls, answer = await converse(
        "what failed in the last failed run and what depends on it", exclude=["failing_tests"]
    )

    assert [name for name, _ in calls] == [FAILED]
    assert "so I stop there" in answer


async def test_without_a_vocabulary_chains_work_as_well(converse: Converse, world: sandbox.World) -> None:
    calls, _ = await converse("slowest models of the longest job last week", names=False)

    assert calls[1] == (MODELS, {"jobs": [str(longest_job(world, "last_week").id)]})


# --- follow-ups -------------------------------------------------------------------------------------------------------

CHAIN = "slowest models of the longest job last week"


async def test_another_period_begins_the_chain_again(converse: Converse, world: sandbox.World) -> None:
    job = longest_job(world, "2026-11-02/2026-11-08")

    calls, _ = await converse(CHAIN, "and the week before?")

    assert calls == [(JOBS, {"limit": 1, "period": "2026-11-02/2026-11-08"}), (MODELS, {"jobs": [str(job.id)]})]


async def test_and_again(converse: Converse) -> None:
    calls, _ = await converse(CHAIN, "and the week before?", "only finance")

    assert calls[0] == (JOBS, {"limit": 1, "period": "2026-11-02/2026-11-08", "projects": ["Finance Analytics"]})
    assert len(calls) == 2


async def test_a_period_that_the_chain_did_not_begin_with_is_for_its_last_step(converse: Converse) -> None:
    calls, _ = await converse("trend of the slowest model in finance", "over the last 30 days")

    assert [name for name, _ in calls] == ["dbt_runtime_trend"]
    assert calls[0][1]["period"] == "last_30_days"


async def test_anything_else_is_about_the_last_step(converse: Converse, world: sandbox.World) -> None:
    job = longest_job(world, "last_week")

    calls, _ = await converse(CHAIN, "top 3")

    assert calls == [(MODELS, {"jobs": [str(job.id)], "limit": 3})]


# --- the messages -----------------------------------------------------------------------------------------------------


async def test_ids_of_calls_are_the_same_each_time_and_differ_within_a_turn(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit
) -> None:
    bound = model.bind_tools(toolkit.get_tools())
    question = HumanMessage("slowest jobs and slowest models last week")

    first, second = await bound.ainvoke([question]), await bound.ainvoke([question])

    assert first.tool_calls == second.tool_calls
    assert len({call["id"] for call in first.tool_calls}) == 2


async def test_results_count_whatever_order_they_come_in(
    model: OfflineChatModel, toolkit: DbtDiscoveryToolkit, account: DbtAccount
) -> None:
    bound = model.bind_tools(toolkit.get_tools())
    question = HumanMessage("slowest jobs and slowest models last week")
    asked = await bound.ainvoke([question])
    reports = [(await account.arun_report(call["name"][4:], **call["args"])).to_json() for call in asked.tool_calls]
    found = [
        ToolMessage("", artifact=report, tool_call_id=call["id"], name=call["name"])
        for call, report in zip(asked.tool_calls, reports, strict=True)
    ]

    answers = [(await bound.ainvoke([question, asked, *order])).text for order in (found, found[::-1])]

    assert answers[0] == answers[1]
    assert answers[0].index(reports[0]["finding"]) < answers[0].index(reports[1]["finding"])
