"""What models are sent of the tools, and what they may answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.reports import registry
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_dbt_discovery import DbtDiscoveryToolkit, report_tool
from langchain_dbt_discovery.digest import MORE, arguments_for_models
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS
from pydantic import create_model

REPORTS = list(registry())
ALL_SCHEMAS = 16_000
TYPES = {"string", "integer", "number", "boolean", "array"}


@pytest.fixture
def tools(settings: Settings) -> Iterator[dict[str, BaseTool]]:
    """The tools for their schemas alone: their account is never asked."""
    silent = DbtAccount(transport=httpx.MockTransport(lambda request: httpx.Response(500)), settings=settings)
    yield {str((tool.metadata or {})["report"]): tool for tool in DbtDiscoveryToolkit(silent).get_tools()}
    silent.close()


def sent(tool: BaseTool) -> dict[str, Any]:
    return convert_to_openai_tool(tool)["function"]


def test_all_schemas_together_are_short(tools: dict[str, BaseTool]) -> None:
    sizes = {name: len(json.dumps(convert_to_openai_tool(tool))) for name, tool in tools.items()}
    assert len(json.dumps([convert_to_openai_tool(tool) for tool in tools.values()])) <= ALL_SCHEMAS, sizes


@pytest.mark.parametrize("name", REPORTS)
def test_a_tool_is_described_by_its_summary(tools: dict[str, BaseTool], name: str) -> None:
    assert sent(tools[name])["description"] == registry()[name].summary
    assert len(registry()[name].summary) <= 100


@pytest.mark.parametrize("name", REPORTS)
def test_a_schema_has_nothing_that_a_provider_refuses(tools: dict[str, BaseTool], name: str) -> None:
    parameters = sent(tools[name])["parameters"]
    assert set(parameters) == {"type", "properties"}
    assert parameters["properties"]
    for schema in parameters["properties"].values():
        assert set(schema) <= {"type", "enum", "items", "description"}
        assert schema["type"] in TYPES
        assert ("items" in schema) == (schema["type"] == "array")
        items = schema.get("items", {"type": "string"})
        assert set(items) <= {"type", "enum"}
        assert items["type"] in TYPES - {"array"}


@pytest.mark.parametrize("name", REPORTS)
def test_every_argument_is_told_once_or_said_by_another(tools: dict[str, BaseTool], name: str) -> None:
    properties = sent(tools[name])["parameters"]["properties"]
    listed = properties.get(MORE, {"description": ": "})["description"].partition(": ")[2].split(", ")
    aside = {each.partition(" ")[0] for each in listed if each}
    own = set(properties) - {MORE}
    arguments = set(registry()[name].arguments.model_fields)
    assert not own & aside
    assert own | aside | {"project_ids", "job_ids", "model_ids", "refresh", "statistics"} >= arguments >= own | aside


@pytest.mark.parametrize("name", REPORTS)
def test_every_way_to_read_a_tools_schema_gives_the_same(tools: dict[str, BaseTool], name: str) -> None:
    tool = tools[name]
    properties = sent(tool)["parameters"]["properties"]
    schemas = (tool.args_schema, tool.tool_call_schema, tool.get_input_schema())
    assert all(schema.model_json_schema()["properties"] == properties for schema in schemas)  # type: ignore[union-attr]
    assert tool.args == properties


@pytest.mark.parametrize("name", REPORTS)
def test_the_class_of_a_tools_arguments_is_the_reports_with_more(tools: dict[str, BaseTool], name: str) -> None:
    declared = registry()[name].arguments
    taken = arguments_for_models(declared)
    assert issubclass(taken, declared)
    assert tools[name].args_schema is taken
    assert set(taken.model_fields) - {MORE} == set(declared.model_fields)


def test_main_arguments_stand_by_themselves_and_rarer_ones_in_a_list(tools: dict[str, BaseTool]) -> None:
    properties = sent(tools["longest_running_jobs"])["parameters"]["properties"]

    assert {"projects", "period", "limit", "order_by", "last_n_runs"} <= set(properties)
    assert properties["projects"] == {"type": "array", "items": {"type": "string"}}
    assert properties["order_by"] == {"type": "string", "enum": ["avg", "median", "max", "p95", "total"]}
    assert "last_week" in properties["period"]["description"]
    assert "min_runtime (s)" in properties[MORE]["description"]
    assert not {"tags", "project_ids", "statistics"} & set(properties)


def test_a_report_may_tell_what_it_takes_over_in_its_own_way(tools: dict[str, BaseTool]) -> None:
    freshness, health = (sent(tools[name])["parameters"]["properties"] for name in ("source_freshness", "model_health"))

    assert freshness["model"] == {"type": "string", "description": "Only the sources upstream of it."}
    assert health["model"] == {"type": "string"}


def test_jobs_stand_by_themselves_where_jobs_are_what_is_mostly_asked_about(tools: dict[str, BaseTool]) -> None:
    own = {name for name, tool in tools.items() if "jobs" in sent(tool)["parameters"]["properties"]}

    assert {"failed_runs", "job_reliability", "list_runs", "longest_running_jobs", "queue_times"} <= own
    assert not {"runtime_trend", "test_coverage"} & own


TAKEN = [
    ("tags=finance&tags=pii&min_runtime=60", {"tags": ("finance", "pii"), "min_runtime": 60.0}),
    ("?tags=finance&", {"tags": ("finance",)}),
    ("tags=finance, materialization=table; group=R&D", {"materialization": ("table",), "group": ("R&D",)}),
    ("group=data+platform&package=a%26b", {"group": ("data platform",), "package": ("a&b",)}),
    ('{"tags": ["finance"], "max_runtime": 5}', {"tags": ("finance",), "max_runtime": 5.0}),
    ({"tags": "finance", "limit": 3}, {"tags": ("finance",), "limit": 3}),
    (["tags=finance", "order_by=runtime"], {"tags": ("finance",), "order_by": "runtime"}),
    ("tags=finance,pii&materialization=table", {"tags": ("finance", "pii"), "materialization": ("table",)}),
    ('tags=["finance", "pii"]', {"tags": ("finance", "pii")}),
    ("", {"tags": ()}),
    (None, {"tags": ()}),
    ("null", {"tags": ()}),
    ("None", {"tags": ()}),
    ([], {"tags": ()}),
]


@pytest.mark.parametrize(("more", "expected"), TAKEN)
def test_more_is_understood_however_a_model_writes_it(more: Any, expected: dict[str, Any]) -> None:
    taken = arguments_for_models(registry()["list_models"].arguments).model_validate({MORE: more})

    assert {name: getattr(taken, name) for name in expected} == expected


def test_what_more_says_counts_where_a_door_filled_in_defaults() -> None:
    """An MCP server made of the tool sends every argument, those that nobody gave at their default."""
    kind = arguments_for_models(registry()["list_models"].arguments)
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in kind.model_fields.items()}
    filled = create_model("Arguments", **fields)(projects="marketing", more="tags=daily&limit=2")
    everything = {name: getattr(filled, name) for name in fields}

    taken = kind.model_validate(everything)

    assert (taken.projects, taken.tags, taken.limit) == (("marketing",), ("daily",), 2)  # type: ignore[attr-defined]


def test_arguments_given_by_themselves_and_lone_values_are_taken(account: DbtAccount) -> None:
    kind = arguments_for_models(registry()["list_models"].arguments)

    taken = kind.model_validate({"tags": "finance", "project_ids": 7, "refresh": True})

    assert (taken.tags, taken.project_ids, taken.refresh) == (("finance",), ("7",), True)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("nothing", [None, "", " ", [], [""], [None, ""]])
def test_what_a_model_leaves_empty_is_not_given(name: str, nothing: Any) -> None:
    """OpenAI's strict mode has a model fill every argument, and what it does not mean is null or empty then."""
    declared, sample = registry()[name].arguments, dict(registry()[name].sample)
    filled = dict.fromkeys([*declared.model_fields, MORE], nothing) | sample

    taken = arguments_for_models(declared).model_validate(filled)

    assert taken.canonical() == declared.model_validate(sample).canonical()


