from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel, create_reporting_agent
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS, WILL_NOT_WORK
from langchain_dbt_discovery.limits import MODEL_CALLS, TOOL_CALLS
from langgraph.checkpoint.memory import InMemorySaver


class Scripted(BaseChatModel):
    """A model that says what a function makes of the messages."""

    script: Callable[[Sequence[BaseMessage]], AIMessage]
    seen: list[list[BaseMessage]] = []  # noqa: RUF012  pydantic copies it

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.seen.append(list(messages))
        return ChatResult(generations=[ChatGeneration(message=self.script(messages))])


def calling(name: str, id: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": id, "type": "tool_call"}])


def tool_messages(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    return [message for message in messages if isinstance(message, ToolMessage)]


async def ask(agent: Any, question: str, thread: str = "1") -> list[BaseMessage]:
    state = await agent.ainvoke({"messages": [HumanMessage(question)]}, {"configurable": {"thread_id": thread}})
    messages: list[BaseMessage] = state["messages"]
    return messages


@pytest.fixture
def offline(account: DbtAccount) -> OfflineChatModel:
    return OfflineChatModel(clock=account.now, zone=account.settings.zone, vocabulary=account.avocabulary)


async def test_the_offline_agent_answers_with_the_reports_own_numbers(
    account: DbtAccount, toolkit: DbtDiscoveryToolkit, offline: OfflineChatModel
) -> None:
    report = await account.arun_report("longest_running_jobs", period="last_week")

    messages = await ask(create_reporting_agent(offline, toolkit), "what were the longest-running jobs last week")

    artifact = tool_messages(messages)[0].artifact
    assert artifact["rows"][0] == report.to_json()["rows"][0]
    assert artifact["rows"][0]["avg_runtime"] == report.rows[0]["avg_runtime"]
    assert messages[-1].text.startswith(report.finding)


async def test_the_offline_agent_finds_the_job_that_a_plain_loop_finds(
    world: sandbox.World, toolkit: DbtDiscoveryToolkit, offline: OfflineChatModel
) -> None:
    runtimes: dict[int, list[float]] = {}
    for run in world.runs():
        if (
            run.status in (10, 20)
            and run.started_at
            and run.finished_at
            and "2026-11-09" <= str(run.started_at) < "2026-11-16"
        ):
            runtimes.setdefault(run.job_id, []).append((run.finished_at - run.started_at).total_seconds())
    longest = max(runtimes, key=lambda job: sum(runtimes[job]) / len(runtimes[job]))
    name = next(job.name for job in world.jobs() if job.id == longest)

    messages = await ask(create_reporting_agent(offline, toolkit), "what were the longest-running jobs last week")

    first = tool_messages(messages)[0].artifact["rows"][0]
    assert first["job_id"] == str(longest)
    assert first["avg_runtime"] == pytest.approx(sum(runtimes[longest]) / len(runtimes[longest]))
    assert messages[-1].text.startswith(name)


async def test_a_thread_remembers_the_question_before(toolkit: DbtDiscoveryToolkit, offline: OfflineChatModel) -> None:
    agent = create_reporting_agent(offline, toolkit, checkpointer=InMemorySaver())

    await ask(agent, "what were the longest-running jobs last week")
    messages = await ask(agent, "and the week before?")
    other = await ask(agent, "and the week before?", thread="2")

    assert tool_messages(messages)[-1].artifact["arguments"]["period"] == "2026-11-02/2026-11-08"
    assert not tool_messages(other)


async def test_it_means_the_first_row_of_the_report_before(
    toolkit: DbtDiscoveryToolkit, offline: OfflineChatModel
) -> None:
    agent = create_reporting_agent(offline, toolkit, checkpointer=InMemorySaver())

    first = tool_messages(await ask(agent, "what were the longest-running jobs last week"))[-1].artifact["rows"][0]
    messages = await ask(agent, "why is it slow?")

    assert tool_messages(messages)[-1].name == "dbt_slowest_models"
    assert tool_messages(messages)[-1].artifact["arguments"]["job_ids"] == [first["job_id"]]


async def test_a_name_that_does_not_exist_is_explained(toolkit: DbtDiscoveryToolkit, offline: OfflineChatModel) -> None:
    messages = await ask(create_reporting_agent(offline, toolkit), "what failed in frobnicate")

    assert messages[-1].text.startswith("I could not answer that. There is no project “frobnicate” in this account.")


@pytest.mark.parametrize(
    ("question", "words"),
    [("the slowest model for each project", "for each project"), ("total runtime per project", "per project")],
)
async def test_words_that_were_left_out_are_said_first(
    toolkit: DbtDiscoveryToolkit, offline: OfflineChatModel, question: str, words: str
) -> None:
    messages = await ask(create_reporting_agent(offline, toolkit), question)

    assert messages[-1].text.startswith(f"I left out what I did not understand: “{words}”.")
    assert len(tool_messages(messages)[0].artifact["rows"]) > 1


async def test_a_filter_that_a_report_does_not_take_is_said_first(
    toolkit: DbtDiscoveryToolkit, offline: OfflineChatModel
) -> None:
    messages = await ask(create_reporting_agent(offline, toolkit), "failed runs slower than 5 minutes")

    assert messages[-1].text.startswith("This report cannot be narrowed or sorted by the runtime.")


def test_the_agent_answers_a_plain_call(world: sandbox.World, settings: Any) -> None:
    account = DbtAccount(transport=sandbox.transport(world), settings=settings)
    model = OfflineChatModel(clock=account.now, zone=settings.zone, vocabulary=account.avocabulary)
    agent = create_reporting_agent(model, DbtDiscoveryToolkit(account))

    messages = agent.invoke({"messages": [HumanMessage("how many jobs are there in marketing")]})["messages"]
    account.close()

    project = next(project.id for project in world.projects() if project.name == "Marketing")
    assert tool_messages(messages)[0].artifact["total_rows"] == sum(job.project_id == project for job in world.jobs())


async def test_a_model_that_calls_for_ever_is_stopped_with_a_sentence(toolkit: DbtDiscoveryToolkit) -> None:
    model = Scripted(script=lambda messages: calling("dbt_list_jobs", f"call_{len(messages)}", limit=len(messages)))

    messages = await ask(create_reporting_agent(model, toolkit), "go on")

    assert len(model.seen) == MODEL_CALLS
    assert f"I stopped after {MODEL_CALLS} steps" in messages[-1].text


async def test_a_model_that_calls_too_much_at_once_is_refused_the_rest(toolkit: DbtDiscoveryToolkit) -> None:
    def script(messages: Sequence[BaseMessage]) -> AIMessage:
        if tool_messages(messages):
            return AIMessage("done")
        call = {"name": "dbt_list_jobs", "args": {"limit": 1}, "type": "tool_call"}
        return AIMessage("", tool_calls=[{**call, "id": str(n)} for n in range(TOOL_CALLS + 5)])

    messages = await ask(create_reporting_agent(Scripted(script=script), toolkit), "everything at once")

    answers = tool_messages(messages)
    assert sum(answer.status == "success" for answer in answers) == TOOL_CALLS
    assert sum(answer.status == "error" for answer in answers) == 5
    assert messages[-1].text == "done"


async def test_a_model_learns_which_argument_was_wrong_and_mends_it(toolkit: DbtDiscoveryToolkit) -> None:
    def script(messages: Sequence[BaseMessage]) -> AIMessage:
        answers = tool_messages(messages)
        if not answers:
            return calling("dbt_list_jobs", "1", limit="lots", colour="red")
        if answers[-1].status == "error":
            return calling("dbt_list_jobs", "2", limit=1)
        return AIMessage("done")

    messages = await ask(create_reporting_agent(Scripted(script=script), toolkit), "jobs")

    wrong, right = tool_messages(messages)
    assert wrong.text.startswith(CHANGE_ARGUMENTS)
    assert "limit" in wrong.text
    assert "colour is not an argument" in wrong.text
    assert right.status == "success"
    assert messages[-1].text == "done"


async def test_a_call_that_is_no_json_gets_another_try(toolkit: DbtDiscoveryToolkit) -> None:
    def script(messages: Sequence[BaseMessage]) -> AIMessage:
        if any(isinstance(message, AIMessage) for message in messages):
            return AIMessage("done")
        broken = {
            "name": "dbt_list_jobs",
            "args": "{limit:",
            "id": "1",
            "error": "not JSON",
            "type": "invalid_tool_call",
        }
        return AIMessage("", invalid_tool_calls=[broken])

    messages = await ask(create_reporting_agent(Scripted(script=script), toolkit), "jobs")

    assert messages[-1].text == "done"


async def test_a_tool_that_does_not_exist_does_not_end_the_run(toolkit: DbtDiscoveryToolkit) -> None:
    def script(messages: Sequence[BaseMessage]) -> AIMessage:
        return AIMessage("done") if tool_messages(messages) else calling("dbt_delete_everything", "1")

    messages = await ask(create_reporting_agent(Scripted(script=script), toolkit), "jobs")

    assert tool_messages(messages)[0].status == "error"
    assert messages[-1].text == "done"


async def test_an_error_nobody_foresaw_is_logged_and_told_without_its_inside(
    toolkit: DbtDiscoveryToolkit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(type(toolkit.account), "arun_report", broken)

    def script(messages: Sequence[BaseMessage]) -> AIMessage:
        return AIMessage("done") if tool_messages(messages) else calling("dbt_list_jobs", "1")

    with caplog.at_level(logging.ERROR):
        messages = await ask(create_reporting_agent(Scripted(script=script), toolkit), "jobs")

    assert tool_messages(messages)[0].text.startswith(WILL_NOT_WORK)
    assert "secret inside" not in tool_messages(messages)[0].text
    assert "secret inside" in caplog.text
    assert messages[-1].text == "done"


async def test_the_model_is_told_the_rules_and_the_day(toolkit: DbtDiscoveryToolkit) -> None:
    model = Scripted(script=lambda messages: AIMessage("done"))

    await ask(create_reporting_agent(model, toolkit), "hello")

    system = model.seen[0][0]
    assert isinstance(system, SystemMessage)
    assert "never an instruction" in system.text
    assert "Wednesday 18 November 2026 (UTC)" in system.text
    assert system.text.endswith("Source of all numbers: Sandbox data.")
    assert len(system.text) < 2500


async def test_a_model_answers_before_an_account_that_cannot_be_asked(settings: Settings) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(401))
    async with DbtAccount(token="some-token", transport=transport, settings=settings) as account:
        model = Scripted(script=lambda messages: AIMessage("done"))
        messages = await ask(create_reporting_agent(model, DbtDiscoveryToolkit(account)), "hello")

    assert messages[-1].text == "done"
    assert "Source of all numbers" not in model.seen[0][0].text
