"""A local dbt Cloud: its Admin and Discovery APIs over real dbt artifacts or a generated account."""

from __future__ import annotations

from dbt_cloud_sandbox.app import create_app, transport
from dbt_cloud_sandbox.artifacts import ArtifactsError, artifacts_world
from dbt_cloud_sandbox.faults import Fault, Faults
from dbt_cloud_sandbox.generated import generated_world
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

__all__ = [
    "Account",
    "ArtifactsError",
    "CatalogEntry",
    "Column",
    "Environment",
    "Fault",
    "Faults",
    "FreshnessResult",
    "Job",
    "Node",
    "NodeResult",
    "Project",
    "Run",
    "RunStep",
    "World",
    "artifacts_world",
    "create_app",
    "generated_world",
    "transport",
]
