"""One question, every door: the same arguments with the same help, the same finding and the same rows."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any, get_args
from urllib.parse import quote_plus

import click
import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from click.testing import CliRunner
from dbt_discovery import DbtAccount, InvalidArgument, Settings
from dbt_discovery.reports import find_report, registry
from dbt_discovery.reports.declaration import ReportDeclaration
from dbt_discovery_web.app import create_app
from dbt_discovery_web.cli import main
from dbt_discovery_web.cli.report import report as report_group
from langchain_core.tools import BaseTool
from langchain_dbt_discovery import DbtDiscoveryToolkit

from .conftest import ARTIFACTS, NOW
from .servers.running import running

REPORTS = list(registry())
AFTER_THE_RUNS = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """A world, and the doors that lead to it."""

    world: sandbox.World
    settings: Settings
    account: DbtAccount
    web: httpx.Client
    api: dict[str, Any]
    variables: dict[str, str]

    @property
    def tools(self) -> dict[str, BaseTool]:
        """The tools by their reports' names."""
        return {str((tool.metadata or {})["report"]): tool for tool in DbtDiscoveryToolkit(self.account).get_tools()}

    def by_tool(self, name: str, arguments: dict[str, Any]) -> Any:
        """What a report's tool gives a program."""
        tool = self.tools[name]
        return tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": arguments}).artifact

    def by_command(self, *words: str) -> Any:
        """What a command prints as JSON."""
        result = CliRunner(env=self.variables).invoke(main, words)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture(scope="module", params=["generated", "real runs"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, world: sandbox.World
) -> Iterator[Place]:
    """The generated world, and then the real runs of the fixtures, at a moment just after them."""
    now, folder = NOW, None
    if request.param == "real runs":
        folder = ARTIFACTS
        world = sandbox.artifacts_world(folder, now=lambda: datetime(2100, 1, 1, tzinfo=UTC))
        now = max(run.finished_at for run in world.runs() if run.finished_at) + AFTER_THE_RUNS
        world = sandbox.artifacts_world(folder, now=lambda: now)
    database = f"sqlite:///{tmp_path_factory.mktemp('parity') / 'threads.db'}"
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(("DBT_", "OPENAI_")):
                environment.delenv(name)
        settings = Settings(fixed_now=now, sandbox_artifacts=folder, database_url=database)
    variables = {"DBT_DISCOVERY_NOW": now.isoformat(), "DBT_DISCOVERY_DATABASE_URL": database}
    if folder:
        variables["DBT_SANDBOX_ARTIFACTS"] = str(folder)
    app = create_app(settings)
    account = DbtAccount(transport=sandbox.transport(world), settings=settings)
    with running(app) as url, httpx.Client(base_url=url, timeout=60) as web:
        yield Place(world, settings, account, web, app.openapi(), variables)
    account.close()


def asked(place: Place, name: str) -> dict[str, Any]:
    """The arguments to ask a report with: its worked example, or in a world that has none of that what must be said."""
    declaration = find_report(name)
    if place.settings.sandbox_artifacts is None:
        return dict(declaration.sample)
    try:
        declaration.parse({})
    except InvalidArgument:
        kind = "model" if "model" in declaration.arguments.model_fields else "job"
        first = place.account.run_report(f"list_{kind}s", order_by="last_run", limit=1).rows[0]
        return {"model": first["unique_id"]} if kind == "model" else {"job": first["job_id"]}
    return {}


def options(arguments: dict[str, Any]) -> list[str]:
    """Arguments as a person gives them on the command line."""
    words = []
    for name, value in arguments.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(flag)
        else:
            words += [word for each in (value if isinstance(value, list) else [value]) for word in (flag, str(each))]
    return words


def pairs(arguments: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each argument and its value, once for each value of a list."""
    for field, value in arguments.items():
        for each in value if isinstance(value, list) else [value]:
            yield field, each


@pytest.mark.parametrize("name", REPORTS)
def test_every_door_gives_the_same_report(place: Place, name: str) -> None:
    arguments = asked(place, name)
    python = place.account.run_report(name, **arguments).to_json()
    answers = {
        "tool": place.by_tool(name, arguments),
        "REST": place.web.get(f"/reports/{name}", params=arguments).raise_for_status().json(),
        "command line": place.by_command("report", name, *options(arguments), "--json"),
    }
    for door, answer in answers.items():
        for part in ("finding", "rows", "total_rows", "columns", "coverage", "reading", "arguments", "path"):
            assert answer[part] == python[part], (door, part)
    again = place.web.get(python["path"]).raise_for_status().json()  # it names what was only taken for granted before
    assert (again["rows"], again["arguments"], again["path"]) == (python["rows"], python["arguments"], python["path"])


def help_of_rest(place: Place, name: str) -> dict[str, str]:
    parameters = place.api["paths"][f"/reports/{name}"]["get"]["parameters"]
    return {each["name"]: each["description"] for each in parameters}


def help_of_command(name: str) -> dict[str, str]:
    command = report_group.get_command(click.Context(report_group), name)
    assert command
    return {str(each.name): str(each.help) for each in command.params if isinstance(each, click.Option)}


def help_of_tool(place: Place, name: str) -> dict[str, str]:
    kind: Any = place.tools[name].args_schema
    return {field: info.description for field, info in kind.model_fields.items()}


@pytest.mark.parametrize("place", ["generated"], indirect=True)
@pytest.mark.parametrize("name", REPORTS)
def test_every_door_takes_the_same_arguments_with_the_same_help(place: Place, name: str) -> None:
    python = {field: str(info.description) for field, info in find_report(name).arguments.model_fields.items()}
    assert all(python.values())
    rest, command, tool = help_of_rest(place, name), help_of_command(name), help_of_tool(place, name)
    assert {field: tool[field] for field in tool if field != "more"} == python
    # REST and the command line also take what concerns their own form of an answer, such as a page or JSON.
    assert {field: rest.get(field) for field in python} == python
    assert set(python) <= set(command)
    for field, words in python.items():
        assert command[field].startswith(words), field


TOLD: dict[str, Any] = {
    "projects": ["7", "8"],
    "project_ids": ["9"],
    "include_or_exclude": "exclude",
    "environment": "staging",
    "jobs": ["Build, test", "10"],
    "job_ids": ["11"],
    "job_type": ["ci"],
    "run_status": ["failure", "cancelled"],
    "period": "last_week",
    "models": ["orders"],
    "model_ids": ["model.shop.orders"],
    "tags": ["finance", "pii"],
    "tags_match": "all",
    "materialization": ["table"],
    "package": ["shop"],
    "group": ["R&D"],
    "model_status": ["error"],
    "min_runtime": 1.5,
    "max_runtime": 9.5,
    "cancelled_as_failed": True,
    "limit": 7,
    "refresh": True,
    "statistics": True,
    "model": "orders",
    "job": "Nightly",
    "run_id": "12",
    "base_run_id": "13",
    "last_n_runs": 3,
    "sql": True,
    "depth": 2,
    "resource_type": ["seed"],
    "verdict": ["failing"],
    "status": ["warn"],
    "min_change": 0.5,
}
"""A value of each argument that is not its default; of a choice, any other choice will do."""


def told(name: str) -> list[dict[str, Any]]:
    """Every argument of a report with a value that is not its default, in as many calls as they go together in."""
    declaration, calls = find_report(name), [dict[str, Any]()]
    subject: dict[str, Any] = {}
    try:
        declaration.parse({})
    except InvalidArgument:  # it has to be about something
        subject = {field: TOLD[field] for field in ("model", "job") if field in declaration.sample}
    for field, info in declaration.arguments.model_fields.items():
        choices = [each for each in get_args(info.annotation) if isinstance(each, str) and each != info.default]
        given = {field: TOLD[field] if field in TOLD else choices[-1]}
        for call in calls:
            with suppress(InvalidArgument):
                declaration.parse(subject | call | given)
                call |= given
                break
        else:
            declaration.parse(subject | given)
            calls.append(given)
    return [subject | call for call in calls]


@pytest.mark.parametrize("place", ["generated"], indirect=True)
@pytest.mark.parametrize("name", REPORTS)
def test_every_argument_reaches_the_report_through_every_door(
    place: Place, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = place.account.run_report("list_projects")
    reached: list[Any] = []

    async def run(declaration: Any, inquiry: Any, arguments: Any, source: Any) -> Any:
        reached.append((declaration.name, arguments))
        return answer.model_copy(deep=True)

    monkeypatch.setattr(ReportDeclaration, "run", run)
    for arguments in told(name):
        expected = (name, find_report(name).parse(arguments))
        more = "&".join(f"{field}={quote_plus(str(each))}" for field, each in pairs(arguments))
        doors: dict[str, Callable[[], object]] = {
            "Python": lambda given=arguments: place.account.run_report(name, **given),  # type: ignore[misc]
            "tool": lambda given=arguments: place.by_tool(name, given),  # type: ignore[misc]
            "tool, in more": lambda query=more: place.by_tool(name, {"more": query}),  # type: ignore[misc]
            "REST": lambda given=arguments: place.web.get(f"/reports/{name}", params=given).raise_for_status(),  # type: ignore[misc]
            "command line": lambda given=arguments: place.by_command("report", name, *options(given), "--json"),  # type: ignore[misc]
        }
        for door, ask in doors.items():
            reached.clear()
            ask()
            assert reached == [expected], door


@pytest.mark.parametrize("place", ["generated"], indirect=True)
@pytest.mark.parametrize("name", REPORTS)
def test_every_door_refuses_what_is_no_argument(place: Place, name: str) -> None:
    with pytest.raises(InvalidArgument, match="colour"):
        place.account.run_report(name, colour="red")
    tool = place.tools[name]
    message = tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": {"colour": "red"}})
    assert message.status == "error"
    assert "colour" in message.text
    assert place.web.get(f"/reports/{name}", params={"colour": "red"}).status_code == 422
    assert CliRunner(env=place.variables).invoke(main, ["report", name, "--colour", "red"]).exit_code == 2


def longest_jobs(world: sandbox.World, now: datetime) -> tuple[str, float]:
    """Name and average run time of the longest-running job of the last 14 days, by a plain loop over raw runs."""
    times: dict[int, list[float]] = {}
    for run in world.runs():
        finished = run.status in (10, 20) and run.started_at and run.finished_at
        if finished and now - timedelta(days=14) <= run.started_at < now:
            times.setdefault(run.job_id, []).append((run.finished_at - run.started_at).total_seconds())
    job_id = max(times, key=lambda each: fmean(times[each]))
    return next(job.name for job in world.jobs() if job.id == job_id), fmean(times[job_id])


def slowest_model(world: sandbox.World) -> tuple[str, float]:
    """Name and time of the model whose latest success in production took longest, by a plain loop over raw results."""
    production = {env.id for env in world.environments() if env.type == "deployment"}
    production -= {env.id for env in world.environments() if env.deployment_type != "production"}
    latest: dict[tuple[int, str], float] = {}
    for run in world.runs():
        if run.environment_id not in production:
            continue
        if "docs generate" in next(job.name for job in world.jobs() if job.id == run.job_id):
            continue
        for result in world.results(run.id):
            if result.unique_id.startswith("model.") and result.status == "success":
                latest[run.project_id, result.unique_id] = result.execution_time
    key = max(latest, key=lambda each: latest[each])
    return key[1].rsplit(".", 1)[-1], latest[key]


CASES = {
    "longest_running_jobs": ("what were the longest-running jobs in the last 14 days?", {"period": "last_14_days"}),
    "slowest_models": ("which models are slowest?", {}),
}


@pytest.mark.parametrize("name", CASES)
def test_chat_gives_the_number_that_the_raw_records_give(place: Place, name: str) -> None:
    question, arguments = CASES[name]
    python = place.account.run_report(name, **arguments).to_json()
    chat = place.web.post("/chat", json={"message": question}).raise_for_status().json()
    ask = place.by_command("ask", question, "--json")
    for answer in (chat, ask):
        for part in ("finding", "rows", "path"):
            assert answer["reports"][0][part] == python[part]
        assert python["finding"] in answer["answer"]

    first = python["rows"][0]
    if name == "longest_running_jobs":
        expected, shown = longest_jobs(place.world, place.settings.now()), (first["job_name"], first["avg_runtime"])
    else:
        expected, shown = slowest_model(place.world), (first["name"], first["runtime"])
    assert shown[0] == expected[0]
    assert shown[1] == pytest.approx(expected[1], abs=1e-3)
