"""A job where it stands: its record, its plan, the nodes it works on and how long they take."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import cached_property

from dbt_cloud_sandbox.generated.blueprint import Blueprint, JobPlan, model_seconds
from dbt_cloud_sandbox.generated.chance import chance
from dbt_cloud_sandbox.generated.layout import Layout, lay_out
from dbt_cloud_sandbox.generated.selection import Graph, Selection, select
from dbt_cloud_sandbox.records import Job, Node

FULL_REFRESH_FACTOR = 3.5
OUTLIER_FACTOR = 4.0
ALWAYS_WARNING = 0.35


@dataclass(frozen=True, slots=True)
class Regime:
    """What makes a run's layout differ from an ordinary day's. ``outcomes`` holds (unique id, status)."""

    regressed: bool = False
    outlier: str | None = None
    outcomes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Ground:
    """One environment of a project: what all the jobs in it share."""

    blueprint: Blueprint
    graph: Graph

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Seconds each node takes on an ordinary day."""
        known = model_seconds(self.blueprint)
        return {
            node.unique_id: known.get(node.name) or 0.3 + 2.2 * chance("seconds", node.name).random()
            for node in self.graph.nodes
        }

    @cached_property
    def warnings(self) -> dict[str, str]:
        """The tests that warn in every run."""
        return {
            node.unique_id: "warn"
            for node in self.graph.nodes
            if node.config.get("severity") == "WARN" and chance("warns", node.name).random() < ALWAYS_WARNING
        }

    @cached_property
    def ids(self) -> dict[str, str]:
        """Unique ids of models and tests by name."""
        return {node.name: node.unique_id for node in self.graph.nodes if node.resource_type in ("model", "test")}


@dataclass(frozen=True)
class JobSite:
    """One job of the generated world with everything needed to plan its runs."""

    index: int
    job: Job
    plan: JobPlan
    ground: Ground
    _layouts: dict[tuple[str, Regime], Layout] = field(default_factory=dict)

    @property
    def blueprint(self) -> Blueprint:
        """The job's project."""
        return self.ground.blueprint

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of the job's environment."""
        return self.ground.graph.nodes

    def layout(self, command: str, regime: Regime) -> Layout:
        """How the command goes under the regime; computed once, for few regimes ever happen."""
        key = (command, regime)
        if key not in self._layouts:
            selection = self.selections[command]
            outcomes = {**self.ground.warnings, **dict(regime.outcomes)}
            seconds = {node.unique_id: self._seconds(node, selection, regime) for node in selection.nodes}
            self._layouts[key] = lay_out(selection, seconds, outcomes, self.plan.threads)
        return self._layouts[key]

    def _seconds(self, node: Node, selection: Selection, regime: Regime) -> float:
        seconds = self.ground.seconds[node.unique_id]
        if regime.regressed and node.name == self.blueprint.stories.regressed_model:
            seconds *= self.blueprint.stories.regression_factor
        if regime.outlier == node.unique_id:
            seconds *= OUTLIER_FACTOR
        if selection.full_refresh and node.materialized == "incremental":
            seconds *= FULL_REFRESH_FACTOR
        return seconds

    @cached_property
    def selections(self) -> dict[str, Selection]:
        """What each of the job's commands works on."""
        return {command: select(command, self.ground.graph) for command in self.plan.steps}

    @cached_property
    def selected(self) -> frozenset[str]:
        """Unique ids of all the nodes the job's runs touch."""
        built = {node.unique_id for selection in self.selections.values() for node in selection.nodes}
        checked = {source.unique_id for command in self.freshness_commands for source in self.sources(command)}
        return frozenset(built | checked)

    @property
    def freshness_commands(self) -> tuple[str, ...]:
        """The job's commands that look at sources, the one from its settings included."""
        asked = tuple(step for step in self.plan.steps if step.startswith("dbt source freshness"))
        return ("dbt source freshness", *asked) if self.plan.sources else asked

    def sources(self, command: str) -> tuple[Node, ...]:
        """The sources a ``dbt source freshness`` command looks at; it knows ``--exclude source:<name>``."""
        words = shlex.split(command)
        excluded = {word.removeprefix("source:") for word in words if word.startswith("source:")}
        return tuple(n for n in self.nodes if n.resource_type == "source" and n.source_name not in excluded)
