"""The tools by themselves: what a model is sent, what it gets back, and what a program gets.

pip install 'dbt-discovery[toolkit,sandbox]'
python examples/plain_tool_calls.py
"""

from __future__ import annotations

import json
from typing import Any

import dbt_cloud_sandbox
from dbt_discovery import DbtAccount
from langchain_core.messages import ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_dbt_discovery import DbtDiscoveryToolkit


def main() -> None:
    """Calls one tool well and once badly."""
    with DbtAccount(transport=dbt_cloud_sandbox.transport()) as account:
        tools = {tool.name: tool for tool in DbtDiscoveryToolkit(account, groups=["jobs", "models"]).get_tools()}
        schemas = json.dumps([convert_to_openai_tool(tool) for tool in tools.values()])
        print(f"{len(tools)} tools in {len(schemas):,} characters: {', '.join(tools)}")

        def call(name: str, **arguments: Any) -> ToolMessage:
            message = tools[name].invoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})
            assert isinstance(message, ToolMessage)
            return message

        answer = call("dbt_slowest_models", projects=["Marketing"], limit=3, more="materialization=table&min_runtime=5")
        print(f"\nThe model reads {len(answer.text):,} characters:\n{answer.text}")
        print(f"\nThe program has {', '.join(answer.artifact)}; its first row is")
        print(json.dumps(answer.artifact["rows"][0], indent=2))

        mistaken = call("dbt_slowest_models", projects=["Marketin"])
        print(f"\nA mistake comes back as {mistaken.status}: {mistaken.text}")


if __name__ == "__main__":
    main()
