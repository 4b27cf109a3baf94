"""Twins: one account twice, with hostile text wherever text can come from, and with harmless words in its place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from dbt_cloud_sandbox import files
from dbt_cloud_sandbox.records import (
    Account,
    CatalogEntry,
    Column,
    Environment,
    FreshnessResult,
    Job,
    Node,
    NodeResult,
    Project,
    Run,
    RunStep,
)
from dbt_cloud_sandbox.world import World

from tests.redteam.hostile import TEXTS

__all__ = ["DEALS", "KEPT_NAMES", "Twin", "Wardrobe"]

DEALS = 3
"""How many hostile twins there are: what there are twenty of has then worn each text."""

KEPT_NAMES = frozenset({"fct_revenue", "stg_netsuite__invoices", "fct_attribution", "int_invoices_enriched"})
"""Models that questions name: they keep their names, and wear everything else."""


class Wardrobe:
    """Hands out what a thing wears: to the things of one kind all texts in turn, and to a thing always the same.

    Args:
        deal: Which of the hostile twins it dresses.
        dressed: Turns the name of a text into the text.

    Attributes:
        worn: What was put on, and the place and the words that it was put on.
    """

    def __init__(self, deal: int, dressed: Callable[[str], str]) -> None:
        self.worn: dict[str, tuple[str, str]] = {}
        self._deal = deal
        self._dressed = dressed
        self._places: dict[str, dict[Hashable, str]] = {}

    def __call__(self, place: str, words: str | None, key: Hashable = None) -> str:
        """The words with a text behind them, as the thing with this key (else these words) wears it at this place."""
        known = self._places.setdefault(place, {})
        key = words if key is None else key
        name = known.get(key)
        if name is None:
            name = known[key] = list(TEXTS)[(len(known) * DEALS + self._deal) % len(TEXTS)]
        told = words or place
        text = f"{told} {self._dressed(name)}"
        self.worn[text] = place, told
        return text


class Twin(World):
    """A world in which every text has something behind it; ids, times and numbers are the other world's.

    Args:
        world: The other world.
        wear: Gives the texts.
    """

    kind = "sandbox"
    label = "Sandbox data"

    def __init__(self, world: World, wear: Wardrobe) -> None:
        super().__init__(world.now)
        self._world = world
        self._wear = wear
        self.fingerprint = "0123456789ab"
        self.account: Account = replace(world.account, name=wear("account", world.account.name))
        self._runs: tuple[Run, ...] = tuple(map(self._run, world.runs()))
        self._nodes = {each.id: tuple(map(self._node, world.nodes(each.id))) for each in world.environments()}
        self._results: dict[int, tuple[NodeResult, ...]] = {}

    def projects(self) -> Sequence[Project]:
        wear = self._wear
        return [
            replace(each, name=wear("project", each.name), description=wear("project description", each.description))
            for each in self._world.projects()
        ]

    def environments(self) -> Sequence[Environment]:
        return [
            replace(each, name=self._wear("environment", each.name, each.id)) for each in self._world.environments()
        ]

    def jobs(self) -> Sequence[Job]:
        wear = self._wear
        return [
            replace(
                each,
                name=wear("job", each.name),
                description=wear("job description", each.description, each.id),
                execute_steps=tuple(wear("command", step) for step in each.execute_steps),
            )
            for each in self._world.jobs()
        ]

    def runs(self) -> Sequence[Run]:
        return self._runs

    def nodes(self, environment_id: int) -> Sequence[Node]:
        return self._nodes.get(environment_id, ())

    def results(self, run_id: int) -> Sequence[NodeResult]:
        if run_id not in self._results:
            self._results[run_id] = tuple(
                replace(each, message=self._wear("message", each.message, each.unique_id))
                for each in self._world.results(run_id)
            )
        return self._results[run_id]

    def freshness(self, run_id: int) -> Sequence[FreshnessResult]:
        return [
            replace(each, error=self._wear("freshness error", each.error) if each.error else None)
            for each in self._world.freshness(run_id)
        ]

    def catalog(self, environment_id: int) -> Mapping[str, CatalogEntry]:
        wear = self._wear
        return {
            unique_id: replace(
                entry, owner=wear("role", entry.owner), comment=wear("comment", entry.comment, unique_id)
            )
            for unique_id, entry in self._world.catalog(environment_id).items()
        }

    def selected(self, job_id: int) -> frozenset[str]:
        return self._world.selected(job_id)

    def next_run(self, job_id: int) -> datetime | None:
        return self._world.next_run(job_id)

    def artifact_paths(self, run: Run, step: int | None = None) -> Sequence[str]:
        return self._world.artifact_paths(self._plain(run), step)

    def artifact(self, run: Run, path: str, step: int | None = None) -> bytes | None:
        """The other world's file, put together again of what this world holds."""
        if self._world.artifact(self._plain(run), path, step) is None:
            return None
        steps = [each for each in run.steps if each.invocation_id and "dbt deps" not in each.name]
        chosen: RunStep = steps[-1] if step is None else next(each for each in steps if each.index == step)
        nodes = self.nodes(run.environment_id)
        if path == "manifest.json":
            project = next(each for each in self.projects() if each.id == run.project_id)
            return files.manifest(run, chosen, project, nodes)
        if path == "run_results.json":
            return files.run_results(run, chosen, [each for each in self.results(run.id) if each.step == chosen.index])
        if path == "sources.json":
            found = [each for each in self.freshness(run.id) if each.step == chosen.index]
            return files.sources(run, chosen, found, {node.unique_id: node for node in nodes})
        return files.catalog(run, chosen, self.catalog(run.environment_id).values())

    def _plain(self, run: Run) -> Run:
        found = self._world.ledger().run(run.id)
        assert found is not None
        return found

    def _run(self, run: Run) -> Run:
        wear = self._wear
        return replace(
            run,
            git_branch=wear("branch", run.git_branch, run.job_id) if run.git_branch else None,
            status_message=wear("status message", run.status_message, run.id) if run.status_message else None,
            cause=wear("cause", run.cause, run.job_id),
            steps=tuple(replace(step, name=wear("step", step.name, (run.job_id, step.index))) for step in run.steps),
        )

    def _node(self, node: Node) -> Node:
        wear, key = self._wear, node.unique_id
        kind = node.resource_type

        def worn(place: str, words: str | None) -> str | None:
            return wear(f"{kind} {place}", words, key) if words else words

        return replace(
            node,
            name=node.name if node.name in KEPT_NAMES else wear(kind, node.name, key),
            tags=(*node.tags, wear("tag", "zz", (kind, len(key) % 30))),
            description=wear(f"{kind} description", node.description, key),
            path=wear("path", node.path, key),
            group=worn("group", node.group),
            owner=worn("owner", node.owner),
            owner_email=worn("owner email", node.owner_email),
            raw_code=worn("code", node.raw_code),
            compiled_code=worn("compiled code", node.compiled_code),
            relation_name=worn("relation", node.relation_name),
            source_name=worn("of source", node.source_name),
            source_description=worn("source description", node.source_description),
            loader=worn("loader", node.loader),
            label=worn("label", node.label),
            columns=tuple(self._column(column, key) for column in node.columns),
        )

    def _column(self, column: Column, key: str) -> Column:
        wear = self._wear
        return replace(
            column,
            name=wear("column", column.name, (key, column.name)),
            description=wear("column description", column.description, (key, column.name)),
        )
