"""One odd number, date or name in a file costs that value or that file, never the world."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dbt_cloud_sandbox import artifacts_world

from .conftest import connect
from .trees import BEGIN, manifest, model, result, run_results, success, write

A, B = model("a"), model("b")
MODELS = """query($id: BigInt!) { environment(id: $id) { applied { models(first: 10) { edges { node {
    uniqueId executionInfo { executionTime } } } } } } }"""


def raw(folder: Path, body: dict[str, Any], **numbers: str) -> None:
    """Writes a file of run results in which texts such as "@huge" stand for numbers that Python would not write."""
    written = json.dumps(body)
    for name, number in numbers.items():
        written = written.replace(f'"@{name}"', number)
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("run_results.json").write_text(written)


@pytest.mark.parametrize("elapsed", ["1e15", "1e308", "NaN", "Infinity", "-5", "9" * 400])
def test_a_run_whose_duration_cannot_be_begins_with_its_first_node(tmp_path: Path, elapsed: str) -> None:
    write(tmp_path, manifest([A]), run_results([success(A, 3)], invocation="good"))
    odd = run_results([success(A, 3, at=200)], invocation="odd", at=210)
    raw(tmp_path / "odd", odd | {"elapsed_time": "@odd"}, odd=elapsed)
    world = artifacts_world(tmp_path)
    good, bad = sorted(world.runs(), key=lambda run: run.started_at or BEGIN)
    assert good.finished_at == BEGIN + timedelta(seconds=60)
    assert (bad.started_at, bad.finished_at) == (BEGIN + timedelta(seconds=200), BEGIN + timedelta(seconds=210))
    assert world.warnings == ("odd/run_results.json: its elapsed_time cannot be; the run begins with its first node.",)


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00", "yesterday"])
def test_a_file_written_when_no_dbt_was_is_named_and_skipped(tmp_path: Path, when: str) -> None:
    write(tmp_path, manifest([A]), run_results([success(A, 3)], invocation="good"))
    odd = run_results([success(A, 3)], invocation="odd")
    odd["metadata"]["generated_at"] = when
    write(tmp_path / "odd", odd)
    world = artifacts_world(tmp_path)
    assert len(world.runs()) == 1
    assert world.warnings == (f"odd/run_results.json: skipped, it cannot have been written at “{when}”.",)


@pytest.mark.parametrize("taken", ["NaN", "Infinity", "-1", "1e300", "9" * 400])
async def test_an_execution_time_that_cannot_be_is_no_time(tmp_path: Path, taken: str) -> None:
    write(tmp_path, manifest([A, B]))
    raw(tmp_path, run_results([result(A, "success", 3, execution_time="@odd"), success(B, 4)]), odd=taken)
    world = artifacts_world(tmp_path)
    (run,) = world.runs()
    assert [found.execution_time for found in world.results(run.id)] == [None, 4.0]
    assert world.warnings == (
        "run_results.json: 1 of its results have an execution_time that cannot be; they count as without.",
    )
    client = connect(world)
    async with client.http:
        body = await client.data(MODELS, id=world.environments()[0].id)
    nodes = [edge["node"] for edge in body["environment"]["applied"]["models"]["edges"]]
    assert {node["uniqueId"]: node["executionInfo"]["executionTime"] for node in nodes} == {A: None, B: 4.0}


def test_a_node_that_ran_in_year_one_does_not_make_its_run_last_two_thousand(tmp_path: Path) -> None:
    body = run_results([success(A, 3, at=20)], at=60, elapsed=50)
    for part, year in zip(body["results"][0]["timing"], ("0001", "1970"), strict=True):
        part["started_at"] = part["completed_at"] = f"{year}-01-01T00:00:00Z"
    (run,) = artifacts_world(write(tmp_path, manifest([A]), body)).runs()
    assert (run.started_at, run.finished_at) == (BEGIN + timedelta(seconds=10), BEGIN + timedelta(seconds=60))


@pytest.mark.parametrize("manifests", [True, False])
def test_names_that_are_no_unique_ids_are_named_and_left_out(tmp_path: Path, manifests: bool) -> None:
    odd = ["model", "model.shop", "model..", ".shop.a"]
    entries = [{**success(A, 1), "unique_id": name} for name in odd]
    write(tmp_path, run_results([success(A, 1), *entries]))
    if manifests:
        write(tmp_path, manifest([A], nodes={"model.shop": {"resource_type": "model"}}))
    world = artifacts_world(tmp_path)
    (run,) = world.runs()
    assert [found.unique_id for found in world.results(run.id)] == [A]
    assert [node.unique_id for node in world.nodes(world.environments()[0].id)] == [A]
    assert (
        "run_results.json: 4 of its results have no proper unique_id or no status (“.shop.a”, “model”, “model..”, "
        "“model.shop”); they are left out."
    ) in world.warnings
    told = "manifest.json: 'model.shop' cannot be a unique_id; such nodes are left out."
    assert (told in world.warnings) is manifests


def test_a_target_folder_as_dbt_leaves_it_is_read_quietly(tmp_path: Path) -> None:
    write(tmp_path, manifest([A, B]), run_results([success(A, 3), success(B, 4)]))
    for name in ("graph.gpickle", "partial_parse.msgpack", "perf_info.json", "graph_summary.json"):
        tmp_path.joinpath(name).write_bytes(b"\x80\x04")
    tmp_path.joinpath("semantic_manifest.json").write_text('{"semantic_models": []}')
    for folder in ("compiled/shop/models/marts", "run/shop/models/marts"):
        tmp_path.joinpath(folder, "manifest.json").mkdir(
            parents=True
        )  # a model's tests lie in a folder of its file's name
        tmp_path.joinpath(folder, "a.sql").write_text("select 1")
    world = artifacts_world(tmp_path)
    assert len(world.runs()) == 1
    assert world.warnings == ()


def test_a_large_folder_is_told_in_one_line_with_its_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, manifest([A]))
    for place in range(1200):
        write(tmp_path / f"{place:04}", run_results([success(A, 1)], invocation=str(place), at=60 + place))
    with caplog.at_level(logging.INFO, "dbt_cloud_sandbox"):
        artifacts_world(tmp_path)
    (line,) = caplog.messages
    assert line.startswith(f"Read 1,200 runs of dbt from {tmp_path} in ")
