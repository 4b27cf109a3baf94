"""What every report promises, whichever it is."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import AmbiguousName, DbtAccount, InvalidArgument, NotFound, Report, Settings
from dbt_discovery.reports import find_report, registry

from tests.core.tiny import TinyCloud, job

NAMES = list(registry())
SAMPLES = {name: dict(declaration.sample) for name, declaration in registry().items()}
EVERY = pytest.mark.parametrize("name", NAMES)


def having(*fields: str) -> pytest.MarkDecorator:
    """For those reports whose arguments have all of these fields."""
    own = {name: registry()[name].arguments.model_fields for name in NAMES}
    return pytest.mark.parametrize("name", [name for name in NAMES if set(fields) <= set(own[name])])


def sample(name: str, **others: Any) -> dict[str, Any]:
    """The arguments of a report's worked example, and others as far as the report takes them."""
    fields = registry()[name].arguments.model_fields
    return SAMPLES[name] | {field: value for field, value in others.items() if field in fields}


def names_its_subject(name: str) -> bool:
    """Whether a report cannot be asked for without saying what it is to be about."""
    try:
        find_report(name).parse({})
    except InvalidArgument:
        return True
    return False


CASES: list[tuple[str, dict[str, Any]]] = [
    ("longest_running_jobs", {}),
    ("longest_running_jobs", {"period": "last_week", "order_by": "p95", "projects": ["marketing"], "min_runtime": 5}),
    ("longest_running_jobs", {"last_n_runs": 3, "jobs": ["Audience sync", "Growth nightly"], "run_status": "success"}),
    ("longest_running_jobs", {"period": "2026-11-01/2026-11-05", "environment": "staging", "limit": 2}),
    ("slowest_models", {}),
    ("slowest_models", {"tags": ["pii", "hourly"], "tags_match": "any", "limit": 3, "max_runtime": 60.5}),
    ("slowest_models", {"models": ["stg_netsuite__invoices"], "last_n_runs": 5, "order_by": "max"}),
    ("slowest_models", {"jobs": "Growth nightly", "period": "yesterday"}),
    ("slowest_models", {"projects": ["Marketing"], "include_or_exclude": "exclude", "materialization": "view"}),
    ("failed_runs", {}),
    ("failed_runs", {"period": "yesterday", "order_by": "runtime", "job_type": ["ci", "scheduled"]}),
    ("list_jobs", {"order_by": "runtime", "projects": ["product growth"]}),
    ("list_models", {"order_by": "runtime", "group": ["billing"], "limit": 7}),
    ("list_models", {"package": ["growth", "finance"], "model_status": ["success", "error"]}),
    *SAMPLES.items(),
]
EVERY_CASE = pytest.mark.parametrize(("name", "arguments"), CASES, ids=[f"{n} {a}"[:60] for n, a in CASES])
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z")


def without_moment(report: Report) -> dict[str, Any]:
    return {key: value for key, value in report.to_json().items() if key != "as_of"}


def query_of(path: str) -> dict[str, Any]:
    """The arguments in a path's query, as a web server reads them: a lone value may be a list of one."""
    query = parse_qs(urlsplit(path).query, strict_parsing=True) if "?" in path else {}
    return {key: values if len(values) > 1 else values[0] for key, values in query.items()}


@EVERY_CASE
async def test_report_has_the_promised_shape(account: DbtAccount, name: str, arguments: dict[str, Any]) -> None:
    report = await account.arun_report(name, **arguments)
    whole = report.to_json()
    assert json.loads(json.dumps(whole)) == whole
    assert (report.name, report.title) == (name, find_report(name).title)
    assert whole["source"]["kind"] == "sandbox"
    assert INSTANT.fullmatch(whole["as_of"])
    assert report.total_rows >= len(report.rows) > 0
    assert len(report.rows) <= report.arguments.get("limit", len(report.rows))
    keys = [column.key for column in report.columns]
    assert len(set(keys)) == len(keys)
    for row in whole["rows"]:
        assert set(keys) <= set(row)
        assert all(isinstance(row[key], str) for key in row if key.endswith("_id"))
        for column in whole["columns"]:
            value = row[column["key"]]
            if column["type"] == "datetime" and value is not None:
                assert INSTANT.fullmatch(value)
            if column["type"] == "number":
                assert value is None or isinstance(value, int | float)
            if column["type"] == "text":
                assert value is None or isinstance(value, str)
    if report.chart:
        assert {report.chart.x, *report.chart.y} <= set(keys)
    if report.period:
        assert report.period.start < report.period.end


@EVERY_CASE
async def test_finding_is_one_sentence_and_reading_has_words(
    account: DbtAccount, name: str, arguments: dict[str, Any]
) -> None:
    report = await account.arun_report(name, **arguments)
    assert report.finding.endswith(".")
    assert report.finding.count("(") == report.finding.count(")")
    assert not re.search(r"\bNone\b(?! of)", report.finding)
    assert "  " not in report.finding
    assert all(each.label and each.value for each in report.reading)
    assert report.filter


