"""Run results as dbt writes them, of several versions and in every odd form."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery.exceptions import UnexpectedResponse
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import NodeRun
from dbt_discovery.services.artifact_parsing import StepResults, merged, parse_run_results, runs_nodes
from dbt_discovery.services.parsing import parse_job_node, parse_run
from dbt_discovery.services.promise import as_promised

from tests.core.tiny import run

REFERENCE = os.environ.get("DBT_DISCOVERY_REFERENCE", "")
EVERY_KIND = ("model", "test", "unit_test", "seed", "snapshot")
RUN = parse_run(run(7, "2026-11-17 08:00", "2026-11-17 08:30"), lambda *ids: "")


def result(unique_id: str, status: str = "success", seconds: float | None = 6.0, **more: Any) -> dict[str, Any]:
    execute = {"started_at": "2026-11-17T08:01:00.500000Z", "completed_at": "2026-11-17T08:01:06.500000Z"}
    compiled = {"started_at": "2026-11-17T08:00:59.000000Z", "completed_at": "2026-11-17T08:01:00.000000Z"}
    timing = [{"name": "compile", **compiled}, {"name": "execute", **execute}]
    return {"unique_id": unique_id, "status": status, "execution_time": seconds, "timing": timing} | more


def artifact(*results: Any, **args: Any) -> dict[str, Any]:
    metadata = {"generated_at": "2026-11-17T08:20:00.123456Z", "invocation_id": "abc"}
    return {"metadata": metadata, "args": {"which": "build"} | args, "results": list(results)}


def nodes(*results: Any, kinds: tuple[str, ...] = EVERY_KIND) -> tuple[NodeRun, ...]:
    return parse_run_results(artifact(*results), RUN, kinds).nodes


def test_a_result_becomes_what_discovery_would_say_of_it() -> None:
    (node,) = nodes(result("model.shop.orders", message="SELECT 100"))
    assert (node.unique_id, node.name, node.package, node.resource_type) == (
        "model.shop.orders",
        "orders",
        "shop",
        "model",
    )
    assert (node.run_id, node.job_id, node.status, node.runtime) == ("7", "1", NodeStatus.SUCCESS, 6.0)
    assert node.started_at == datetime(2026, 11, 17, 8, 1, 0, 500000, tzinfo=UTC)
    assert node.completed_at == datetime(2026, 11, 17, 8, 1, 6, 500000, tzinfo=UTC)
    assert node.finished_at == datetime(2026, 11, 17, 8, 20, 0, 123456, tzinfo=UTC)
    assert (node.error, node.tags, node.materialization, node.ran) == (None, (), "", True)
    discovered = {
        "uniqueId": "model.shop.orders",
        "name": "orders",
        "resourceType": "model",
        "packageName": "shop",
        "runId": 7,
        "jobId": 1,
        "status": "success",
        "executionTime": 6.0,
        "executeStartedAt": "2026-11-17T08:01:00.500Z",
        "executeCompletedAt": "2026-11-17T08:01:06.500Z",
        "runGeneratedAt": "2026-11-17T08:20:00.123456Z",
    }
    assert parse_job_node(discovered) == node


@pytest.mark.parametrize(
    ("unique_id", "name", "kind"),
    [
        ("model.shop.orders.v2", "orders", "model"),
        ("model.shop.orders", "orders", "model"),
        ("test.shop.not_null_orders_id.0a1b2c3d4e", "not_null_orders_id", "test"),
        ("test.shop.assert_totals_agree", "assert_totals_agree", "test"),
        ("unit_test.shop.orders.test_no_discount", "test_no_discount", "unit_test"),
        ("seed.shop.countries", "countries", "seed"),
        ("snapshot.shop.prices", "prices", "snapshot"),
    ],
)
def test_a_node_has_the_name_and_kind_that_discovery_gives_it(unique_id: str, name: str, kind: str) -> None:
    (node,) = nodes(result(unique_id))
    assert (node.name, node.resource_type, node.package) == (name, kind, "shop")


def test_a_failed_node_has_its_time_without_timings_and_its_message_is_the_error() -> None:
    (node,) = nodes(result("model.shop.orders", "error", 9.39, timing=[], message="Database Error"))
    assert (node.status, node.runtime, node.error) == (NodeStatus.ERROR, 9.39, "Database Error")
    assert (node.started_at, node.completed_at, node.ran) == (None, None, True)


def test_a_skipped_node_has_no_runtime_though_its_file_has_one() -> None:
    (node,) = nodes(result("model.shop.orders", "skipped", 0.0002))
    assert (node.status, node.runtime, node.ran) == (NodeStatus.SKIPPED, None, True)


@pytest.mark.parametrize(
    ("word", "status", "error"),
    [
        ("success", NodeStatus.SUCCESS, None),
        ("pass", NodeStatus.SUCCESS, None),
        ("reused", NodeStatus.SUCCESS, None),
        ("warn", NodeStatus.WARN, None),
        ("no-op", NodeStatus.SKIPPED, None),
        ("fail", NodeStatus.FAIL, "said"),
        ("error", NodeStatus.ERROR, "said"),
        ("runtime error", NodeStatus.ERROR, "said"),
        ("partial success", NodeStatus.ERROR, "said"),
        ("invented later", NodeStatus.UNKNOWN, None),
        (None, NodeStatus.UNKNOWN, None),
    ],
)
def test_statuses_of_files(word: str | None, status: NodeStatus, error: str | None) -> None:
    (node,) = nodes(result("test.shop.t") | {"status": word, "message": "said"})
    assert (node.status, node.error) == (status, error)


def test_where_compiling_and_executing_have_the_same_interval_it_is_not_counted_twice() -> None:
    interval = {"started_at": "2026-08-20T13:47:12.269157511Z", "completed_at": "2026-08-20T13:47:13.269157511Z"}
    timing = [{"name": "compile", **interval}, {"name": "execute", **interval}]
    (node,) = nodes(result("model.shop.orders", seconds=1.0, timing=timing))
    assert node.runtime == 1.0
    assert node.started_at == datetime(2026, 8, 20, 13, 47, 12, 269157, tzinfo=UTC)


def test_rows_of_no_node_are_left_out_and_odd_fields_cost_no_row() -> None:
    odd = {"unique_id": "model.shop.odd", "status": 3, "timing": "soon", "execution_time": "long", "message": {}}
    hook = result("operation.shop.shop-on-run-end-0")
    found = nodes(None, "row", {}, {"unique_id": 5}, {"unique_id": None}, hook, result("seed.shop.s"), odd)
    assert [node.unique_id for node in found] == ["seed.shop.s", "model.shop.odd"]
    assert (found[1].status, found[1].runtime, found[1].started_at) == (NodeStatus.UNKNOWN, None, None)
    assert nodes(hook, result("seed.shop.s"), odd, kinds=("model",)) == (found[1],)


def test_without_metadata_there_is_no_moment_and_the_rest_stands() -> None:
    found = parse_run_results({"results": [result("model.shop.orders")]}, RUN, EVERY_KIND)
    assert (found.invocation_id, found.command, found.of_running) == (None, None, True)
    assert found.nodes[0].finished_at is None
    assert found.nodes[0].runtime == 6.0


@pytest.mark.parametrize("body", [None, [], "text", 5, {}, {"results": None}, {"results": {"a": 1}}, {"data": []}])
def test_a_body_without_results_is_not_what_is_promised(body: Any) -> None:
    with pytest.raises(UnexpectedResponse, match="results of a step"), as_promised("results of a step"):
        parse_run_results(body, RUN, EVERY_KIND)


@pytest.mark.parametrize(
    ("which", "of_running"),
    [("build", True), ("retry", True), ("generate", False), ("compile", False), ("run-operation", False)],
)
def test_a_file_says_whether_its_command_ran_nodes(which: str, of_running: bool) -> None:
    assert parse_run_results(artifact(which=which), RUN, EVERY_KIND).of_running is of_running


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Invoke dbt with `dbt build`", True),
        ("Invoke dbt with `dbt run --select tag:test --full-refresh`", True),
        ("Invoke dbt with `dbt test --exclude source:shop`", True),
        ("Invoke dbt with `dbt seed`", True),
        ("Invoke dbt with `dbt snapshot`", True),
        ("Invoke dbt with `dbt retry`", True),
        ("Invoke dbt with `dbt --no-partial-parse --log-level debug build -s x`", True),
        ("dbt run", True),
        ("Invoke dbt with `dbt docs generate --select build`", False),
        ("Invoke dbt with `dbt compile --select test`", False),
        ("Invoke dbt with `dbt source freshness`", False),
        ("Invoke dbt with `dbt source snapshot-freshness`", False),
        ("Invoke dbt with `dbt run-operation build`", False),
        ("Invoke dbt with `dbt ls --resource-type test`", False),
        ("Invoke dbt with `dbt deps`", False),
        ("Invoke dbt with `dbt parse`", False),
        ("Create profile from connection test", False),
        ("Clone git repository", False),
        ("", False),
        ("`", False),
    ],
)
def test_a_steps_name_tells_whether_it_runs_nodes(name: str, expected: bool) -> None:
    assert runs_nodes(name) is expected


def test_of_a_node_in_several_steps_the_last_result_counts_in_which_it_was_executed() -> None:
    def step(**statuses: str) -> StepResults:
        return StepResults(None, None, nodes(*(result(f"model.shop.{name}", is_) for name, is_ in statuses.items())))

    found = merged(
        [
            step(a="success", b="error", c="skipped", d="skipped"),
            step(a="skipped", b="success", c="error"),
            step(a="skipped", d="skipped"),
        ]
    )
    assert {node.name: str(node.status) for node in found} == {
        "a": "success",
        "b": "success",
        "c": "error",
        "d": "skipped",
    }
    assert len(found) == 4
    assert merged([]) == ()


# Files that dbt itself wrote


@pytest.mark.skipif(not REFERENCE, reason="DBT_DISCOVERY_REFERENCE names no folder of recorded payloads")
@pytest.mark.parametrize(
    "name",
    [
        *(f"artifacts/{version}/run_results.json" for version in ("v1_4", "v1_7", "v1_8", "v1_12")),
        "data-mie_dbt-cloud-cli/run_get_artifact_response.json",
    ],
)
def test_files_of_every_recorded_version(name: str) -> None:
    body = json.loads((Path(REFERENCE) / "payloads" / name).read_text(encoding="utf-8"))
    found = parse_run_results(body, RUN, EVERY_KIND)
    rows = {each["unique_id"]: each for each in body["results"] if not each["unique_id"].startswith("operation.")}
    assert [node.unique_id for node in found.nodes] == list(rows)
    assert found.of_running is (body["args"]["which"] != "generate")
    assert found.invocation_id == body["metadata"]["invocation_id"]
    words = {"success": "success", "pass": "success", "error": "error"}
    for node in found.nodes:
        row = rows[node.unique_id]
        assert (node.status, node.runtime) == (words[row["status"]], row["execution_time"])
        assert node.error == (row["message"] if row["status"] == "error" else None)
        assert node.finished_at is not None
        assert node.finished_at.isoformat().startswith(body["metadata"]["generated_at"].removesuffix("Z"))
        assert (node.started_at is None) is (not row["timing"])
        if node.started_at and node.completed_at:
            _, execute = row["timing"]
            assert node.started_at.isoformat().removesuffix("+00:00") == execute["started_at"].removesuffix("Z")
            assert node.completed_at >= node.started_at