def test_what_is_empty_in_a_list_is_left_away() -> None:
    taken = arguments_for_models(registry()["list_models"].arguments).model_validate({"tags": ["finance", "", None]})

    assert taken.tags == ("finance",)  # type: ignore[attr-defined]


async def test_a_tool_answers_more_as_it_answers_the_arguments(account: DbtAccount) -> None:
    tool = report_tool(registry()["list_models"], account)

    asked = {"projects": ["Finance Analytics"], MORE: "tags=finance&materialization=incremental"}
    message = await tool.ainvoke({"type": "tool_call", "id": "1", "name": tool.name, "args": asked})
    filters = {"projects": "Finance Analytics", "tags": "finance", "materialization": "incremental"}
    report = await account.arun_report("list_models", **filters)

    assert message.artifact == report.to_json()
    assert report.total_rows > 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("colour=red", ["colour is not an argument", "materialization"]),
        ("tagz=red", ["tagz is not an argument", "did you mean tags?"]),
        ("finance", ["more takes a query such as tags=finance", "“finance”"]),
        ("{tags", ["more takes a query", "“{tags”"]),
        (5, ["more takes a query", "“5”"]),
        ("model_status=fine", ["model_status", "success"]),
        ("limit=1&limit=2", ["limit takes a whole number from 1 to 500"]),
    ],
)
async def test_what_is_wrong_in_more_is_named(account: DbtAccount, more: Any, told: list[str]) -> None:
    tool = report_tool(registry()["list_models"], account)

    message = await tool.ainvoke({"type": "tool_call", "id": "1", "name": tool.name, "args": {MORE: more}})

    assert message.status == "error"
    assert message.text.startswith(CHANGE_ARGUMENTS)
    assert all(words in message.text for words in told), message.text
