"""The tools as MCP clients see them: through the real protocol, in memory."""

from __future__ import annotations

import json

import pytest
from dbt_discovery import DbtAccount
from dbt_discovery.reports import registry
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_dbt_discovery import DbtDiscoveryToolkit
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS, WILL_NOT_WORK
from langchain_dbt_discovery.mcp_server import REPORT, mcp_server
from langchain_dbt_discovery.text import FENCE_START
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextContent

ARGUMENTS = {"period": "last_week", "limit": 3}


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_every_report_is_a_read_only_tool_as_brief_as_any_agents(toolkit: DbtDiscoveryToolkit) -> None:
    async with Client(mcp_server(toolkit)) as client:
        listed = (await client.list_tools()).tools
    told = {tool.name: convert_to_openai_tool(tool)["function"] for tool in toolkit.get_tools()}
    assert [tool.name for tool in listed] == [f"dbt_{name}" for name in registry()]
    for tool in listed:
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert tool.description == told[tool.name]["description"]
        assert tool.input_schema["properties"] == told[tool.name]["parameters"]["properties"]
        assert tool.input_schema["type"] == "object"


async def test_a_call_gives_the_text_for_models_and_the_report_beside_it(
    toolkit: DbtDiscoveryToolkit, account: DbtAccount
) -> None:
    report = await account.arun_report("longest_running_jobs", **ARGUMENTS)
    async with Client(mcp_server(toolkit)) as client:
        result = await client.call_tool("dbt_longest_running_jobs", ARGUMENTS)
    assert not result.is_error
    assert report.finding in text(result)
    assert FENCE_START in text(result)
    assert result.structured_content is None  # a client might hand all of it to its model
    assert result.meta
    assert json.loads(json.dumps(result.meta[REPORT])) == report.to_json()


async def test_more_is_unfolded_as_for_any_agent(toolkit: DbtDiscoveryToolkit) -> None:
    async with Client(mcp_server(toolkit)) as client:
        result = await client.call_tool("dbt_list_models", {"more": "tags=finance&materialization=incremental"})
    assert result.meta
    assert result.meta[REPORT]["arguments"]["tags"] == ["finance"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [({"period": "recently"}, "last_week"), ({"projects": ["Marketng"]}, "Marketing"), ({"nonsense": 1}, "nonsense")],
)
async def test_what_a_caller_can_mend_is_an_error_that_says_how(
    toolkit: DbtDiscoveryToolkit, arguments: dict[str, object], expected: str
) -> None:
    async with Client(mcp_server(toolkit)) as client:
        result = await client.call_tool("dbt_longest_running_jobs", arguments)
    assert result.is_error
    assert text(result).startswith(CHANGE_ARGUMENTS)
    assert expected in text(result)


async def test_an_error_nobody_foresaw_tells_nothing_of_its_inside(
    toolkit: DbtDiscoveryToolkit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(type(toolkit.account), "arun_report", broken)
    async with Client(mcp_server(toolkit)) as client:
        result = await client.call_tool("dbt_list_jobs", {})
    assert result.is_error
    assert text(result).startswith(WILL_NOT_WORK)
    assert "secret" not in text(result)
    assert "dbt_list_jobs failed" in caplog.text


async def test_a_tool_that_is_not_there_is_a_protocol_error(toolkit: DbtDiscoveryToolkit) -> None:
    async with Client(mcp_server(toolkit)) as client:
        with pytest.raises(MCPError, match="no tool dbt_weather"):
            await client.call_tool("dbt_weather", {})


async def test_a_long_fetch_reports_its_progress(toolkit: DbtDiscoveryToolkit) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with Client(mcp_server(toolkit)) as client:
        await client.call_tool("dbt_longest_running_jobs", {"period": "last_30_days"}, progress_callback=hear)
    assert heard
    assert all(message for _, _, message in heard)


async def test_only_the_chosen_tools_are_offered(account: DbtAccount) -> None:
    async with Client(mcp_server(DbtDiscoveryToolkit(account, include=["slowest_models"]))) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["dbt_slowest_models"]
