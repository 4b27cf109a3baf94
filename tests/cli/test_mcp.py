"""`dbt-discovery mcp`, as an MCP client starts it: a process of its own, spoken to over its input and output."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from dbt_discovery.reports import registry
from dbt_discovery_web.cli import main
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.conftest import NOW


async def test_a_client_starts_it_lists_the_tools_and_calls_one(tmp_path: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "dbt_discovery_web", "mcp"],
        env={"DBT_DISCOVERY_NOW": NOW.isoformat(), "DBT_DISCOVERY_DATABASE_URL": "sqlite://"},
        cwd=tmp_path,
    )
    async with Client(command, read_timeout_seconds=60) as client:
        assert len((await client.list_tools()).tools) == len(registry())
        result = await client.call_tool("dbt_list_projects", {})
    assert not result.is_error
    assert "Marketing" in str(result.content)


def test_without_its_library_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.delitem(sys.modules, "langchain_dbt_discovery.mcp_server", raising=False)
    result = CliRunner().invoke(main, ["mcp"])
    assert result.exit_code == 3
    assert "dbt-discovery[web,mcp]" in result.stderr
