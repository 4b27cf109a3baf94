"""The Discovery API: GraphQL over the latest state of environments and over runs of jobs."""

from __future__ import annotations

from dbt_cloud_sandbox.discovery.endpoint import routes

__all__ = ["routes"]
