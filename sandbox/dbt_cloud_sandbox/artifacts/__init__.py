"""The artifacts world: an account made of the files that dbt runs left in a folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from dbt_cloud_sandbox.artifacts.errors import ArtifactsError
from dbt_cloud_sandbox.world import World


def artifacts_world(folder: Path | str, *, now: Callable[[], datetime] | None = None) -> World:
    """An account made of a folder tree of ``manifest.json``, ``run_results.json``, ``sources.json``, ``catalog.json``.

    A project is a manifest's project, an environment a target, a job a command without its paths and vars, a run one
    dbt invocation. Files of dbt 1.4 and later are understood; what cannot be used is named in ``warnings``.

    Raises:
        ArtifactsError: When the folder is missing or holds no usable run.
    """
    from dbt_cloud_sandbox.artifacts.world import ArtifactsWorld

    return ArtifactsWorld(Path(folder), now=now)


__all__ = ["ArtifactsError", "artifacts_world"]
