"""A small dbt Cloud behind real sockets, whose every answer a test writes by hand: for permissions and odd accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.running import running

__all__ = ["OddCloud", "served_cloud", "state"]


def state(models: int, updated_at: str | None) -> dict[str, Any]:
    """An environment as Discovery shows it."""
    lists = {kind: {"totalCount": models} for kind in ("models", "tests", "sources")}
    return {"dbtProjectName": "shop", "applied": {"lastUpdatedAt": updated_at} | lists}


@dataclass
class OddCloud:
    """Both APIs over what a test says. A number instead of rows is the status with which they are refused.

    Attributes:
        states: The environments that Discovery shows; None for one that is null.
        discovery: The status with which the Discovery API answers.
        asked: Path, and for Discovery the environment, of every request so far.
    """

    accounts: list[dict[str, Any]] | int = field(default_factory=lambda: [{"id": 1, "name": "Shop Inc"}])
    projects: list[dict[str, Any]] | int = field(default_factory=lambda: [{"id": 10, "name": "Shop"}])
    environments: list[dict[str, Any]] | int = field(
        default_factory=lambda: [
            {"id": 100, "project_id": 10, "name": "Prod", "type": "deployment", "deployment_type": "production"}
        ]
    )
    jobs: list[dict[str, Any]] | int = field(default_factory=list)
    runs: list[dict[str, Any]] | int = field(default_factory=list)
    states: Mapping[int, dict[str, Any] | None] = field(
        default_factory=lambda: {100: state(3, "2026-11-18T06:00:00.000Z")}
    )
    discovery: int = 200
    asked: list[str] = field(default_factory=list)

    def answer_admin(self, request: Request) -> Response:
        rows = getattr(self, request.url.path.strip("/").rsplit("/", 1)[-1])
        if isinstance(rows, int):
            status = {"code": rows, "user_message": f"no, says dbt Cloud ({rows})"}
            return JSONResponse({"status": status, "data": None}, rows)
        return JSONResponse({"data": rows, "extra": {"pagination": {"total_count": len(rows)}}})

    def answer_discovery(self, environment_id: int) -> Response:
        if self.discovery != 200:
            return JSONResponse({"errors": [{"message": "no, says Discovery"}]}, self.discovery)
        return JSONResponse({"data": {"environment": self.states.get(environment_id)}})


@contextmanager
def served_cloud(cloud: OddCloud) -> Iterator[dict[str, str]]:
    """Serves it; gives the variables that point a client there, without an account's id."""

    async def admin(request: Request) -> Response:
        cloud.asked.append(request.url.path)
        return cloud.answer_admin(request)

    async def discovery(request: Request) -> Response:
        environment_id = int(json.loads(await request.body())["variables"]["environmentId"])
        cloud.asked.append(f"{request.url.path} {environment_id}")
        return cloud.answer_discovery(environment_id)

    routes = [Route("/graphql", discovery, methods=["POST"]), Route("/api/{rest:path}", admin)]
    with running(Starlette(routes=routes)) as url:
        yield {"DBT_SERVICE_TOKEN": "dbtc_odd-token", "DBT_ADMIN_URL": url, "DBT_METADATA_URL": f"{url}/graphql"}
