"""The Admin API, v2 and v3, as far as reading accounts, projects, environments, jobs and runs goes."""

from __future__ import annotations

from dbt_cloud_sandbox.admin.routes import routes

__all__ = ["routes"]
