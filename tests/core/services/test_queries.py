"""Every query is one that dbt Cloud's published schema knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.models import _HISTORIES, _history
from dbt_discovery.services.operation import DiscoveryOperation, Operation, fragment, query_text
from dbt_discovery.services.parsing import parse_run
from dbt_discovery.services.result_queries import (
    MODEL_OF_RUNS,
    NODE_LISTS,
    RESULTS,
    RUNTIMES,
    TIMED_LISTS,
    NodeList,
    Place,
    latest_models,
    latest_models_of_jobs,
    model_of_run,
    page_of_list,
    pages_of_lists,
    runtimes_of_run,
    runtimes_of_runs,
)
from graphql import GraphQLSchema, build_schema, parse, validate

from tests.core.tiny import run

REFERENCE = os.environ.get("DBT_DISCOVERY_REFERENCE", "")
QUERIES = sorted(
    file.name.removesuffix(".graphql")
    for file in (files("dbt_discovery.services") / "queries").iterdir()
    if file.name.endswith(".graphql")
)
pytestmark = pytest.mark.skipif(not REFERENCE, reason="DBT_DISCOVERY_REFERENCE names no folder with the schema")


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((Path(REFERENCE) / "discovery.graphql").read_text(encoding="utf-8"))


def test_there_are_queries() -> None:
    assert "models" in QUERIES


@pytest.mark.parametrize("name", QUERIES)
def test_query_is_known_to_the_published_schema(name: str, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(query_text(name))) == []


@pytest.mark.parametrize("name", QUERIES)
def test_ids_are_big_integers(name: str) -> None:
    """Ids have fourteen digits on newer accounts: `Int` overflows."""
    assert "Id: Int" not in query_text(name)


def assert_is_valid(whole: DiscoveryOperation[Any], wanted: Sequence[Operation[Any]], schema: GraphQLSchema) -> None:
    """One query that asks everything wanted, and declares just the variables that it uses."""
    document = parse(whole.document)
    assert validate(schema, document) == []
    given = dict(whole.variables)
    assert {value for each in wanted for _, value in each.variables if value is not None} == set(given.values())
    declared = {variable.variable.name.value for variable in document.definitions[0].variable_definitions}  # type: ignore[attr-defined]
    assert set(given) <= declared
    assert {name.rstrip("0123456789") for name in declared - set(given)} <= {"after"}
    assert len(whole.aliases) == len(wanted)


@pytest.mark.parametrize("count", [1, 2, 20])
def test_histories_of_several_models_are_one_valid_query(count: int, schema: GraphQLSchema) -> None:
    wanted = [_history("70403103936332", f"model.shop.m{n}", 20) for n in range(count)]
    whole = _HISTORIES.query(wanted)
    assert_is_valid(whole, wanted, schema)
    assert dict(whole.variables)["environmentId"] == 70403103936332


RUNS = [
    parse_run(run(n, "2026-11-17 08:00", "2026-11-17 08:30", job_id=70403103936332), lambda *ids: "") for n in range(20)
]


@pytest.mark.parametrize("count", [1, 2, 20])
@pytest.mark.parametrize(
    ("one", "several"),
    [
        *(
            (lambda run, nodes=nodes: runtimes_of_run(run, nodes), runtimes_of_runs(nodes, cursors=cursors))
            for nodes in RUNTIMES.values()
            for cursors in (False, True)
        ),
        (lambda run: latest_models(run.run_id), latest_models_of_jobs(cursors=False)),
        (lambda run: latest_models(run.run_id), latest_models_of_jobs(cursors=True)),
        (lambda run: model_of_run("model.shop.orders", run), MODEL_OF_RUNS),
    ],
    ids=[
        *("runtimes of models", "of models with cursors", "runtimes of tests", "of tests with cursors"),
        *("latest models", "latest models with cursors", "one model"),
    ],
)
def test_several_questions_about_results_are_one_valid_query(
    count: int, one: Callable[..., Any], several: AliasedField, schema: GraphQLSchema
) -> None:
    wanted = [one(run) for run in RUNS[:count]]
    assert_is_valid(several.query(wanted), wanted, schema)


@pytest.mark.parametrize(
    "nodes", [*RUNTIMES.values(), RESULTS, *NODE_LISTS, *TIMED_LISTS], ids=lambda nodes: nodes.fragment
)
def test_pages_of_every_list_are_asked_for_with_a_valid_query(nodes: NodeList, schema: GraphQLSchema) -> None:
    cursors = [None, "a", "b"]
    wanted = [page_of_list(nodes, Place.of(run), after) for run, after in zip(RUNS, cursors, strict=False)]
    whole = pages_of_lists(nodes).query(wanted)
    assert_is_valid(whole, wanted, schema)
    assert {name: value for name, value in whole.variables if "after" in name} == {"after1": "a", "after2": "b"}


def test_a_fragment_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"job_models\.graphql has no fragment Nothing"):
        fragment("job_models", "Nothing")
