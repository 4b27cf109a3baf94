"""A morning check as a LangGraph workflow: its steps are fixed, and no language model is asked.

    pip install 'dbt-discovery[agent,sandbox]'
    python examples/langgraph_workflow.py

Which runs failed since yesterday? Where some did: which models are failing now, since when, and what waits for them?
The last step writes the message that you would post. The tools are called directly, and the steps work with their
artifacts: the reports as JSON.
"""

from __future__ import annotations

import os
from typing import Any, TypedDict

import dbt_cloud_sandbox
from dbt_discovery import DbtAccount
from langchain_dbt_discovery import DbtDiscoveryToolkit
from langgraph.graph import END, START, StateGraph

PERIOD = "last_24_hours"


class Morning(TypedDict, total=False):
    """What the check knows so far."""

    failed: dict[str, Any]
    failing: dict[str, Any]
    message: str


def morning_check(account: DbtAccount) -> Any:
    """The workflow on an account, ready to be invoked."""
    chosen = DbtDiscoveryToolkit(account, include=["failed_runs", "failing_models"])
    tools = {tool.name: tool for tool in chosen.get_tools()}

    def report(name: str, **arguments: Any) -> dict[str, Any]:
        call = {"type": "tool_call", "id": name, "name": name, "args": arguments}
        answer = tools[name].invoke(call)
        if answer.status == "error":
            raise RuntimeError(answer.text)
        return dict(answer.artifact)

    def failed_runs(state: Morning) -> Morning:
        return {"failed": report("dbt_failed_runs", period=PERIOD)}

    def failing_models(state: Morning) -> Morning:
        return {"failing": report("dbt_failing_models")}

    def write(state: Morning) -> Morning:
        lines = [state["failed"]["finding"]]
        for run in state["failed"]["rows"]:
            why = run["failed_nodes"] or run["status_message"] or run["status"]
            lines.append(f"- {run['job_name']}: {why}\n  {run['url']}")
        if failing := state.get("failing"):
            lines.append(failing["finding"])
            for model in failing["rows"]:
                why = model["error"] or f"waits for {model['held_up_by'] or 'something upstream'}"
                since = model["failing_since"] or "longer than is known"
                lines.append(f"- {model['name']} ({model['project_name']}), {since}: {why.splitlines()[-1].strip()}")
        lines.append(f"Source: {state['failed']['source']['label']}, as of {state['failed']['as_of']}.")
        return {"message": "\n".join(lines)}

    def where_next(state: Morning) -> str:
        return "failing_models" if state["failed"]["total_rows"] else "write"

    graph = StateGraph(Morning)
    graph.add_node("failed_runs", failed_runs)
    graph.add_node("failing_models", failing_models)
    graph.add_node("write", write)
    graph.add_edge(START, "failed_runs")
    graph.add_conditional_edges("failed_runs", where_next, ["failing_models", "write"])
    graph.add_edge("failing_models", "write")
    graph.add_edge("write", END)
    return graph.compile()


def main() -> None:
    """Prints the message."""
    named = os.environ.get("DBT_SERVICE_TOKEN")
    account = DbtAccount.from_env() if named else DbtAccount(transport=dbt_cloud_sandbox.transport())
    with account:
        print(morning_check(account).invoke({})["message"])


if __name__ == "__main__":
    main()
