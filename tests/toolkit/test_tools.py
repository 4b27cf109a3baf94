from __future__ import annotations

from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.exceptions import NotFound
from dbt_discovery.reports import registry
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langchain_dbt_discovery import DbtDiscoveryToolkit, report_tool
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS, FAILURE_EVENT, WILL_NOT_WORK


async def call(toolkit: DbtDiscoveryToolkit, name: str, **arguments: object) -> ToolMessage:
    tool = next(each for each in toolkit.get_tools() if each.name == name)
    message = await tool.ainvoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})
    assert isinstance(message, ToolMessage)
    return message


def test_every_report_is_a_read_only_tool_of_its_name(toolkit: DbtDiscoveryToolkit) -> None:
    tools = {tool.name: tool for tool in toolkit.get_tools()}

    assert list(tools) == [f"dbt_{name}" for name in registry()]
    for name, declaration in registry().items():
        metadata = tools[f"dbt_{name}"].metadata or {}
        assert metadata["read_only"] is True
        assert metadata["group"] == declaration.group


async def test_a_tool_gives_the_report_of_the_account(toolkit: DbtDiscoveryToolkit, account: DbtAccount) -> None:
    report = await account.arun_report("longest_running_jobs", period="last_week", limit=3)

    message = await call(toolkit, "dbt_longest_running_jobs", period="last week", limit=3)

    assert message.status == "success"
    assert message.artifact == report.to_json()
    assert report.finding in message.text


def test_a_tool_answers_a_plain_call_too(world: sandbox.World, settings: Settings) -> None:
    account = DbtAccount(transport=sandbox.transport(world), settings=settings)
    tool = report_tool(registry()["list_jobs"], account)

    message = tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": {}})
    account.close()

    assert message.artifact["total_rows"] == len(world.jobs())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"period": "last wek"}, ["period", "last wek", "last_week"]),
        ({"order_by": "size"}, ["order_by", "avg"]),
        ({"limit": "many"}, ["limit takes a whole number from 1 to 500, and not “many”."]),
        ({"job_type": ["nightly"]}, ["job_type takes scheduled, ci, merge, adaptive or other, and not “nightly”."]),
        ({"period": {"start": "2026-11-01"}}, ["period takes text"]),
        ({"colour": "red"}, ["colour is not an argument", "order_by"]),
        ({"min_runtime": 9, "max_runtime": 1}, ["min_runtime", "max_runtime"]),
        ({"projects": ["marketin"]}, ["marketin", "Marketing"]),
        ({"jobs": ["nowhere to be seen"]}, ["nowhere to be seen"]),
    ],
)
async def test_a_wrong_argument_comes_back_as_what_to_change(
    toolkit: DbtDiscoveryToolkit, arguments: dict[str, object], told: list[str]
) -> None:
    message = await call(toolkit, "dbt_longest_running_jobs", **arguments)

    assert message.status == "error"
    assert message.text.startswith(CHANGE_ARGUMENTS)
    assert all(words in message.text for words in told), message.text


async def test_what_dbt_cloud_refuses_comes_back_as_what_will_not_work(settings: Settings) -> None:
    refuse = httpx.MockTransport(
        lambda request: httpx.Response(401, json={"status": {"code": 401, "user_message": "Invalid token."}})
    )
    async with DbtAccount("dbtc_secret", 1, transport=refuse, settings=settings) as account:
        message = await call(DbtDiscoveryToolkit(account), "dbt_list_jobs")

    assert message.status == "error"
    assert message.text.startswith(WILL_NOT_WORK)
    assert "token" in message.text
    assert "dbtc_secret" not in message.text


async def test_a_plain_call_on_the_accounts_own_loop_is_told_not_to(account: DbtAccount) -> None:
    tool: BaseTool = report_tool(registry()["list_jobs"], account)

    message = tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": {}})

    assert message.status == "error"
    assert message.text.startswith(WILL_NOT_WORK)


class Listening(AsyncCallbackHandler):
    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    async def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> None:
        self.heard.append((name, data))


async def test_a_failures_exception_goes_to_callbacks(toolkit: DbtDiscoveryToolkit) -> None:
    tool = next(each for each in toolkit.get_tools() if each.name == "dbt_list_jobs")
    listening = Listening()

    given = {"type": "tool_call", "id": "1", "name": tool.name, "args": {"projects": ["nowhere"]}}
    message = await tool.ainvoke(given, {"callbacks": [listening]})

    [(event, error)] = listening.heard
    assert event == FAILURE_EVENT
    assert isinstance(error, NotFound)
    assert str(error) in message.text
