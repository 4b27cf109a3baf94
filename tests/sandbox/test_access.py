"""Tokens, other accounts, slashes and methods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Client

QUERY = {"query": "{ job(id: 1) { id } }"}


@pytest.mark.parametrize("prefix", ["Token", "Bearer", "bearer"])
async def test_any_token_works_with_either_prefix(client: Client, prefix: str) -> None:
    headers = {"Authorization": f"{prefix} dbtc_whatever"}
    assert (await client.http.get("/api/v3/accounts/", headers=headers)).status_code == 200
    assert (await client.http.post("/graphql", headers=headers, json=QUERY)).json() == {"data": {"job": None}}


@pytest.mark.parametrize("header", ["", "dbtc_whatever", "Basic abc", "Token"])
async def test_a_missing_prefix_is_a_401_in_both_apis(client: Client, header: str) -> None:
    headers = {"Authorization": header}
    response = await client.http.get("/api/v3/accounts/", headers=headers)
    assert response.status_code == 401
    assert response.json()["status"]["user_message"] == "Unauthorized: Invalid or expired token."
    discovery = await client.http.post("/graphql", headers=headers, json=QUERY)
    assert discovery.status_code == 401
    assert discovery.json()["errors"][0]["message"] == "User is not authorized"


async def test_the_invalid_token_is_refused_as_recorded(client: Client, reference: Path) -> None:
    headers = {"Authorization": "Token invalid"}
    recorded = json.loads((reference / "payloads/errors/real_error_bodies.json").read_text())
    wanted = next(entry["body"] for entry in recorded if entry["http"] == 401 and entry["kind"] == "real")
    response = await client.http.get(f"{client.account}/runs/", headers=headers)
    assert (response.status_code, response.json()) == (401, wanted)
    assert (await client.http.post("/graphql", headers=headers, json=QUERY)).status_code == 401


async def test_a_metadata_only_token_reaches_discovery_alone(client: Client) -> None:
    headers = {"Authorization": "Token metadata-only"}
    response = await client.http.get(f"{client.account}/runs/", headers=headers)
    assert response.status_code == 403
    assert response.json()["status"]["user_message"].startswith("Forbidden")
    assert (await client.http.post("/graphql", headers=headers, json=QUERY)).status_code == 200


async def test_an_admin_only_token_reaches_the_admin_api_alone(client: Client) -> None:
    headers = {"Authorization": "Token admin-only"}
    assert (await client.http.get(f"{client.account}/runs/", headers=headers)).status_code == 200
    response = await client.http.post("/graphql", headers=headers, json=QUERY)
    assert response.status_code == 403
    assert response.json() == {
        "errors": [{"message": "User is not authorized", "extensions": {"code": "FORBIDDEN"}}],
    }


async def test_another_account_is_not_found_for_want_of_permission(client: Client) -> None:
    body = await client.get("/api/v2/accounts/1/jobs/", answer=404)
    assert "check that you have the proper permissions" in body["status"]["user_message"]
    assert body["data"] is None


@pytest.mark.parametrize("path", ["/jobs/1/", "/runs/1/", "/environments/1/", "/projects/1/", "/nonsense/"])
async def test_an_unknown_resource_is_not_found(client: Client, path: str) -> None:
    body = await client.get(f"{client.account}{path}", answer=404)
    assert body["status"]["user_message"] == "The requested resource was not found."


async def test_a_get_without_its_slash_is_redirected_with_its_query(client: Client) -> None:
    response = await client.http.get(f"{client.account}/runs", params={"limit": 1})
    assert response.status_code == 301
    assert response.headers["Location"] == f"http://sandbox{client.account}/runs/?limit=1"


async def test_a_post_without_its_slash_arrives_as_a_get(client: Client) -> None:
    response = await client.http.post(f"{client.account}/jobs/1/run")
    assert (response.status_code, response.json()) == (405, {"detail": 'Method "GET" not allowed.'})


async def test_nothing_can_be_written(client: Client) -> None:
    response = await client.http.post(f"{client.account}/jobs/{client.world.jobs()[0].id}/", json={})
    assert (response.status_code, response.json()) == (405, {"detail": 'Method "POST" not allowed.'})
