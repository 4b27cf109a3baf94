"""The toolkit: the reports of one account as LangChain tools."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Literal, get_args

from dbt_discovery.account import DbtAccount
from dbt_discovery.exceptions import ConfigurationError
from dbt_discovery.reports import registry
from dbt_discovery.reports.declaration import Group
from dbt_discovery.view import AccountView
from dbt_discovery.words import either
from langchain_core.tools import BaseTool, BaseToolkit
from pydantic import ConfigDict, SkipValidation

from langchain_dbt_discovery.tools import TOOL_PREFIX, report_tool

__all__ = ["DbtDiscoveryToolkit"]


class DbtDiscoveryToolkit(BaseToolkit):
    """The reports of one dbt account as tools for any LangChain agent, all of them read-only.

    Reports are named with or without the tools' `dbt_` in front. What `include` and `groups` name is taken (both
    must hold), and what `exclude` names is left away. Where one of the three is None, the account's settings say:
    `DBT_DISCOVERY_TOOLS_INCLUDE`, `DBT_DISCOVERY_TOOLS_EXCLUDE`, `DBT_DISCOVERY_TOOLS_GROUPS`.

    Args:
        account: The account to ask, or a view of it; the one that the environment configures, if None.
        include: Names of the reports to offer; all, if neither this nor the settings name any.
        exclude: Names of reports to leave away.
        groups: What the reports are about: jobs, models, runs, tests, sources, projects; all, likewise.

    Raises:
        ValueError: A report or group of that name does not exist.
        MissingToken: No account was given and the environment configures none.
        ConfigurationError: The environment configures half an account, or names a report or group that does not exist.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    account: Annotated[AccountView, SkipValidation]
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None

    def __init__(
        self,
        account: AccountView | None = None,
        *,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
    ) -> None:
        account = account if account is not None else DbtAccount.from_env()
        settings = account.settings
        super().__init__(
            account=account,
            include=_chosen("report", include, settings.tools_include, "DBT_DISCOVERY_TOOLS_INCLUDE"),
            exclude=_chosen("report", exclude, settings.tools_exclude, "DBT_DISCOVERY_TOOLS_EXCLUDE") or (),
            groups=_chosen("group", groups, settings.tools_groups, "DBT_DISCOVERY_TOOLS_GROUPS"),
        )

    def get_tools(self) -> list[BaseTool]:
        """One tool for each report that was chosen, in alphabetical order."""
        return [
            report_tool(declaration, self.account)
            for name, declaration in registry().items()
            if (self.include is None or name in self.include)
            and name not in self.exclude
            and (self.groups is None or declaration.group in self.groups)
        ]


def _chosen(
    kind: Literal["report", "group"], given: Iterable[str] | None, configured: tuple[str, ...], variable: str
) -> tuple[str, ...] | None:
    """The names that were given, or else configured; None where there are neither."""
    if given is not None:
        return _known(kind, (given,) if isinstance(given, str) else given)
    try:
        return _known(kind, configured) or None
    except ValueError as error:
        raise ConfigurationError(f"Settings are not right: {variable}: {error}") from None


def _known(kind: Literal["report", "group"], given: Iterable[str]) -> tuple[str, ...]:
    """The given names without the tools' prefix, each of them known."""
    known = tuple(registry()) if kind == "report" else get_args(Group)
    names = [name.removeprefix(TOOL_PREFIX) for name in given]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3)
            hint = f"Did you mean {either(near)}?" if near else f"There are {', '.join(known)}."
            raise ValueError(f"There is no {kind} “{name}”. {hint}")
    return tuple(names)
