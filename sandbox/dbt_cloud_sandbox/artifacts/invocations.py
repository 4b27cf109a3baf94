"""Invocations: the files that one run of dbt wrote, and what they say about it together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dbt_cloud_sandbox.artifacts import results
from dbt_cloud_sandbox.artifacts.commands import BUILDS_NOTHING, normalised, verb
from dbt_cloud_sandbox.artifacts.nodes import most_common_package, project_name, unusable
from dbt_cloud_sandbox.artifacts.reader import Artifact, Reader
from dbt_cloud_sandbox.artifacts.values import LONGEST, mapping, moment, seconds, text
from dbt_cloud_sandbox.records import FreshnessResult, NodeResult

DEFAULT_TARGET = "default"
FAILED = frozenset({"error", "fail", "runtime error"})
RUN_FILES = ("run-results", "sources", "catalog")
_A_RUN = timedelta(seconds=LONGEST)


def stable_id(*key: object) -> int:
    """A positive number below 2^53 that stands for the key on every machine."""
    digest = hashlib.blake2b("\x1f".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (2**53 - 1) + 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest and the name of its project."""

    artifact: Artifact
    project: str | None


@dataclass(slots=True)
class Invocation:
    """One run of dbt, gathered from its files.

    It ends when its last file was written or its last node ended, whichever is later. It starts ``elapsed_time``
    before ``run_results.json`` was written, or with its first node where that is earlier or the time is not noted.
    """

    id: str
    files: dict[str, Artifact] = field(default_factory=dict)
    manifest: Artifact | None = None
    results: tuple[NodeResult, ...] = ()
    freshness: tuple[FreshnessResult, ...] = ()
    touched: frozenset[str] = frozenset()
    arguments: dict[str, Any] = field(default_factory=dict)
    elapsed: dict[str, float | None] = field(default_factory=dict)
    project: str = ""
    target: str | None = None
    command: str = ""
    started_at: datetime = datetime.min
    finished_at: datetime = datetime.min

    @property
    def folder(self) -> Path:
        """Where the run's first file lies; it gives the run its name."""
        return self.main.path.parent

    @property
    def main(self) -> Artifact:
        """The file that tells most about the run."""
        return next(self.files[kind] for kind in RUN_FILES if kind in self.files)

    @property
    def failed(self) -> bool:
        """Whether a node, a test or a freshness check ended badly."""
        ended = {result.status for result in self.results} | {check.status for check in self.freshness}
        return not ended.isdisjoint(FAILED)

    @property
    def dbt_version(self) -> str:
        """The dbt that ran."""
        return text(self.main.metadata, "dbt_version") or ""


def invocations(reader: Reader) -> list[Invocation]:
    """The runs in the reader's folder, by start. What cannot be used is named to the reader."""
    manifests: dict[Path, Manifest] = {}
    found: dict[str, Invocation] = {}
    for artifact, body in reader.artifacts():
        if artifact.kind == "manifest":
            manifests[artifact.path.parent] = Manifest(artifact, project_name(body))
            if wrong := unusable(body):
                which = f"{wrong[0][:80]!r}" + (f" and {len(wrong) - 1} others" if len(wrong) > 1 else "")
                reader.warn(artifact.path, f"{which} cannot be a unique_id; such nodes are left out.")
        elif moment(artifact.metadata, "generated_at") is None:
            given = text(artifact.metadata, "generated_at")
            when = f"it cannot have been written at “{given[:40]}”" if given else "it does not say when it was written"
            reader.warn(artifact.path, f"skipped, {when}.")
        else:
            _add(reader, found.setdefault(artifact.invocation, Invocation(artifact.invocation)), artifact, body)
    for invocation in found.values():
        _settle(reader, invocation, manifests)
    return sorted(found.values(), key=lambda invocation: (invocation.started_at, invocation.id))


def _add(reader: Reader, invocation: Invocation, artifact: Artifact, body: dict[str, Any]) -> None:
    """Takes what one file says into its invocation."""
    known = invocation.files.get(artifact.kind)
    if known is not None:
        reader.warn(artifact.path, f"skipped, {reader.relative(known.path)} is of the same dbt invocation.")
        return
    invocation.files[artifact.kind] = artifact
    invocation.elapsed[artifact.kind] = seconds(body, "elapsed_time")
    if artifact.kind == "run-results":
        invocation.results = tuple(results.node_results(body))
        invocation.arguments = mapping(body, "args")
    elif artifact.kind == "sources":
        invocation.freshness = tuple(results.freshness_results(body))
    for fault in results.faults(body):
        reader.warn(artifact.path, fault)


def _settle(reader: Reader, invocation: Invocation, manifests: dict[Path, Manifest]) -> None:
    """Works out what follows from all the files together: project, command, times."""
    if "run-results" not in invocation.files:  # only dbt's run results note the arguments
        invocation.arguments = {"which": "generate" if "catalog" in invocation.files else "freshness"}
    done = [result.unique_id for result in invocation.results]
    invocation.touched = frozenset(done) | frozenset(check.unique_id for check in invocation.freshness)
    invocation.command = normalised(invocation.arguments, done)
    invocation.target = text(invocation.arguments, "target")
    invocation.started_at, invocation.finished_at = _times(invocation)
    if verb(invocation.arguments, done) in BUILDS_NOTHING:
        invocation.results = ()  # quirk 9: a docs step's timings are compile only
    manifest = _nearest(reader, invocation.folder, manifests)
    invocation.manifest = manifest.artifact if manifest else None
    named = manifest.project if manifest else None
    invocation.project = named or most_common_package(invocation.touched) or "unknown"
    if manifest is None:
        path = invocation.main.path
        reader.warn(path, "no manifest.json beside it or above it can be used; its nodes are known by name only.")


def _nearest(reader: Reader, folder: Path, manifests: dict[Path, Manifest]) -> Manifest | None:
    """The manifest of the folder, else of the nearest folder above it."""
    for place in (folder, *folder.parents):
        if place in manifests:
            return manifests[place]
        if place == reader.root:
            break
    return None


def _times(invocation: Invocation) -> tuple[datetime, datetime]:
    written = [t for artifact in invocation.files.values() if (t := moment(artifact.metadata, "generated_at"))]
    first, last = results.times(invocation.results)
    at, elapsed = moment(invocation.main.metadata, "generated_at"), invocation.elapsed[invocation.main.kind]
    begun = at - timedelta(seconds=elapsed) if at and elapsed is not None else None
    checks = [check.snapshotted_at for check in invocation.freshness if check.snapshotted_at]
    finished = max([*written, *([last] if last and last - max(written) < _A_RUN else [])])
    starts = [start for start in (begun, first) if start and finished - start < _A_RUN] or [*checks, *written]
    return min([*(start for start in starts if finished - start < _A_RUN), finished]), finished
