"""Finding dbt's files in a folder tree and reading them; what cannot be read is named, and nothing else is lost."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dbt_cloud_sandbox.artifacts.errors import ArtifactsError
from dbt_cloud_sandbox.artifacts.values import text

KINDS = {
    "manifest.json": "manifest",
    "run_results.json": "run-results",
    "sources.json": "sources",
    "catalog.json": "catalog",
}
OLDEST = {"manifest": 8, "run-results": 4, "sources": 3, "catalog": 1}
CONTENTS = {"manifest": ("nodes", dict), "run-results": ("results", list), "sources": ("results", list)}
MAX_BYTES = 512 * 1024 * 1024
IGNORED_FOLDERS = frozenset({"dbt_packages", "dbt_modules", "node_modules", "__pycache__"})
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file that could be read. Its content is not kept: a folder may hold more than memory does."""

    path: Path
    name: str
    kind: str
    digest: str
    metadata: dict[str, Any]

    @property
    def invocation(self) -> str:
        """The invocation that wrote the file; a file without one counts as an invocation of its own."""
        return text(self.metadata, "invocation_id") or self.digest


class Reader:
    """Reads the artifacts below a folder. ``warnings`` grows with every file that had to be skipped."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.warnings: list[str] = []

    def artifacts(self) -> Iterator[tuple[Artifact, dict[str, Any]]]:
        """The usable files with their contents, folders and files in order of their names.

        Raises:
            ArtifactsError: When the folder is missing.
        """
        if not self.root.is_dir():
            raise ArtifactsError(f"{self.root} is not a folder: give a folder that holds files of dbt runs.")
        for path in self._paths(self.root, frozenset()):
            found = self._read(path)
            if found is not None:
                yield found

    def content(self, artifact: Artifact) -> dict[str, Any]:
        """The content of a file that was read before, once more; empty when it has become unusable."""
        found = self._read(artifact.path)
        return found[1] if found else {}

    def warn(self, path: Path, reason: str) -> None:
        """Names a file and says what is wrong with it."""
        self.warnings.append(f"{self.relative(path)}: {reason}")

    def relative(self, path: Path) -> str:
        """The path as seen from the folder, with slashes."""
        return path.relative_to(self.root).as_posix()

    def _paths(self, folder: Path, above: frozenset[str]) -> Iterator[Path]:
        """Files of a folder, then those of its folders. A link back to a folder above is not followed."""
        here = os.path.realpath(folder)
        if here in above:
            return
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            self.warn(folder, f"skipped, it cannot be listed ({error.strerror}).")
            return
        yield from (path for path in entries if path.name in KINDS and path.is_file())
        for path in entries:
            if not path.name.startswith(".") and path.name not in IGNORED_FOLDERS and path.is_dir():
                yield from self._paths(path, above | {here})

    def _read(self, path: Path) -> tuple[Artifact, dict[str, Any]] | None:
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                self.warn(path, f"skipped, it has {size:,} bytes and the sandbox reads at most {MAX_BYTES:,}.")
                return None
            raw = path.read_bytes()
            body = _parse(raw)
        except OSError as error:
            self.warn(path, f"skipped, it cannot be read ({error.strerror}).")
            return None
        except (ValueError, RecursionError) as error:
            self.warn(path, f"skipped, it is not valid JSON ({error}).")
            return None
        kind = KINDS[path.name]
        problem = _problem(body, kind)
        if problem:
            self.warn(path, f"skipped, {problem}.")
            return None
        digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
        return Artifact(path, path.name, kind, digest, body["metadata"]), body


def _parse(raw: bytes) -> Any:
    raw = raw.removeprefix(BYTE_ORDER_MARK)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return json.loads(raw.decode("utf-8"))  # more patient: dbt writes NaN at times


def _problem(body: Any, kind: str) -> str | None:
    """Why a file is not the artifact its name promises; None when it is."""
    if not isinstance(body, dict):
        return f"it holds a {type(body).__name__} where an object should be"
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return "it has no metadata"
    schema = text(metadata, "dbt_schema_version") or ""
    found = re.search(r"/([a-z-]+)/v(\d+)\.json$", schema)
    if not found or found[1] != kind:
        return f"its schema is {schema or 'not named'}, not {kind}"
    if int(found[2]) < OLDEST[kind]:
        return f"its schema {kind}/v{found[2]} is of a dbt before 1.4"
    name, shape = CONTENTS.get(kind, ("nodes", dict))
    if not isinstance(body.get(name), shape):
        return f"its {name} are missing or of the wrong kind"
    return None
