"""LangChain's own standard tests of tools, for the tool of every report with its worked example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.reports import registry
from langchain_core.tools import BaseTool
from langchain_dbt_discovery import report_tool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from tests.conftest import NOW


class OfAReport:
    """What the standard tests ask for, of one report's tool on the sandbox."""

    name: ClassVar[str]
    account: ClassVar[DbtAccount]

    @pytest.fixture(autouse=True)
    def _on_the_sandbox(self, shared_account: DbtAccount) -> None:
        type(self).account = shared_account

    @property
    def tool_constructor(self) -> BaseTool:
        return report_tool(registry()[self.name], self.account)

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return dict(registry()[self.name].sample)


@pytest.fixture(scope="module")
def shared_account(world: sandbox.World) -> Iterator[DbtAccount]:
    """One account for all of them: what a tool asks, the next need not ask again."""
    account = DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW))
    yield account
    account.close()


for _name in registry():
    for _kind, _tests in (("unit", ToolsUnitTests), ("integration", ToolsIntegrationTests)):
        _case = f"Test_{_kind}_{_name}"
        globals()[_case] = type(_case, (OfAReport, _tests), {"name": _name, "__module__": __name__})


def test_every_report_is_tested() -> None:
    kinds = (ToolsUnitTests, ToolsIntegrationTests)
    tested = [each for each in globals().values() if isinstance(each, type) and issubclass(each, OfAReport)]
    for kind in kinds:
        assert {each.name for each in tested if issubclass(each, kind)} == set(registry())
