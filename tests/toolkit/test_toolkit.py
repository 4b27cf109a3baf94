from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import dbt_cloud_sandbox as sandbox
import langchain_dbt_discovery
import pytest
from dbt_discovery import DbtAccount, MissingToken
from dbt_discovery.exceptions import ConfigurationError
from dbt_discovery.reports import registry
from langchain_dbt_discovery import DbtDiscoveryToolkit

Configured = Callable[..., DbtDiscoveryToolkit]


def names(toolkit: DbtDiscoveryToolkit) -> list[str]:
    return [tool.name for tool in toolkit.get_tools()]


def test_reports_are_chosen_by_name_with_or_without_the_prefix(account: DbtAccount) -> None:
    toolkit = DbtDiscoveryToolkit(account, include=["slowest_models", "dbt_list_jobs"])

    assert names(toolkit) == ["dbt_list_jobs", "dbt_slowest_models"]


def test_reports_are_left_away_by_name(account: DbtAccount) -> None:
    assert "dbt_failed_runs" not in names(DbtDiscoveryToolkit(account, exclude=["failed_runs"]))


def test_reports_are_chosen_by_group(account: DbtAccount) -> None:
    expected = [f"dbt_{name}" for name, report in registry().items() if report.group == "models"]

    assert names(DbtDiscoveryToolkit(account, groups=["models"])) == expected


def test_include_and_groups_must_both_hold(account: DbtAccount) -> None:
    assert names(DbtDiscoveryToolkit(account, include=["failed_runs"], groups=["models"])) == []


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"include": ["slowest_model"]}, "There is no report “slowest_model”. Did you mean slowest_models"),
        ({"exclude": ["everything at once"]}, "There is no report “everything at once”. There are"),
        ({"groups": ["modles"]}, "There is no group “modles”. Did you mean models?"),
    ],
)
def test_an_unknown_name_is_refused_in_one_clear_sentence(
    account: DbtAccount, choice: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(ValueError, match="There is no") as caught:
        DbtDiscoveryToolkit(account, **choice)

    assert str(caught.value).startswith(message)


VARIABLES = {
    "include": "DBT_DISCOVERY_TOOLS_INCLUDE",
    "exclude": "DBT_DISCOVERY_TOOLS_EXCLUDE",
    "groups": "DBT_DISCOVERY_TOOLS_GROUPS",
}


@pytest.fixture
def configured(world: sandbox.World, monkeypatch: pytest.MonkeyPatch) -> Configured:
    """Makes a toolkit on the sandbox, its choice made by the environment and by the constructor."""

    def make(variables: dict[str, str], **choice: list[str]) -> DbtDiscoveryToolkit:
        for name, value in variables.items():
            monkeypatch.setenv(VARIABLES[name], value)
        return DbtDiscoveryToolkit(DbtAccount(transport=sandbox.transport(world)), **choice)

    return make


@pytest.mark.parametrize(
    "choice",
    [
        {"include": ["slowest_models", "dbt_list_jobs"]},
        {"exclude": ["failed_runs", "list_jobs"]},
        {"groups": ["models", "runs"]},
        {"groups": ["models", "runs"], "exclude": ["list_models"]},
    ],
)
def test_the_environment_chooses_as_the_constructor_does(
    configured: Configured, account: DbtAccount, choice: dict[str, list[str]]
) -> None:
    variables = {name: ", ".join(those) for name, those in choice.items()}

    chosen = names(configured(variables))

    assert chosen == names(DbtDiscoveryToolkit(account, **choice))
    assert 0 < len(chosen) < len(registry())


def test_what_the_constructor_names_counts_instead_of_the_environments(configured: Configured) -> None:
    toolkit = configured({"include": "list_jobs", "exclude": "failed_runs"}, include=["failed_runs"], exclude=[])

    assert names(toolkit) == ["dbt_failed_runs"]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"include": "list_jobs,list_modles"}, ["INCLUDE", "no report “list_modles”", "list_models"]),
        ({"exclude": "slow"}, ["EXCLUDE", "no report “slow”", "slowest_models"]),
        ({"groups": "job"}, ["GROUPS", "no group “job”", "jobs"]),
    ],
)
def test_a_name_in_the_environment_that_is_none_is_refused_with_its_variable(
    configured: Configured, variables: dict[str, str], told: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(variables)

    assert all(words in str(caught.value) for words in told)


def test_without_an_account_the_environments_is_used(monkeypatch: pytest.MonkeyPatch, account: DbtAccount) -> None:
    monkeypatch.setattr(DbtAccount, "from_env", classmethod(lambda cls: account))

    assert DbtDiscoveryToolkit().account is account


def test_a_toolkit_without_any_token_never_invents_an_account() -> None:
    with pytest.raises(MissingToken, match="DBT_SERVICE_TOKEN"):
        DbtDiscoveryToolkit()


def test_the_package_shows_what_it_has_and_nothing_else() -> None:
    assert langchain_dbt_discovery.__all__ == sorted(langchain_dbt_discovery.__all__)
    assert all(hasattr(langchain_dbt_discovery, name) for name in langchain_dbt_discovery.__all__)
    assert not hasattr(langchain_dbt_discovery, "nonsense")


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import langchain_dbt_discovery", ["langchain", "langgraph", "langchain_core", "rapidfuzz", "sqlalchemy"]),
        ("from langchain_dbt_discovery import DbtDiscoveryToolkit", ["langchain.agents", "langgraph", "rapidfuzz"]),
        ("from langchain_dbt_discovery import OfflineChatModel", ["langchain.agents", "langgraph"]),
    ],
)
def test_importing_loads_no_more_than_is_asked_for(statement: str, absent: list[str]) -> None:
    code = f"import sys; {statement}; print([name for name in {absent!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
