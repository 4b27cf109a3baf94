"""Groups: what the nodes of an environment say about the teams that own them."""

from __future__ import annotations

from dbt_cloud_sandbox.discovery.rows import Defined, Row
from dbt_cloud_sandbox.records import Node


def group_rows(rows: Defined) -> list[Row]:
    """The groups that models, seeds, snapshots and tests belong to, by unique id.

    A group's owner is that of its members: a world has no record of a group itself, so one without members is not
    listed, and none has a file of its own.
    """
    members: dict[str, list[Node]] = {}
    for node in rows.visible.values():
        if node.group:
            members.setdefault(f"group.{node.package_name}.{node.group}", []).append(node)
    return [_row(rows, unique_id, members[unique_id]) for unique_id in sorted(members)]


def _row(rows: Defined, unique_id: str, members: list[Node]) -> Row:
    home, run = rows.state.environment, rows.situation
    models = [node.unique_id for node in members if node.resource_type == "model"]
    owned = next((node for node in members if node.owner), members[0])
    return {
        "accountId": home.account_id,
        "projectId": home.project_id,
        "environmentId": home.id,
        "uniqueId": unique_id,
        "name": members[0].group,
        "resourceType": "group",
        "description": None,
        "filePath": "",
        "meta": {},
        "tags": [],
        "runGeneratedAt": run["runGeneratedAt"],
        "jobId": run["jobDefinitionId"],
        "runId": run["runId"],
        "packageName": members[0].package_name,
        "ownerName": owned.owner,
        "ownerEmail": owned.owner_email,
        "modelCount": len(models),
        "models": lambda info: rows.nested(models),
    }
