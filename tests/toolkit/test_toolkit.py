from __future__ import annotations

import subprocess
import sys

import langchain_dbt_discovery
import pytest
from dbt_discovery import DbtAccount, MissingToken
from dbt_discovery.reports import registry
from langchain_dbt_discovery import DbtDiscoveryToolkit


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
        ({"include": ["slowest_model"]}, "There is no report “slowest_model”. Did you mean slowest_models?"),
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
