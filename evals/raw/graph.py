"""What is made from what, and what reports that walk along it should hold: lineage, freshness and health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from evals.raw.checks import last_results
from evals.raw.records import Arguments, Reports, Rows, finished, homes, models, ranked

if TYPE_CHECKING:
    from dbt_cloud_sandbox import FreshnessResult, Node, World

__all__ = ["GRAPH"]

_WORST_FIRST = ("error", "warn", "unknown", "pass")
_UNHEALTHY = ("failing", "warning", "unknown", "healthy")


def _lineage(world: World, arguments: Arguments) -> Rows:
    """The nodes upstream and downstream of one, with how many steps away they are."""
    rows: Rows = []
    walks = {"upstream": _upstream, "downstream": _downstream}
    if (wanted := arguments.get("direction", "both")) != "both":
        walks = {wanted: walks[wanted]}
    for home in homes(world, {"environment": arguments.get("environment", "production")}):
        nodes = {node.unique_id: node for node in world.nodes(home)}
        for start in [unique_id for unique_id, node in nodes.items() if _is_called(node, arguments["model"])]:
            for direction, walked in (("upstream", _upstream), ("downstream", _downstream)):
                steps = (
                    walked(world, home, [start]) if arguments.get("direction", direction) in (direction, "both") else {}
                )
                rows += [_step(nodes[unique_id], distance, direction) for unique_id, distance in steps.items()]
    kinds, depth = arguments.get("resource_type", ()), arguments.get("depth", len(rows) + 1)
    kept = [row for row in rows if row["distance"] <= depth and (not kinds or row["resource_type"] in kinds)]
    return ranked(kept, lambda row: row["distance"])


def _is_called(node: Node, name: str) -> bool:
    own = f"{node.source_name}.{node.name}" if node.resource_type == "source" else node.name
    return name in (own, node.unique_id) and node.resource_type not in ("test", "unit_test")


def _step(node: Node, distance: int, direction: str) -> dict[str, str | int]:
    return {"name": node.name, "resource_type": node.resource_type, "distance": distance, "direction": direction}


def _upstream(world: World, home: int, start: Iterable[str]) -> dict[str, int]:
    """What nodes of an environment are made from, and how many steps away that is."""
    return _walked(start, {node.unique_id: node.depends_on for node in world.nodes(home)})


def _downstream(world: World, home: int, start: Iterable[str]) -> dict[str, int]:
    """What is made from nodes of an environment, and how many steps away that is; tests do not count."""
    children: dict[str, list[str]] = {}
    for node in world.nodes(home):
        for parent in node.depends_on if "test" not in node.resource_type else ():
            children.setdefault(parent, []).append(node.unique_id)
    return _walked(start, children)


def _walked(start: Iterable[str], following: Mapping[str, Iterable[str]]) -> dict[str, int]:
    level = list(start)
    steps = dict.fromkeys(level, 0)
    while level:
        level = [each for node in level for each in following.get(node, ()) if each not in steps]
        steps |= {each: max(steps.values()) + 1 for each in level}
    return {node: distance for node, distance in steps.items() if distance}


def _checks(world: World, home: int) -> dict[str, FreshnessResult]:
    """The newest check of each source of an environment."""
    return {check.unique_id: check for run_id in finished(world, home) for check in world.freshness(run_id)}


def _source_freshness(world: World, arguments: Arguments) -> Rows:
    """The last check of each source; one that was never checked, or has no criteria, is unknown."""
    rows = []
    for home in homes(world, arguments):
        checks, nodes = _checks(world, home), world.nodes(home)
        named = [
            node.unique_id for node in nodes if node.resource_type == "model" and node.name == arguments.get("model")
        ]
        wanted = _upstream(world, home, named) if "model" in arguments else None
        for node in nodes:
            if node.resource_type == "source" and (wanted is None or node.unique_id in wanted):
                check = checks.get(node.unique_id)
                status = check.status.replace("runtime ", "") if check and node.freshness else "unknown"
                own = {"source": f"{node.source_name}.{node.name}", "status": status}
                rows.append(own | {"age": check.age} if check else own)
    kept = [row for row in rows if row["status"] in arguments.get("status", _WORST_FIRST)]
    return ranked(kept, lambda row: _WORST_FIRST.index(row["status"]) * 1e12 - (row.get("age") or 0.0))


def _model_health(world: World, arguments: Arguments) -> Rows:
    """Verdicts from last results, tests and sources; that a build is old for its job is not looked at."""
    rows = []
    named = {"models": [arguments["model"]]} if "model" in arguments else {}
    for home in homes(world, arguments):
        last, checks = last_results(world, home), _checks(world, home)
        of_tests = [node for node in world.nodes(home) if node.resource_type in ("test", "unit_test")]
        for node in models(world, home, {**arguments, **named}):
            own = [test.unique_id for test in of_tests if _tests(test, node)]
            results = {last[unique_id].status for unique_id in own if unique_id in last}
            upstream = _upstream(world, home, [node.unique_id])
            sources = {checks[each].status for each in upstream if each in checks}
            verdict = "healthy"
            if node.unique_id not in last:
                verdict = "unknown"
            elif last[node.unique_id].status in ("error", "skipped") or {"fail", "error"} & results:
                verdict = "failing"
            elif "warn" in results or sources & {"warn", "error", "runtime error"}:
                verdict = "warning"
            rows.append({"name": node.name, "verdict": verdict})
    kept = [row for row in rows if row["verdict"] in arguments.get("verdict", _UNHEALTHY)]
    return ranked(kept, lambda row: _UNHEALTHY.index(row["verdict"]))


def _tests(test: Node, model: Node) -> bool:
    """Whether a test is of a model; one that names none is of all that it reads."""
    return model.unique_id == test.tested_node or (not test.tested_node and model.unique_id in test.depends_on)


GRAPH: Reports = {"lineage": _lineage, "model_health": _model_health, "source_freshness": _source_freshness}
