"""Worlds with a fixed clock, and a client that reaches them without a socket."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import World, create_app, generated_world
from dbt_cloud_sandbox.bridge import SandboxTransport

REFERENCE = os.environ.get("DBT_DISCOVERY_REFERENCE")  # read before the tests' clean environment hides it
NOW = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)


class Client:
    """Asks one sandbox; `account` is the path of its account in the v2 API."""

    def __init__(self, http: httpx.AsyncClient, world: World) -> None:
        self.http, self.world = http, world
        self.account = f"/api/v2/accounts/{world.account.id}"
        self.v3 = f"/api/v3/accounts/{world.account.id}"

    async def get(self, path: str, answer: int = 200, **params: Any) -> Any:
        response = await self.http.get(path, params=params)
        assert response.status_code == answer, response.text[:500]
        return response.json()

    async def listed(self, path: str, **params: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.get(path, **params))["data"]
        return rows

    async def runs(self, **params: Any) -> list[dict[str, Any]]:
        return await self.listed(f"{self.account}/runs/", **params)

    async def graphql(self, query: str, answer: int = 200, **variables: Any) -> Any:
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        assert response.status_code == answer, response.text[:500]
        return response.json()

    async def data(self, query: str, **variables: Any) -> Any:
        body = await self.graphql(query, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]


def connect(world: World, **options: Any) -> Client:
    headers = {"Authorization": "Token anything"}
    app = create_app(world, **options)
    http = httpx.AsyncClient(transport=SandboxTransport(app), base_url="http://sandbox", headers=headers)
    return Client(http, world)


@pytest.fixture(scope="session")
def world() -> World:
    return generated_world(now=lambda: NOW)


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    client = connect(world)
    async with client.http:
        yield client


@pytest.fixture(scope="session")
def reference() -> Path:
    if not REFERENCE:
        pytest.skip("DBT_DISCOVERY_REFERENCE does not name the reference folder")
    return Path(REFERENCE)


def production(world: World, project: str) -> int:
    """The id of a project's production environment."""
    home = next(p for p in world.projects() if p.package == project)
    return next(e.id for e in world.environments() if e.project_id == home.id and e.deployment_type == "production")


def job_id(world: World, name: str) -> int:
    return next(job.id for job in world.jobs() if job.name == name)
