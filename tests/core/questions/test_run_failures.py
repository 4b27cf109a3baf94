"""What failed in a run, in words."""

from __future__ import annotations

import pytest
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import NodeRun, RunStep
from dbt_discovery.questions.run_failures import Failures
from dbt_discovery.services.parsing import parse_job_node, parse_run

from tests.core.tiny import run

RUN = parse_run(run(1, "2026-11-18 08:00", "2026-11-18 09:00", status_message="It broke."), lambda *_: "")


def node(unique_id: str, status: str, error: str | None = None) -> NodeRun:
    return parse_job_node({"uniqueId": unique_id, "status": status, "error": error})


def step(status: RunStatus, logs: str = "") -> RunStep:
    return RunStep(1, f"step of {status.value}", status, logs)


def test_only_what_failed_is_among_them() -> None:
    nodes = [
        node("model.a.x", "success"),
        node("model.a.y", "error"),
        node("test.a.t", "fail"),
        node("test.a.w", "warn"),
    ]
    found = Failures.among([step(RunStatus.SUCCESS), step(RunStatus.FAILURE), step(RunStatus.RUNNING)], nodes)
    assert found.named_steps == "step of failure"
    assert found.named_nodes == "model y ended in an error, test t failed"


def test_a_few_nodes_stand_for_many_and_a_long_error_is_cut_in_sight() -> None:
    found = Failures(nodes=[node(f"model.a.m{place}", "error", "x" * 500) for place in range(50)])
    assert found.named_nodes.endswith("model m19 ended in an error and 30 more")
    assert len(found.error) < 2020
    assert found.error.endswith("… (cut)")


def test_errors_of_nodes_come_before_logs_of_steps() -> None:
    broken = [step(RunStatus.FAILURE, "a log\n")]
    assert Failures(broken, [node("model.a.x", "error", " no table \n")]).error == "x: no table"
    assert Failures(broken, [node("model.a.x", "error")]).error == "a log"
    assert Failures().error == ""


@pytest.mark.parametrize(
    ("failures", "cause"),
    [
        (Failures(nodes=[node("model.a.x", "error"), node("model.a.y", "error")]), "model x ended in an error"),
        (Failures(steps=[step(RunStatus.FAILURE)]), "It broke"),
        (Failures(), "It broke"),
    ],
)
def test_the_cause_is_the_first_node_or_the_message(failures: Failures, cause: str) -> None:
    assert failures.cause(RUN) == cause
