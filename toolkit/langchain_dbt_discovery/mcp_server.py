"""The tools for MCP clients: the same names, schemas and answers as for any LangChain agent."""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from langchain_core.messages import ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from langchain_dbt_discovery.failures import unexpected_failure
from langchain_dbt_discovery.progress import relayed
from langchain_dbt_discovery.prompt import RULES
from langchain_dbt_discovery.toolkit import DbtDiscoveryToolkit

if TYPE_CHECKING:
    from dbt_discovery.progress import Progress
    from langchain_core.tools import BaseTool
    from mcp.server import ServerRequestContext

__all__ = ["REPORT", "mcp_server", "serve_on_stdio"]

REPORT = "dbt-discovery/report"
"""Where a result's `_meta` holds the whole report, for clients that draw tables: models read the short text alone."""

logger = logging.getLogger(__name__)


def mcp_server(toolkit: DbtDiscoveryToolkit) -> Server[Any]:
    """An MCP server that offers a toolkit's tools, all of them read-only.

    A result is the text that a model reads; its `_meta` holds the report as JSON under `dbt-discovery/report`. What a
    caller can mend, and what will not work, are results with `isError`. Long fetches report their progress to callers
    that ask for it.
    """
    tools = {tool.name: tool for tool in toolkit.get_tools()}

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_described(tool) for tool in tools.values()])

    async def call_tool(context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        if params.name not in tools:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name}.")

        async def pass_on(step: Progress) -> None:
            await context.session.report_progress(step.done, step.total, step.what)

        async with relayed(pass_on):
            return await _answer(tools[params.name], params.arguments or {})

    return Server(
        "dbt-discovery",
        version=version("dbt-discovery"),
        title="dbt Discovery",
        instructions=RULES,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve_on_stdio(toolkit: DbtDiscoveryToolkit) -> None:
    """Serves a toolkit's tools over this process's standard input and output, until the input ends."""
    server = mcp_server(toolkit)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


async def _answer(tool: BaseTool, arguments: dict[str, Any]) -> CallToolResult:
    try:
        message = await tool.ainvoke({"type": "tool_call", "id": tool.name, "name": tool.name, "args": arguments})
    except Exception:
        logger.exception("The tool %s failed.", tool.name)
        return _text(unexpected_failure(tool.name), failed=True)
    assert isinstance(message, ToolMessage)
    result = _text(message.text, failed=message.status == "error")
    return result if message.artifact is None else result.model_copy(update={"meta": {REPORT: message.artifact}})


def _text(text: str, *, failed: bool) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=failed)


def _described(tool: BaseTool) -> Tool:
    told = convert_to_openai_tool(tool)["function"]
    return Tool(
        name=told["name"],
        description=told["description"],
        input_schema=told["parameters"],
        annotations=ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True),
    )
