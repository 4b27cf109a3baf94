"""Questions where names are not to be had: no names at all, and jobs that are known by their ids alone."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from dbt_discovery import PermissionDenied, Vocabulary
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import Runnable
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel
from langchain_dbt_discovery.offline import model as offline_model

from tests.conftest import NOW
from tests.toolkit.conftest import VOCABULARY

BY_ID = replace(VOCABULARY, jobs=("Job 70403103940001", "Job 70403103940002"))
QUESTION = HumanMessage("longest running jobs last week")


@pytest.fixture
def bound(toolkit: DbtDiscoveryToolkit) -> Runnable[list[AnyMessage], AIMessage]:
    async def by_id() -> Vocabulary:
        return BY_ID

    model = OfflineChatModel(clock=lambda: NOW, vocabulary=by_id)
    return model.bind_tools(toolkit.get_tools())  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how long does Growth nightly take?", "growth nightly"),
        ("how long does the Growth nightly job take?", "growth nightly"),
        ("how long does the hourly sync job take", "hourly sync"),
        ("did Growth nightly fail yesterday?", "growth nightly"),
        ("how long does the nightly job take", "nightly"),
    ],
)
async def test_name_of_a_job_is_not_read_as_something_else(
    bound: Runnable[list[AnyMessage], AIMessage], question: str, said: str
) -> None:
    reply = await bound.ainvoke([HumanMessage(question)])
    assert reply.tool_calls == []
    assert "names of jobs are not known to this token" in reply.text
    assert f"“{said}”" in reply.text
    assert "such as “job 70403103940001”" in reply.text
    assert ("“tag nightly”" in reply.text) == ("nightly" in said)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("how long does job 70403103940002 take", {"jobs": ["Job 70403103940002"]}),
        ("how long do nightly models take", {"tags": ["nightly"]}),
        ("slowest models with tag nightly", {"tags": ["nightly"]}),
        ("slowest jobs in marketing last week", {"projects": ["Marketing"]}),
        ("how long does fct_orders take", {"models": ["fct_orders"]}),
    ],
)
async def test_what_is_no_name_of_a_job_is_answered_as_ever(
    bound: Runnable[list[AnyMessage], AIMessage], question: str, arguments: dict[str, list[str]]
) -> None:
    (call,) = (await bound.ainvoke([HumanMessage(question)])).tool_calls
    assert arguments.items() <= call["args"].items()


@pytest.mark.parametrize(("status", "warnings"), [("error", 0), ("success", 1)])
async def test_missing_names_are_told_once_and_not_beside_the_failure_they_share(
    toolkit: DbtDiscoveryToolkit, caplog: pytest.LogCaptureFixture, status: str, warnings: int
) -> None:
    async def refused() -> Vocabulary:
        raise PermissionDenied("The token may not.")

    offline_model._tell_of_missing_names.cache_clear()
    bound = OfflineChatModel(clock=lambda: NOW, vocabulary=refused).bind_tools(toolkit.get_tools())
    for _ in range(2):
        messages: list[AnyMessage] = [QUESTION, reply := await bound.ainvoke([QUESTION])]
        (call,) = reply.tool_calls
        messages.append(ToolMessage("Nothing.", tool_call_id=call["id"], name=call["name"], status=status))
        await bound.ainvoke(messages)
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == warnings
