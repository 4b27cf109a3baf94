"""What the package shows, what it pulls in, and which way data walks."""

from __future__ import annotations

import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import dbt_discovery
import pytest
from dbt_discovery import AccountView, DbtAccount, DbtDiscoveryError, Job, Model, ModelRun, Project, Run, exceptions
from dbt_discovery.reports import registry

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "core" / "dbt_discovery"


def test_all_is_sorted_and_every_name_is_there() -> None:
    assert dbt_discovery.__all__ == sorted(dbt_discovery.__all__)
    assert len(set(dbt_discovery.__all__)) == len(dbt_discovery.__all__)
    for name in dbt_discovery.__all__:
        assert getattr(dbt_discovery, name) is not None


def test_all_holds_every_error_and_every_public_name() -> None:
    shown = set(dbt_discovery.__all__)
    assert {
        name for name in vars(exceptions) if inspect.isclass(getattr(exceptions, name)) and _is_error(name)
    } <= shown
    public = {
        name
        for name, value in vars(dbt_discovery).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert public == shown


def _is_error(name: str) -> bool:
    value = getattr(exceptions, name)
    return issubclass(value, DbtDiscoveryError)


def test_the_tree_of_errors_is_the_drawn_one() -> None:
    for name in exceptions.__all__:
        assert name in (exceptions.__doc__ or ""), name
        assert issubclass(getattr(exceptions, name), DbtDiscoveryError)


def test_the_alias_is_the_account() -> None:
    assert dbt_discovery.dbtAccount is DbtAccount


@pytest.mark.parametrize("module", [each.name for each in pkgutil.walk_packages([str(SOURCES)], "dbt_discovery.")])
def test_every_module_says_what_it_is_and_what_it_shows(module: str) -> None:
    loaded = __import__(module, fromlist=["_"])
    assert loaded.__doc__, module
    shown = getattr(loaded, "__all__", None)
    if inspect.getsource(loaded).count("\n") > 2:
        assert shown is not None, module
        assert all(hasattr(loaded, name) for name in shown), module


@pytest.mark.parametrize("file", sorted(SOURCES.rglob("*.py")), ids=lambda file: str(file.relative_to(SOURCES)))
def test_no_file_is_longer_than_300_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("shown", [AccountView, DbtAccount, Project, Job, Model, ModelRun, Run])
def test_every_asynchronous_method_has_its_plain_form(shown: type) -> None:
    asking = [
        name for name in dir(shown) if name.startswith("aget_") or name in ("arun_report", "avocabulary", "aclose")
    ]
    for name in asking:
        plain = getattr(shown, name.removeprefix("a"), None)
        assert callable(plain), f"{shown.__name__}.{name}"
        assert not inspect.iscoroutinefunction(plain)
        assert getattr(shown, name).__doc__


@pytest.mark.parametrize("shown", [DbtAccount, Project, Job, Model, ModelRun, Run])
def test_methods_that_give_data_take_refresh(shown: type) -> None:
    exempt = {"aget_account_id", "aget_source", "aget_store", "avocabulary", "arun_report"}
    for name in dir(shown):
        if name.startswith("aget_") and name not in exempt:
            parameter = inspect.signature(getattr(shown, name)).parameters["refresh"]
            assert parameter.default is False, name


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_core_pulls_in_nothing_heavy() -> None:
    heavy = {
        "langchain",
        "langchain_core",
        "langgraph",
        "openai",
        "sqlalchemy",
        "numpy",
        "pandas",
        "fastapi",
        "graphql",
    }
    assert not imported_by("import dbt_discovery") & (heavy | {"dbt_cloud_sandbox", "starlette"})


def test_reading_every_report_pulls_in_nothing_heavy() -> None:
    statement = "from dbt_discovery.reports import registry; registry()"
    assert not imported_by(statement) & {"langchain_core", "sqlalchemy", "numpy", "dbt_cloud_sandbox"}


def test_layers_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_registry_holds_every_report_of_the_package() -> None:
    modules = {each.stem for each in (SOURCES / "reports").glob("*.py") if "\n@report(" in each.read_text()}
    assert list(registry()) == sorted(modules)
    assert {"longest_running_jobs", "slowest_models", "failed_runs", "list_jobs", "list_models"} <= modules
