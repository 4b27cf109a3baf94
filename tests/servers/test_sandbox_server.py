from __future__ import annotations

import httpx
from dbt_cloud_sandbox import World

from .sandbox_server import sandbox_server


def test_serves_a_world_and_counts_what_it_is_asked(world: World) -> None:
    with sandbox_server(world) as server, httpx.Client(headers={"Authorization": "Token any"}) as client:
        answer = client.get(f"{server.url}/api/v2/accounts/{world.account.id}/jobs/")
        assert len(answer.json()["data"]) == len(world.jobs())
        assert list(server.requests) == [("GET", f"/api/v2/accounts/{world.account.id}/jobs/")]
        assert server.environment()["DBT_METADATA_URL"] == f"{server.url}/graphql"