@EVERY_CASE
async def test_arguments_given_back_mean_the_same_report(
    account: DbtAccount, name: str, arguments: dict[str, Any]
) -> None:
    report = await account.arun_report(name, **arguments)
    assert set(report.arguments) == set(find_report(name).arguments.model_fields) - {"refresh", "statistics"}
    again = await account.arun_report(name, **report.arguments)
    assert again.rows == report.rows
    assert (again.arguments, again.path, again.filter) == (report.arguments, report.path, report.filter)


@EVERY_CASE
async def test_path_given_back_means_the_same_report(account: DbtAccount, name: str, arguments: dict[str, Any]) -> None:
    report = await account.arun_report(name, **arguments)
    assert urlsplit(report.path).path == f"/reports/{name}"
    assert "refresh" not in report.path
    again = await account.arun_report(name, find_report(name).parse(query_of(report.path)))
    assert (again.rows, again.arguments, again.path) == (report.rows, report.arguments, report.path)


@EVERY_CASE
async def test_alternatives_are_reports_that_can_be_asked_for(
    account: DbtAccount, name: str, arguments: dict[str, Any]
) -> None:
    report = await account.arun_report(name, **arguments)
    for reading in report.reading:
        for other in reading.alternatives:
            again = await account.arun_report(name, **other.arguments)
            assert again.arguments != report.arguments, other.label
            assert again.name == name


@EVERY_CASE
async def test_names_come_back_as_ids(account: DbtAccount, name: str, arguments: dict[str, Any]) -> None:
    report = await account.arun_report(name, **arguments)
    for named, ids in (("projects", "project_ids"), ("jobs", "job_ids"), ("models", "model_ids")):
        if arguments.get(named):
            assert report.arguments[named] == []
            assert len(report.arguments[ids]) == (1 if isinstance(arguments[named], str) else len(arguments[named]))
    if arguments.get("projects") == ["marketing"]:
        assert report.arguments["project_ids"] == ["70403103920002"]
        assert "Marketing" in report.filter


@EVERY
async def test_the_same_question_again_sends_nothing_and_refresh_asks_again(
    world: sandbox.World, settings: Settings, name: str
) -> None:
    transport: Any = sandbox.transport(world)
    async with DbtAccount(transport=transport, settings=settings) as account:
        asked = sample(name, limit=3)
        first = await account.arun_report(name, **asked)
        sent = account.requests
        assert sent == len(transport.app.state.requests) > 0
        assert without_moment(await account.arun_report(name, **asked)) == without_moment(first)
        assert account.requests == sent
        again = await account.arun_report(name, **asked, refresh=True)
        assert account.requests > sent
        assert without_moment(again) == without_moment(first)


@EVERY
async def test_a_refresh_that_fails_shows_what_is_known_and_says_so(
    world: sandbox.World, settings: Settings, name: str
) -> None:
    faults = sandbox.Faults()
    async with DbtAccount(transport=sandbox.transport(world, faults=faults), settings=settings) as account:
        asked = sample(name, limit=3)
        fresh = await account.arun_report(name, **asked)
        assert not fresh.stale
        faults.add(sandbox.Fault(status=503, times=10_000))
        stale = await account.arun_report(name, **asked, refresh=True)
    assert stale.stale
    assert stale.rows == fresh.rows


@having("projects")
async def test_only_the_projects_in_view_count(account: DbtAccount, name: str) -> None:
    view = account.view(["70403103920001"])
    most = {"limit": 500} if "limit" in registry()[name].arguments.model_fields else {}
    inside = await view.arun_report(name, **most)
    named = await account.arun_report(name, **most, project_ids=["70403103920001"])
    assert inside.rows == named.rows
    assert {row.get("project_id", "70403103920001") for row in inside.rows} <= {"70403103920001"}
    with pytest.raises(NotFound) as raised:
        await view.arun_report(name, projects="Marketing")
    assert "Marketing" not in raised.value.near


@having("limit")
async def test_limit_never_changes_what_was_considered(account: DbtAccount, name: str) -> None:
    whole = await account.arun_report(name, **sample(name, limit=500))
    cut = await account.arun_report(name, **sample(name, limit=1))
    assert cut.rows == whole.rows[:1]
    assert (cut.total_rows, cut.coverage) == (whole.total_rows, whole.coverage)
    assert cut.coverage.complete


@EVERY
@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"order_by": "colour"}, "order_by"),
        ({"projekts": "x"}, "projekts"),
        ({"include_or_exclude": "maybe"}, "include_or_exclude"),
    ],
)
async def test_a_bad_argument_is_refused_by_its_name(
    account: DbtAccount, name: str, given: dict[str, Any], argument: str
) -> None:
    with pytest.raises(InvalidArgument, match=argument) as refused:
        await account.arun_report(name, **(SAMPLES[name] | given))
    assert refused.value.argument == argument
    assert account.requests == 0


