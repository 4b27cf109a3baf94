"""The toolkit: the reports of one account as LangChain tools."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Annotated, get_args

from dbt_discovery.account import DbtAccount
from dbt_discovery.reports import registry
from dbt_discovery.reports.declaration import Group
from dbt_discovery.view import AccountView
from langchain_core.tools import BaseTool, BaseToolkit
from pydantic import ConfigDict, SkipValidation

from langchain_dbt_discovery.tools import TOOL_PREFIX, report_tool

__all__ = ["DbtDiscoveryToolkit"]


class DbtDiscoveryToolkit(BaseToolkit):
    """The reports of one dbt account as tools for any LangChain agent, all of them read-only.

    Reports are named with or without the tools' `dbt_` in front. What `include` and `groups` name is taken (both
    must hold), and what `exclude` names is left away.

    Args:
        account: The account to ask, or a view of it; the one that the environment configures, if None.
        include: Names of the reports to offer; None for all.
        exclude: Names of reports to leave away.
        groups: What the reports are about: jobs, models, runs, tests, sources, projects; None for all.

    Raises:
        ValueError: A report or group of that name does not exist.
        MissingToken: No account was given and the environment configures none.
        ConfigurationError: The environment configures half an account.
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
        reports, known_groups = tuple(registry()), get_args(Group)
        chosen = {
            "include": None if include is None else _known("report", include, reports),
            "exclude": _known("report", exclude or (), reports),
            "groups": None if groups is None else _known("group", groups, known_groups),
        }
        super().__init__(account=account if account is not None else DbtAccount.from_env(), **chosen)

    def get_tools(self) -> list[BaseTool]:
        """One tool for each report that was chosen, in alphabetical order."""
        return [
            report_tool(declaration, self.account)
            for name, declaration in registry().items()
            if (self.include is None or name in self.include)
            and name not in self.exclude
            and (self.groups is None or declaration.group in self.groups)
        ]


def _known(kind: str, given: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """The given names without the tools' prefix, each of them known."""
    names = [name.removeprefix(TOOL_PREFIX) for name in ((given,) if isinstance(given, str) else given)]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
            raise ValueError(f"There is no {kind} “{name}”. {hint}")
    return tuple(names)
