"""The artifacts world on small trees of several dbt versions, whole and broken."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dbt_cloud_sandbox import ArtifactsError, World, artifacts_world
from dbt_cloud_sandbox.artifacts import reader

from .conftest import Client, connect
from .trees import BEGIN, SCHEMAS, errored, manifest, metadata, model, node, result, run_results, stamp, success, write

A, B, C = model("a"), model("b"), model("c")


def sources(results: list[dict[str, Any]], invocation: str, at: float = 5) -> dict[str, Any]:
    return {"metadata": metadata("sources/v3", invocation, at, "1.11.0"), "results": results, "elapsed_time": 2}


def catalog(ids: list[str], invocation: str, at: float = 5) -> dict[str, Any]:
    entry = {
        "metadata": {"type": "BASE TABLE", "owner": "loader", "comment": None},
        "columns": {"id": {"name": "id", "type": "BIGINT", "index": 1}},
        "stats": {
            "num_rows": {"id": "num_rows", "label": "# Rows", "value": 12.0, "include": True},
            "has_stats": {"id": "has_stats", "label": "Has Stats?", "value": True, "include": False},
        },
    }
    body = {"nodes": {uid: {**entry, "unique_id": uid} for uid in ids}, "sources": {}}
    return {"metadata": metadata("catalog/v1", invocation, at, "1.11.0"), **body}


def test_a_folder_that_holds_the_files_itself_is_a_world(tmp_path: Path) -> None:
    world = artifacts_world(write(tmp_path, manifest([A, B]), run_results([success(A, 3), success(B, 4)])))
    assert world.kind == "artifacts"
    assert world.label == "Artifacts of shop"
    assert world.warnings == ()
    assert [project.name for project in world.projects()] == ["shop"]
    assert [(e.name, e.deployment_type) for e in world.environments()] == [("default", "production")]
    assert [job.name for job in world.jobs()] == ["dbt build"]
    (run,) = world.runs()
    assert (run.status, run.git_sha, run.job_id) == (10, None, world.jobs()[0].id)
    assert [(r.unique_id, r.execution_time) for r in world.results(run.id)] == [(A, 3.0), (B, 4.0)]


def test_a_run_lasts_its_elapsed_time_until_its_file_was_written(tmp_path: Path) -> None:
    write(tmp_path, manifest([A]), run_results([success(A, 3, at=15)], at=60, elapsed=50))
    (run,) = artifacts_world(tmp_path).runs()
    assert (run.started_at, run.finished_at) == (BEGIN + timedelta(seconds=10), BEGIN + timedelta(seconds=60))


def test_without_an_elapsed_time_a_run_starts_with_its_first_node(tmp_path: Path) -> None:
    body = run_results([success(A, 3, at=15), success(B, 3, at=12)], at=60)
    del body["elapsed_time"]
    (run,) = artifacts_world(write(tmp_path, manifest([A]), body)).runs()
    assert run.started_at == BEGIN + timedelta(seconds=12)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["success", "skipped"], 10),
        (["success", "error"], 20),
        (["pass", "fail"], 20),
        (["warn", "pass", "reused"], 10),
        (["runtime error"], 20),
    ],
)
def test_a_run_fails_when_a_node_or_a_test_does(tmp_path: Path, statuses: list[str], expected: int) -> None:
    results = [result(model(f"m{place}"), status, 1) for place, status in enumerate(statuses)]
    (run,) = artifacts_world(write(tmp_path, manifest([A]), run_results(results))).runs()
    assert run.status == expected


def test_the_same_command_is_the_same_job_and_the_folder_names_the_run_only(tmp_path: Path) -> None:
    write(tmp_path, manifest([A]))
    commands = [
        'dbt build --vars {"a": 1, "b": {"c": 2}} --project-dir /x --threads 4',
        "dbt build --profiles-dir=/home/me --target dev --log-path logs --no-partial-parse",
        "dbt --quiet build -s tag:x",
        "dbt build --models tag:x -t prod",
        "dbt build --select tag:x --exclude a --full-refresh",
        "/usr/bin/pytest tests",
    ]
    for place, command in enumerate(commands):
        body = run_results([success(A, 1, at=30)], invocation=f"i{place}", at=60 + place, invocation_command=command)
        write(tmp_path / f"2026-05-{place}", body)
    world = artifacts_world(tmp_path)
    names = {job.id: job.name for job in world.jobs()}
    ordered = sorted(world.runs(), key=lambda run: run.started_at or BEGIN)
    assert [names[run.job_id] for run in ordered] == [
        "dbt build",
        "dbt build",
        "dbt build --select tag:x",
        "dbt build --select tag:x",
        "dbt build --select tag:x --exclude a --full-refresh",
        "dbt build",
    ]
    assert len(names) == 3
    assert ordered[2].cause == "Files in 2026-05-2"


def test_a_command_that_was_not_noted_is_rebuilt_from_dbts_arguments(tmp_path: Path) -> None:
    arguments: list[dict[str, Any]] = [
        {"which": "run", "select": ["tag:x", "b"], "exclude": ["c"], "full_refresh": True},
        {"which": "freshness"},
        {"which": "seed", "models": "a", "selector": "nightly"},
    ]
    write(tmp_path, manifest([A]))
    for place, told in enumerate(arguments):
        write(tmp_path / str(place), run_results([success(A, 1)], invocation=str(place)) | {"args": told})
    assert sorted(job.name for job in artifacts_world(tmp_path).jobs()) == [
        "dbt run --select tag:x b --exclude c --full-refresh",
        "dbt seed --select a --selector nightly",
        "dbt source freshness",
    ]


def test_targets_are_environments_and_the_one_called_prod_is_production(tmp_path: Path) -> None:
    write(tmp_path, manifest([A]))
    for place, target in enumerate(["dev", "dev", "prod", "staging"]):
        write(tmp_path / str(place), run_results([success(A, 1)], invocation=str(place), target=target))
    world = artifacts_world(tmp_path)
    kinds = {environment.name: environment.deployment_type for environment in world.environments()}
    assert kinds == {"dev": None, "prod": "production", "staging": "staging"}
    homes = {environment.id: environment.name for environment in world.environments()}
    assert sorted(homes[run.environment_id] for run in world.runs()) == ["dev", "dev", "prod", "staging"]
    for run in world.runs():
        assert next(job for job in world.jobs() if job.id == run.job_id).environment_id == run.environment_id


def test_files_of_one_invocation_are_one_run(tmp_path: Path) -> None:
    write(tmp_path, manifest([A]), run_results([success(A, 1)], invocation="one", which="generate"))
    write(tmp_path, catalog([A], "one"))
    world = artifacts_world(tmp_path)
    (run,) = world.runs()
    assert run.has_docs_generated
    assert world.jobs()[0].name == "dbt docs generate"
    assert world.artifact_paths(run) == ["catalog.json", "manifest.json", "run_results.json"]
    body = world.artifact(run, "catalog.json")
    assert body is not None
    assert json.loads(body) == catalog([A], "one")
    home = world.environments()[0].id
    assert world.catalog(home)[A].stats == (("num_rows", "# Rows", 12.0),)


def test_a_docs_run_builds_nothing(tmp_path: Path) -> None:
    write(tmp_path, manifest([A]), run_results([success(A, 0.000013)], which="generate"))
    world = artifacts_world(tmp_path)
    assert world.results(world.runs()[0].id) == ()
    assert world.selected(world.jobs()[0].id) == {A}


def test_freshness_comes_from_sources_files(tmp_path: Path) -> None:
    stale: dict[str, Any] = {"unique_id": "source.shop.raw.orders", "status": "error", "max_loaded_at": stamp(-7200)}
    stale |= {"snapshotted_at": stamp(0), "max_loaded_at_time_ago_in_s": 7200.0}
    broken = {"unique_id": "source.shop.raw.items", "status": "runtime error", "error": "no such table"}
    criteria = {"warn_after": {"count": 1, "period": "hour"}, "error_after": {"count": None, "period": None}}
    source = node("source.shop.raw.orders", source_name="raw", identifier="orders", freshness=criteria)
    tree = manifest([A]) | {"sources": {"source.shop.raw.orders": source}}
    write(tmp_path, tree, sources([stale, broken], "fresh"))
    write(tmp_path / "later", run_results([success(A, 1)], target="prod"))
    world = artifacts_world(tmp_path)
    assert [environment.name for environment in world.environments()] == ["prod"]  # the only target there is
    run = next(run for run in world.runs() if run.has_sources_generated)
    assert run.status == 20
    assert [(f.status, f.age, f.error) for f in world.freshness(run.id)] == [
        ("error", 7200.0, None),
        ("runtime error", None, "no such table"),
    ]
    nodes = {found.unique_id: found for found in world.nodes(world.environments()[0].id)}
    assert nodes["source.shop.raw.orders"].freshness == {"warn_after": (1, "hour")}


def test_a_run_uses_its_own_manifest_else_the_nearest_above(tmp_path: Path) -> None:
    write(tmp_path, manifest([A], project="outer"))
    write(tmp_path / "x", manifest([A], project="inner"))
    write(tmp_path / "x" / "y" / "z", run_results([success(A, 1)], invocation="1"))
    write(tmp_path / "w", run_results([success(A, 1)], invocation="2"))
    world = artifacts_world(tmp_path)
    names = {project.id: project.name for project in world.projects()}
    assert {run.cause: names[run.project_id] for run in world.runs()} == {
        "Files in x/y/z": "inner",
        "Files in w": "outer",
    }
    assert world.label == "Artifacts of inner, outer"


def test_dbt_1_4_is_understood(tmp_path: Path) -> None:
    test = node("test.shop.unique_a_id.abc", file_key_name="models.a", column_name="id")
    test |= {"test_metadata": {"name": "unique", "kwargs": {"column_name": "id"}, "namespace": None}}
    test |= {"depends_on": {"nodes": [A, B]}}
    tree = manifest(
        [A, B, model("p", "package")], schema="manifest/v8", project=None, nodes={"test.shop.unique_a_id.abc": test}
    )
    body = run_results([errored(A, 9.39, "Database Error")], schema="run-results/v4", version="1.4.3")
    world = artifacts_world(write(tmp_path, tree, body))
    assert world.label == "Artifacts of shop"
    nodes = {found.unique_id: found for found in world.nodes(world.environments()[0].id)}
    assert nodes["test.shop.unique_a_id.abc"].tested_node == A
    (failed,) = world.results(world.runs()[0].id)
    assert (failed.execution_time, failed.execute_started_at, failed.error) == (9.39, None, "Database Error")


def test_dbt_2_is_understood(tmp_path: Path) -> None:
    body = run_results([success(A, 1)], version="2.0.0-beta.2")
    body["metadata"]["generated_at"] = "2026-08-20T13:47:12.269157511Z"
    body["results"][0]["timing"][0]["started_at"] = "2026-08-20T13:47:11.269157511Z"
    world = artifacts_world(write(tmp_path, manifest([A], schema="manifest/v20"), body))
    (run,) = world.runs()
    assert run.dbt_version == "2.0.0-beta.2"
    assert str(run.finished_at) == "2026-08-20 13:47:12.269157+00:00"


def test_owners_come_from_groups_and_meta(tmp_path: Path) -> None:
    groups = {"group.shop.g": {"name": "g", "owner": {"name": "Team G", "email": ["g@example.com"]}}}
    tree = manifest([], nodes={A: node(A, group="g"), B: node(B, meta={"owner": "Bea"}), C: node(C)}, groups=groups)
    world = artifacts_world(write(tmp_path, tree, run_results([success(A, 1)])))
    told = {found.name: (found.owner, found.owner_email) for found in world.nodes(world.environments()[0].id)}
    assert told == {"a": ("Team G", "g@example.com"), "b": ("Bea", None), "c": (None, None)}


BROKEN: dict[str, tuple[bytes, str]] = {
    "truncated": (b'{"metadata": {"dbt_sch', "not valid JSON"),
    "empty": (b"", "not valid JSON"),
    "not UTF-8": (b'{"metadata": "\xff\xfe"}', "not valid JSON"),
    "deeply nested": (b"[" * 100_000, "not valid JSON"),
    "a list": (b"[]", "holds a list"),
    "no metadata": (b'{"results": []}', "no metadata"),
    "another schema": (json.dumps(manifest([A])).encode(), "its schema is"),
    "no schema": (b'{"metadata": {}, "results": []}', "not named"),
    "too old": (json.dumps(run_results([], schema="run-results/v3")).encode(), "before 1.4"),
    "no results": (json.dumps(run_results([]) | {"results": None}).encode(), "results are missing"),
    "no time": (
        json.dumps({"metadata": {"dbt_schema_version": f"{SCHEMAS}/run-results/v6.json"}, "results": []}).encode(),
        "when it was written",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_and_nothing_else_is_lost(tmp_path: Path, case: str) -> None:
    content, reason = BROKEN[case]
    write(tmp_path, manifest([A]))
    write(tmp_path / "bad").joinpath("run_results.json").write_bytes(content)
    write(tmp_path / "good", run_results([success(A, 1)]))
    world = artifacts_world(tmp_path)
    assert len(world.runs()) == 1
    (warning,) = world.warnings
    assert warning.startswith("bad/run_results.json: ")
    assert reason in warning


def test_too_large_a_file_is_named_and_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, manifest([A]), run_results([success(A, 1)]))
    write(tmp_path / "large", run_results([success(A, 1)] * 50, invocation="large"))
    monkeypatch.setattr(reader, "MAX_BYTES", 5_000)
    world = artifacts_world(tmp_path)
    assert len(world.runs()) == 1
    assert "large/run_results.json: skipped, it has" in world.warnings[0]


def test_results_without_an_id_are_left_out_and_counted(tmp_path: Path) -> None:
    body = run_results([success(A, 1), {"status": "success"}, "text", {"unique_id": B}])  # type: ignore[list-item]
    world = artifacts_world(write(tmp_path, manifest([A]), body))
    assert [found.unique_id for found in world.results(world.runs()[0].id)] == [A]
    assert world.warnings == (
        "run_results.json: 3 of its results have no proper unique_id or no status; they are left out.",
    )


def test_a_run_survives_a_broken_manifest(tmp_path: Path) -> None:
    write(tmp_path, run_results([success(A, 1), success(model("x", "package"), 1), success(B, 2)]))
    tmp_path.joinpath("manifest.json").write_text("{")
    world = artifacts_world(tmp_path)
    assert world.label == "Artifacts of shop"
    assert len(world.results(world.runs()[0].id)) == 3
    assert [found.name for found in world.nodes(world.environments()[0].id)] == ["x", "a", "b"]
    assert len(world.warnings) == 2


def test_a_copied_run_counts_once(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(tmp_path / folder, manifest([A]), run_results([success(A, 1)]))
    world = artifacts_world(tmp_path)
    assert len(world.runs()) == 1
    assert world.warnings == ("b/run_results.json: skipped, a/run_results.json is of the same dbt invocation.",)


def test_hidden_folders_packages_and_loops_of_links_are_passed_by(tmp_path: Path) -> None:
    write(tmp_path, manifest([A]), run_results([success(A, 1)]))
    for place, folder in enumerate((".git", "dbt_packages/x")):
        write(tmp_path / folder, run_results([success(A, 1)], invocation=f"no-{place}"))
    (tmp_path / "deeper").mkdir()
    os.symlink(tmp_path, tmp_path / "deeper" / "loop")
    os.symlink(tmp_path / "nowhere", tmp_path / "dangling")
    world = artifacts_world(tmp_path)
    assert len(world.runs()) == 1
    assert world.warnings == ()


def test_a_missing_or_empty_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ArtifactsError, match="is not a folder"):
        artifacts_world(tmp_path / "missing")
    with pytest.raises(ArtifactsError, match="holds no usable dbt run"):
        artifacts_world(tmp_path)
    write(tmp_path, manifest([A])).joinpath("run_results.json").write_text("{")
    with pytest.raises(ArtifactsError, match=r"Skipped: run_results\.json: skipped, it is not valid JSON"):
        artifacts_world(tmp_path)


def test_ids_and_fingerprint_depend_on_content_not_on_place(tmp_path: Path) -> None:
    worlds = [
        artifacts_world(write(tmp_path / place, manifest([A]), run_results([success(A, 1)]))) for place in ("x", "y")
    ]
    assert worlds[0].fingerprint == worlds[1].fingerprint
    assert [run.id for run in worlds[0].runs()] == [run.id for run in worlds[1].runs()]
    assert all(0 < run.id <= 2**53 for run in worlds[0].runs())
    assert worlds[0].runs()[0].id == 6_971_753_995_463_443  # the same on every machine
    other = artifacts_world(write(tmp_path / "z", manifest([A]), run_results([success(A, 2)])))
    assert other.fingerprint != worlds[0].fingerprint


async def test_discovery_tells_what_the_files_say(tmp_path: Path) -> None:
    write(tmp_path, manifest([A, B, C]))
    write(tmp_path / "1", run_results([success(A, 3), success(B, 7)], invocation="1", at=60))
    write(tmp_path / "2", run_results([errored(A, 1, "broken"), success(B, 9)], invocation="2", at=600))
    client: Client = connect(artifacts_world(tmp_path))
    query = """query ($id: BigInt!) { environment(id: $id) { applied { models { edges { node { name executionInfo {
      lastRunStatus lastRunError executionTime } } } } modelHistoricalRuns(identifier: "b", lastRunCount: 5) {
      executionTime } } } }"""
    applied = (await client.data(query, id=client.world.environments()[0].id))["environment"]["applied"]
    told = {edge["node"]["name"]: edge["node"]["executionInfo"] for edge in applied["models"]["edges"]}
    assert told == {  # c was never run: it is defined, not applied
        "a": {"lastRunStatus": "error", "lastRunError": "broken", "executionTime": 3.0},
        "b": {"lastRunStatus": "success", "lastRunError": None, "executionTime": 9.0},
    }
    assert [row["executionTime"] for row in applied["modelHistoricalRuns"]] == [9.0, 7.0]


def recorded(world: World, folder: Path) -> dict[str, dict[str, float]]:
    """By a plain loop over the files: each invocation's execution times."""
    found = {}
    for path in folder.rglob("run_results.json"):
        body = json.loads(path.read_text())
        if body["args"]["which"] != "generate":
            found[body["metadata"]["invocation_id"]] = {r["unique_id"]: r["execution_time"] for r in body["results"]}
    return found


async def test_all_recorded_artifacts_load(reference: Path) -> None:
    folder = reference / "payloads" / "artifacts"
    world = artifacts_world(folder)
    assert world.warnings == ()
    wanted = recorded(world, folder)
    told = {
        run.steps[0].invocation_id: {r.unique_id: r.execution_time for r in world.results(run.id)}
        for run in world.runs()
        if world.results(run.id)
    }
    assert told == wanted
    assert len(wanted) == 3
    assert {run.status for run in world.runs()} == {10, 20}
    client = connect(world)
    rows = await client.runs()
    assert [row["id"] for row in rows] == sorted(run.id for run in world.runs())