@having("period")
async def test_a_bad_period_names_the_forms(account: DbtAccount, name: str) -> None:
    with pytest.raises(InvalidArgument, match=r"last_week.*2026-11-01") as refused:
        await account.arun_report(name, **sample(name, period="recently"))
    assert refused.value.argument == "period"
    assert "Value error" not in str(refused.value)


@having("min_runtime", "max_runtime")
async def test_bounds_in_the_wrong_order_name_a_bound(account: DbtAccount, name: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report(name, **sample(name, min_runtime=9, max_runtime=1))
    assert refused.value.argument in ("min_runtime", "max_runtime")


@having("projects")
async def test_an_unknown_project_is_not_found_and_near_names_are_given(account: DbtAccount, name: str) -> None:
    with pytest.raises(NotFound, match="Did you mean “Marketing”") as raised:
        await account.arun_report(name, **sample(name, projects=["Marketng"]))
    assert (raised.value.kind, raised.value.near) == ("project", ("Marketing",))


@having("environment")
async def test_an_unknown_environment_is_not_found(account: DbtAccount, name: str) -> None:
    with pytest.raises(NotFound) as raised:
        await account.arun_report(name, **sample(name, environment="Productoin"))
    assert "Production" in raised.value.near


@having("jobs")
async def test_a_job_name_that_two_carry_lists_both(name: str) -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1, name="Nightly"), job(2, name="nightly")]
    async with cloud.account() as account:
        subject = SAMPLES[name] if names_its_subject(name) else {}
        with pytest.raises(AmbiguousName) as raised:
            await account.arun_report(name, **subject, jobs="NIGHTLY")
        assert len(raised.value.candidates) == 2
        for candidate in raised.value.candidates if not subject else ():
            await account.arun_report(name, jobs=candidate)


@EVERY
async def test_an_empty_account_is_an_empty_report(name: str) -> None:
    cloud = TinyCloud()
    cloud.projects, cloud.environments, cloud.jobs = [], [], []
    async with cloud.account() as account:
        if names_its_subject(name):
            with pytest.raises(NotFound):
                await account.arun_report(name, **SAMPLES[name])
            return
        report = await account.arun_report(name)
    assert (report.rows, report.total_rows, report.coverage.considered) == ((), 0, 0)
    assert report.finding.startswith("No")
    assert report.source.kind == "dbt_cloud"


async def test_an_unknown_report_gives_those_that_are_near() -> None:
    with pytest.raises(NotFound) as raised:
        find_report("slowest_model")
    assert "slowest_models" in raised.value.near
    with pytest.raises(NotFound, match="longest_running_jobs"):
        find_report("weather")


@pytest.mark.parametrize("typed", ["Slowest Models", "slowest-models", " slowest_models "])
def test_a_report_is_found_however_its_name_is_written(typed: str) -> None:
    assert find_report(typed).name == "slowest_models"


@EVERY
def test_declaration_says_what_the_report_is(name: str) -> None:
    declared = registry()[name]
    assert declared.summary.endswith(".")
    assert "\n" not in declared.summary
    assert declared.description.startswith(declared.summary.split()[0])
    assert len(declared.summary) <= 100
    assert declared.examples
    assert all(field.description for field in declared.arguments.model_fields.values())
    json.dumps(declared.arguments.model_json_schema())


async def test_arguments_may_come_ready_made(account: DbtAccount) -> None:
    arguments = find_report("list_jobs").parse({"limit": 2})
    assert len((await account.arun_report("list_jobs", arguments)).rows) == 2
    with pytest.raises(InvalidArgument):
        await account.arun_report("list_models", arguments)


async def test_as_of_is_when_the_oldest_part_was_fetched() -> None:
    cloud = TinyCloud()
    async with cloud.account(fixed_now=None) as account:
        before = account.now()
        await account.aget_jobs()
        fetched = account.now()
        again = await account.arun_report("list_jobs")
        assert before <= again.as_of <= fetched
        assert (await account.arun_report("list_jobs", refresh=True)).as_of > fetched


async def test_a_key_is_of_one_kind_and_a_label_of_one_column(account: DbtAccount) -> None:
    kinds: dict[str, set[tuple[str, str | None]]] = {}
    for name in NAMES:
        report = await account.arun_report(name, **sample(name))
        labels = [column.label for column in report.columns]
        assert len(set(labels)) == len(labels), name
        for column in report.columns:
            kinds.setdefault(column.key, set()).add((column.type, column.unit))
    assert {key: found for key, found in kinds.items() if len(found) > 1} == {}


@EVERY
def test_a_report_can_be_part_of_a_question_that_is_shared(name: str) -> None:
    assert len({find_report(name), find_report(name)}) == 1
