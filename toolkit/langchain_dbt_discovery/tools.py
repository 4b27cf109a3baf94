"""The one place where a report becomes a tool."""

from __future__ import annotations

from typing import Any

from dbt_discovery.exceptions import DbtDiscoveryError
from dbt_discovery.reports.declaration import ReportArguments, ReportDeclaration
from dbt_discovery.view import AccountView
from langchain_core.callbacks import adispatch_custom_event, dispatch_custom_event
from langchain_core.tools import StructuredTool
from langchain_core.tools.base import ArgsSchema

from langchain_dbt_discovery.content import artifact_of, content_of
from langchain_dbt_discovery.digest import arguments_for_models, told_arguments
from langchain_dbt_discovery.failures import FAILURE_EVENT, failure, validation_failure
from langchain_dbt_discovery.progress import adispatch_progress, dispatch_progress, relayed, relayed_plainly

__all__ = ["TOOL_PREFIX", "ReportTool", "report_tool"]

TOOL_PREFIX = "dbt_"
Answered = tuple[str, dict[str, Any]]


class ReportTool(StructuredTool):
    """A report as a tool: its schema is the same, and brief, whichever way it is asked for."""

    declared: type[ReportArguments]
    """The arguments of the report, as every other door has them."""

    @property
    def tool_call_schema(self) -> ArgsSchema:
        """The class of its arguments itself; LangChain would make another of its fields, with all that they say."""
        return self.args_schema


def report_tool(declaration: ReportDeclaration[Any], account: AccountView) -> ReportTool:
    """The tool `dbt_<report>`: its content is short text for a model, its artifact the report as JSON.

    It takes the report's arguments, and `more`, a query of further ones: see `digest`. It only reads, and every error
    that this product raises on purpose comes back as a tool message. The error itself goes to callbacks, as the custom
    event `dbt_discovery_failure`, and so does the progress of a long fetch, as `dbt_discovery_progress` with `what`,
    `unit`, `done` and `total`.

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

    declared: type[ReportArguments] = declaration.arguments
    return ReportTool(
        func=answer_plainly,
        coroutine=answer,
        name=f"{TOOL_PREFIX}{declaration.name}",
        description=declaration.summary,
        declared=declared,
        args_schema=arguments_for_models(declared),
        response_format="content_and_artifact",
        handle_tool_error=True,
        handle_validation_error=validation_failure(declared, told_arguments(declared)),
        metadata={"read_only": True, "group": declaration.group, "report": declaration.name},
    )
