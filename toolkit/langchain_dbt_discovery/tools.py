"""The one place where a report becomes a tool."""

from __future__ import annotations

from typing import Any

from dbt_discovery.exceptions import DbtDiscoveryError
from dbt_discovery.reports.declaration import ReportDeclaration
from dbt_discovery.view import AccountView
from langchain_core.callbacks import adispatch_custom_event, dispatch_custom_event
from langchain_core.tools import StructuredTool

from langchain_dbt_discovery.content import artifact_of, content_of
from langchain_dbt_discovery.failures import FAILURE_EVENT, failure, validation_failure
from langchain_dbt_discovery.progress import adispatch_progress, dispatch_progress, relayed, relayed_plainly

__all__ = ["TOOL_PREFIX", "report_tool"]

TOOL_PREFIX = "dbt_"
Answered = tuple[str, dict[str, Any]]


def report_tool(declaration: ReportDeclaration[Any], account: AccountView) -> StructuredTool:
    """The tool `dbt_<report>`: its content is short text for a model, its artifact the report as JSON.

    It only reads, and every error that this product raises on purpose comes back as a tool message. The error itself
    goes to callbacks, as the custom event `dbt_discovery_failure`, and so does the progress of a long fetch, as
    `dbt_discovery_progress` with `what`, `unit`, `done` and `total`.

    Args:
        declaration: The report.
        account: The account it asks, or a view of it.
    """

    async def answer(**arguments: Any) -> Answered:
        try:
            async with relayed(adispatch_progress):
                report = await account.arun_report(declaration.name, **arguments)
        except DbtDiscoveryError as error:
            await adispatch_custom_event(FAILURE_EVENT, error)
            raise failure(error) from error
        return content_of(report), artifact_of(report)

    def answer_plainly(**arguments: Any) -> Answered:
        try:
            with relayed_plainly(dispatch_progress):
                report = account.run_report(declaration.name, **arguments)
        except DbtDiscoveryError as error:
            dispatch_custom_event(FAILURE_EVENT, error)
            raise failure(error) from error
        return content_of(report), artifact_of(report)

    return StructuredTool.from_function(
        func=answer_plainly,
        coroutine=answer,
        name=f"{TOOL_PREFIX}{declaration.name}",
        description=_description(declaration),
        args_schema=declaration.arguments,
        response_format="content_and_artifact",
        handle_tool_error=True,
        handle_validation_error=validation_failure(declaration.arguments.model_fields),
        metadata={"read_only": True, "group": declaration.group, "report": declaration.name},
    )


def _description(declaration: ReportDeclaration[Any]) -> str:
    examples = " ".join(f"“{example}”" for example in declaration.examples[:2])
    return f"{declaration.summary} For: {examples}" if examples else declaration.summary
