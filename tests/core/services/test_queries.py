"""Every query is one that dbt Cloud's published schema knows."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import pytest
from dbt_discovery.services.models import _histories, _history, _models_of_run, _models_of_runs
from dbt_discovery.services.operation import DiscoveryOperation, query_text
from dbt_discovery.services.parsing import parse_run
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


@pytest.mark.parametrize("count", [1, 2, 20])
def test_histories_of_several_models_are_one_valid_query(count: int, schema: GraphQLSchema) -> None:
    wanted = [_history("70403103936332", f"model.shop.m{n}", 20) for n in range(count)]
    whole = _histories(wanted)
    assert isinstance(whole, DiscoveryOperation)
    document = parse(whole.document)
    assert validate(schema, document) == []
    given = dict(whole.variables)
    assert given["environmentId"] == 70403103936332
    assert {f"model.shop.m{n}" for n in range(count)} <= set(given.values())
    declared = {variable.variable.name.value for variable in document.definitions[0].variable_definitions}  # type: ignore[attr-defined]
    assert declared == set(given)


def test_the_query_for_one_history_and_for_several_read_the_same_fields(schema: GraphQLSchema) -> None:
    one, several = query_text("model_history"), _histories([_history("1", "model.a.b", 5)])
    assert isinstance(several, DiscoveryOperation)
    assert one.partition("fragment")[2].split() == several.document.partition("fragment")[2].split()


@pytest.mark.parametrize("count", [1, 2, 20])
def test_models_of_several_runs_are_one_valid_query(count: int, schema: GraphQLSchema) -> None:
    rows = [run(n, "2026-11-17 08:00", "2026-11-17 08:30", job_id=70403103936332) for n in range(count)]
    whole = _models_of_runs([_models_of_run(parse_run(row, lambda *ids: "")) for row in rows])
    assert isinstance(whole, DiscoveryOperation)
    document = parse(whole.document)
    assert validate(schema, document) == []
    given = dict(whole.variables)
    assert set(range(count)) | {70403103936332} == set(given.values())
    declared = {variable.variable.name.value for variable in document.definitions[0].variable_definitions}  # type: ignore[attr-defined]
    assert declared == set(given)
