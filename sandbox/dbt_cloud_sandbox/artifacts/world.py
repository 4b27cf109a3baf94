"""The artifacts world: invocations as runs of jobs in environments of projects."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from time import perf_counter

from dbt_cloud_sandbox.artifacts import nodes as manifest_nodes
from dbt_cloud_sandbox.artifacts.errors import ArtifactsError
from dbt_cloud_sandbox.artifacts.invocations import DEFAULT_TARGET, Invocation, invocations, stable_id
from dbt_cloud_sandbox.artifacts.reader import Reader
from dbt_cloud_sandbox.artifacts.results import STEP
from dbt_cloud_sandbox.artifacts.values import text
from dbt_cloud_sandbox.records import (
    ERROR,
    SUCCESS,
    Account,
    CatalogEntry,
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

logger = logging.getLogger(__name__)

ACCOUNT_ID = 70_403_103_900_002
PRODUCTION = ("prod", "production", "prd", "live")
STAGING = ("staging", "stage", "stg", "uat")


class ArtifactsWorld(World):
    """An account made of files. Its runs have all finished; the clock does not hide any.

    Each project's production environment is its target called prod (or production, prd, live), else the target with
    the most runs. A job belongs to one environment, as in dbt Cloud: the same command on two targets is two jobs.
    Runs of commands that build nothing (``dbt docs generate``, ``dbt compile``) have files but no results.
    """

    kind = "artifacts"

    def __init__(self, folder: Path, *, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(now)
        began = perf_counter()
        reader = Reader(folder)
        found = invocations(reader)
        if not found:
            raise ArtifactsError(_nothing(folder, reader.warnings))
        self._settle_targets(found)
        self._invocations = {stable_id("run", invocation.id): invocation for invocation in found}
        names = sorted({invocation.project for invocation in found})
        self.label = f"Artifacts of {', '.join(names)}"
        self.fingerprint = _fingerprint(found)
        self.account = Account(ACCOUNT_ID, self.label, "sandbox.us1.dbt.com", found[0].started_at)
        self._folder_name = reader.relative
        self._nodes = {home.id: self._definitions(reader, home.id) for home in self._environments}
        self._catalogs = {home.id: self._documented(reader, home.id) for home in self._environments}
        self.warnings = tuple(dict.fromkeys(reader.warnings))
        runs = f"{len(found):,} run" + ("s" if len(found) != 1 else "")
        logger.info("Read %s of dbt from %s in %.1f s.", runs, folder, perf_counter() - began)

    @staticmethod
    def _settle_targets(found: list[Invocation]) -> None:
        """Gives runs that do not name their target the only one their project has, else ``default``."""
        named: dict[str, set[str]] = {}
        for invocation in found:
            named.setdefault(invocation.project, set()).update([invocation.target] if invocation.target else [])
        for invocation in found:
            only = named[invocation.project]
            if not invocation.target:
                invocation.target = next(iter(only)) if len(only) == 1 else DEFAULT_TARGET

    @cached_property
    def _projects(self) -> tuple[Project, ...]:
        first: dict[str, Invocation] = {}
        for invocation in self._invocations.values():
            first.setdefault(invocation.project, invocation)
        made = (self._project(name, invocation) for name, invocation in first.items())
        return tuple(sorted(made, key=lambda project: project.id))

    def _project(self, name: str, invocation: Invocation) -> Project:
        adapter = text(invocation.manifest.metadata, "adapter_type") if invocation.manifest else None
        opened = invocation.started_at
        return Project(stable_id("project", name), ACCOUNT_ID, name, name, "", adapter or "unknown", opened)

    @cached_property
    def _environments(self) -> tuple[Environment, ...]:
        made: list[Environment] = []
        for project in self._projects:
            mine = [i for i in self._invocations.values() if i.project == project.name]
            production = _production(mine)
            for target in sorted({str(invocation.target) for invocation in mine}):
                first = next(invocation for invocation in mine if invocation.target == target)
                kind = "staging" if target.lower() in STAGING else None
                made.append(
                    Environment(
                        id=stable_id("environment", project.name, target),
                        account_id=ACCOUNT_ID,
                        project_id=project.id,
                        name=target,
                        type="deployment",
                        deployment_type="production" if target == production else kind,
                        dbt_version=mine[-1].dbt_version,
                        created_at=first.started_at,
                    )
                )
        return tuple(sorted(made, key=lambda environment: environment.id))

    @cached_property
    def _jobs(self) -> tuple[Job, ...]:
        made: dict[int, Job] = {}
        for invocation in self._invocations.values():
            job_id = _job_id(invocation)
            if job_id not in made:
                made[job_id] = Job(
                    id=job_id,
                    account_id=ACCOUNT_ID,
                    project_id=stable_id("project", invocation.project),
                    environment_id=_environment_id(invocation),
                    name=invocation.command,
                    description="",
                    job_type="other",
                    execute_steps=(invocation.command,),
                    cron="0 0 * * *",
                    cron_humanized="At 00:00",
                    scheduled=False,
                    created_at=invocation.started_at,
                    target_name=str(invocation.target),
                )
        return tuple(made[job_id] for job_id in sorted(made))

    @cached_property
    def _runs(self) -> tuple[Run, ...]:
        return tuple(self._run(run_id, self._invocations[run_id]) for run_id in sorted(self._invocations))

    def _run(self, run_id: int, invocation: Invocation) -> Run:
        status = ERROR if invocation.failed else SUCCESS
        started, finished = invocation.started_at, invocation.finished_at
        step = RunStep(STEP, f"Invoke dbt with `{invocation.command}`", status, started, finished, invocation.id)
        return Run(
            id=run_id,
            account_id=ACCOUNT_ID,
            project_id=stable_id("project", invocation.project),
            environment_id=_environment_id(invocation),
            job_id=_job_id(invocation),
            status=status,
            created_at=started,
            dequeued_at=started,
            started_at=started,
            finished_at=finished,
            dbt_version=invocation.dbt_version,
            git_branch=None,
            git_sha=None,
            status_message=None,
            cause=f"Files in {self._folder_name(invocation.folder)}",
            cause_category="api",
            steps=(step,),
            has_docs_generated="catalog" in invocation.files,
            has_sources_generated="sources" in invocation.files,
        )

    def projects(self) -> Sequence[Project]:
        """All projects, by id."""
        return self._projects

    def environments(self) -> Sequence[Environment]:
        """All environments, by id."""
        return self._environments

    def jobs(self) -> Sequence[Job]:
        """All jobs, by id."""
        return self._jobs

    def runs(self) -> Sequence[Run]:
        """All runs as of now, by id."""
        return self._runs

    def _definitions(self, reader: Reader, environment_id: int) -> tuple[Node, ...]:
        """The nodes of the environment's newest manifest."""
        mine = [i for i in self._invocations.values() if _environment_id(i) == environment_id]
        newest = next((i.manifest for i in reversed(mine) if i.manifest), None)
        if newest is not None:
            return manifest_nodes.nodes(reader.content(newest))
        names: frozenset[str] = frozenset().union(*(invocation.touched for invocation in mine))
        return tuple(manifest_nodes.named_only(name) for name in sorted(names))

    def _documented(self, reader: Reader, environment_id: int) -> Mapping[str, CatalogEntry]:
        """The entries of the environment's newest catalog."""
        for run_id, invocation in reversed(self._invocations.items()):
            if "catalog" in invocation.files and _environment_id(invocation) == environment_id:
                body = reader.content(invocation.files["catalog"])
                return manifest_nodes.catalog(body, run_id, invocation.finished_at)
        return {}

    def nodes(self, environment_id: int) -> Sequence[Node]:
        """The nodes of the environment; none for an unknown one."""
        return self._nodes.get(environment_id, ())

    def results(self, run_id: int) -> Sequence[NodeResult]:
        """What the run did to each node."""
        return self._invocations[run_id].results if run_id in self._invocations else ()

    def freshness(self, run_id: int) -> Sequence[FreshnessResult]:
        """What the run found about sources."""
        return self._invocations[run_id].freshness if run_id in self._invocations else ()

    def catalog(self, environment_id: int) -> Mapping[str, CatalogEntry]:
        """What the newest docs run of the environment found."""
        return self._catalogs.get(environment_id, {})

    def selected(self, job_id: int) -> frozenset[str]:
        """Unique ids of the nodes the job's runs can touch."""
        return self._selected.get(job_id, frozenset())

    @cached_property
    def _selected(self) -> dict[int, frozenset[str]]:
        touched: dict[int, frozenset[str]] = {}
        for invocation in self._invocations.values():
            job_id = _job_id(invocation)
            touched[job_id] = touched.get(job_id, frozenset()) | invocation.touched
        return touched

    def next_run(self, job_id: int) -> datetime | None:
        """When the job runs next."""
        return None

    def artifact_paths(self, run: Run, step: int | None = None) -> Sequence[str]:
        """Names of the step's files."""
        return sorted(self._files(run)) if step in (None, STEP) else ()

    def artifact(self, run: Run, path: str, step: int | None = None) -> bytes | None:
        """One of the step's files."""
        if path not in self.artifact_paths(run, step):
            return None
        try:
            return self._files(run)[path].read_bytes()
        except OSError:
            return None

    def _files(self, run: Run) -> dict[str, Path]:
        invocation = self._invocations[run.id]
        files = {artifact.name: artifact.path for artifact in invocation.files.values()}
        return files | ({invocation.manifest.name: invocation.manifest.path} if invocation.manifest else {})


def _job_id(invocation: Invocation) -> int:
    return stable_id("job", invocation.project, invocation.target, invocation.command)


def _environment_id(invocation: Invocation) -> int:
    return stable_id("environment", invocation.project, invocation.target)


def _production(mine: list[Invocation]) -> str:
    """The target that counts as production."""
    runs = Counter(str(invocation.target) for invocation in mine)
    named = sorted(target for target in runs if target.lower() in PRODUCTION)
    return named[0] if named else min(runs, key=lambda target: (-runs[target], target))


def _fingerprint(found: list[Invocation]) -> str:
    """Depends on what the used files say, not on where they lie."""
    digest = hashlib.blake2b(digest_size=6)
    for invocation in found:
        for artifact in (*invocation.files.values(), *([invocation.manifest] if invocation.manifest else [])):
            digest.update(artifact.digest.encode())
    return digest.hexdigest()


def _nothing(folder: Path, warnings: Sequence[str]) -> str:
    message = f"{folder} holds no usable dbt run: a run_results.json, sources.json or catalog.json of dbt 1.4 or later."
    return f"{message} Skipped: {' '.join(warnings)}" if warnings else message
