"""The documents say what is there, and what they show works."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from dbt_discovery import DbtAccount, Job, Model, ModelRun, Project, Run, Settings, Statistics
from dbt_discovery.cache.lifetime import BRIEF, FINAL
from dbt_discovery.cache.statistics import CacheStatistics
from dbt_discovery.history.tables import RUNS, TABLES
from dbt_discovery.reports import registry

ROOT = Path(__file__).parent.parent
VARIABLES = [str(field.validation_alias) for field in Settings.model_fields.values()]


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_explained_and_offered(variable: str) -> None:
    assert f"`{variable}`" in (ROOT / "docs/settings.md").read_text()
    assert f"\n{variable}=" in (ROOT / ".env.example").read_text()


def test_no_setting_is_explained_that_does_not_exist() -> None:
    explained = set(re.findall(r"`((?:DBT|OPENAI)_[A-Z_]+)`", (ROOT / "docs/settings.md").read_text()))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert explained == offered == set(VARIABLES)


def test_page_of_reports_is_written_from_the_declarations() -> None:
    page = runpy.run_path(str(ROOT / "docs/write_reports.py"))["page"]()
    assert (ROOT / "docs/reports.md").read_text() == page, "run: python docs/write_reports.py"
    assert all(f"`{name}`" in page for name in registry())


def test_page_of_conversations_is_what_the_offline_model_answers() -> None:
    page = runpy.run_path(str(ROOT / "docs/write_conversations.py"))["page"]()
    assert (ROOT / "docs/conversations.md").read_text() == page, "run: python docs/write_conversations.py"
    for world in page.split("\n## ")[1:]:
        assert world.count("\n**") == 10


def test_the_readme_names_every_report_by_what_it_is_about() -> None:
    table = (ROOT / "README.md").read_text().partition("## Reports")[2].partition("\n\n[")[0]
    rows = re.findall(r"^\| (\w+) \| (`.+`) \|$", table, re.MULTILINE)
    named = {name: group for group, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert named == {name: declaration.group for name, declaration in registry().items()}


@pytest.mark.parametrize("position", [0, 1])
def test_python_of_the_readme_runs_as_it_stands(position: int, tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[position]
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout


@pytest.mark.parametrize("page", ["python", "keeping", "sandbox"])
def test_python_of_a_page_runs_from_its_beginning_to_its_end(page: str, tmp_path: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", (ROOT / f"docs/{page}.md").read_text(), re.DOTALL))
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stdout


@pytest.mark.parametrize("kind", [DbtAccount, Project, Model, Job, Run, ModelRun])
def test_every_method_of_the_python_api_is_listed(kind: type) -> None:
    page = (ROOT / "docs/python.md").read_text()
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{kind.__name__}` |")]
    shown = {name for name in dir(kind) if name.startswith("get_")} - {"get_source", "get_account_id"}
    listed = set(re.findall(r"`(\w+)`", row)) - {kind.__name__}
    assert shown <= listed
    assert all(callable(getattr(kind, name)) for name in listed)


def test_every_table_and_column_that_people_may_query_is_explained() -> None:
    page = (ROOT / "docs/keeping.md").read_text()
    of_runs = page.partition("| column of `stored_runs` |")[2].partition("\n\n")[0]
    of_all = page.partition("## The run store in SQL")[2]
    assert all(f"`{table.name}`" in of_all for table in TABLES.sorted_tables)
    assert set(re.findall(r"`(\w+)`", re.sub(r"(\|[^|]*\|).*", r"\1", of_runs))) == {each.name for each in RUNS.columns}


def test_every_figure_of_the_statistics_is_explained() -> None:
    page = (ROOT / "docs/keeping.md").read_text().partition("## Statistics")[2]
    assert all(f"`{each.name}`" in page for kind in (Statistics, CacheStatistics) for each in fields(kind))


def test_every_time_that_the_page_of_keeping_names_is_the_one_in_force() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", (ROOT / "docs/keeping.md").read_text(), re.MULTILINE)
    named = {answer: [int(each.replace(",", "")) for each in re.findall(r"[\d,]*\d", time)] for answer, time in rows}
    assert named["most"] == [Settings().cache_ttl]
    assert named["that there is no such thing"] == [BRIEF]
    assert named["one that cannot change any more: a run that is over"] == [FINAL.total_seconds()]


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "test-integration", "test-debug", "lint", "bench", "evals", "record", "artifacts"} <= targets
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tests/fixtures/README.md"]:
        named = set(re.findall(r"`make ([a-z-]+)`", document.read_text()))
        assert named <= targets, f"{document.name} names {named - targets}"


def test_every_picture_is_shown_and_every_picture_shown_is_there() -> None:
    taken = {path.name for path in (ROOT / "docs/screenshots").glob("*.*g")}
    documents = [ROOT / "README.md", *ROOT.glob("docs/*.md")]
    shown = {name for each in documents for name in re.findall(r"screenshots/([-\w]+\.[ps][nv]g)", each.read_text())}
    assert shown == taken
