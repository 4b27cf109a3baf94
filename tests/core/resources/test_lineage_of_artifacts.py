"""Lineage and freshness on real dbt runs: ephemeral models are in no warehouse, and yet stand between nodes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings

KINDS = ("model", "source", "seed", "snapshot", "exposure")


@pytest.fixture
async def account(artifacts: Path) -> AsyncIterator[DbtAccount]:
    world = sandbox.artifacts_world(artifacts, now=lambda: datetime(2100, 1, 1, tzinfo=UTC))
    now = max(run.finished_at for run in world.runs() if run.finished_at) + timedelta(hours=1)
    world = sandbox.artifacts_world(artifacts, now=lambda: now)
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=now)) as account:
        yield account


def manifest_of(artifacts: Path, unique_id: str) -> Mapping[str, Any]:
    """The newest manifest that holds a model."""
    found = [json.loads(path.read_text()) for path in artifacts.rglob("manifest.json")]
    holding = [each for each in found if unique_id in each["nodes"]]
    return max(holding, key=lambda each: each["metadata"]["generated_at"])


def above(manifest: Mapping[str, Any], unique_id: str) -> set[str]:
    """Everything that a node is made from, by walking up its manifest."""
    places = {**manifest["nodes"], **manifest["sources"], **manifest["exposures"]}
    found: set[str] = set()
    todo = [unique_id]
    while todo:
        for parent in places[todo.pop()].get("depends_on", {}).get("nodes", ()):
            if parent not in found and parent.split(".")[0] in KINDS:
                found.add(parent)
                todo.append(parent)
    return found


async def test_lineage_goes_through_ephemeral_models(account: DbtAccount, artifacts: Path) -> None:
    through = 0
    for model in await account.aget_models():
        manifest = manifest_of(artifacts, model.unique_id)
        expected = above(manifest, model.unique_id)
        lineage = await model.aget_lineage()
        assert {each.unique_id for each in lineage.upstream} == expected, model.name
        assert lineage.complete
        ephemeral = {
            uid
            for uid in expected
            if manifest["nodes"].get(uid, {}).get("config", {}).get("materialized") == "ephemeral"
        }
        through += len(ephemeral)
        for each in lineage.downstream:
            assert model.unique_id in above(manifest, each.unique_id), (model.name, each.name)
    assert through


async def test_freshness_looks_at_sources_behind_ephemeral_models(account: DbtAccount, artifacts: Path) -> None:
    looked_at = 0
    for model in await account.aget_models():
        expected = {
            uid for uid in above(manifest_of(artifacts, model.unique_id), model.unique_id) if uid.startswith("source.")
        }
        freshness = await model.aget_freshness()
        assert {each.unique_id for each in freshness.sources} == expected, model.name
        looked_at += len(expected)
    assert looked_at
