"""A tiny dbt Cloud whose every row a test writes by hand, for what the generated world does not hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
from dbt_discovery import DbtAccount, Settings

from tests.core.upstream import NOW, TOKEN, Upstream

__all__ = ["TinyCloud", "job", "model", "run"]


def run(run_id: int, started: str | None, finished: str | None, **more: Any) -> dict[str, Any]:
    """A run; created when it started unless it says otherwise. Times are UTC, such as `2026-11-17 10:00`."""
    return {
        "id": run_id,
        "job_id": 1,
        "project_id": 10,
        "environment_id": 100,
        "status": 10 if finished else 3,
        "created_at": started,
        "started_at": started,
        "finished_at": finished,
        "run_steps": [],
    } | more


def job(job_id: int, **more: Any) -> dict[str, Any]:
    return {"id": job_id, "project_id": 10, "environment_id": 100, "name": f"Job {job_id}", "triggers": {}} | more


def model(name: str, runtime: float | None = None, **more: Any) -> dict[str, Any]:
    """A model; its last attempt was its last success, in run 7, unless it says otherwise."""
    info = {
        "lastRunStatus": "success",
        "lastRunId": 7,
        "lastSuccessRunId": 7,
        "lastRunGeneratedAt": "2026-11-18T06:00:00.000Z",
        "executionTime": runtime,
        "executeStartedAt": "2026-11-18T05:50:00.000Z",
        "executeCompletedAt": "2026-11-18T05:51:00.000Z",
    } | more.pop("info", {})
    node = {"uniqueId": f"model.shop.{name}", "name": name, "projectId": 10, "environmentId": 100, "tags": []}
    return node | {"materializedType": "table", "executionInfo": info} | more


class TinyCloud(Upstream):
    """Both APIs over rows held in lists; what a failing test needs to change is public.

    Attributes:
        faults: Answers given instead, by a part of the path (`/runs/7/`) or the name of a query (`JobNodes`).
    """

    def __init__(self) -> None:
        super().__init__(self._answer_one)
        self.projects: list[dict[str, Any]] = [{"id": 10, "name": "Shop"}]
        self.environments: list[dict[str, Any]] = [
            {"id": 100, "project_id": 10, "name": "Prod", "type": "deployment", "deployment_type": "production"}
        ]
        self.jobs: list[dict[str, Any]] = [job(1)]
        self.runs: list[dict[str, Any]] = []
        self.models: dict[int, list[dict[str, Any]] | None] = {100: []}
        self.nodes: dict[int, dict[str, list[dict[str, Any]]]] = {}
        self.histories: dict[str, list[dict[str, Any]]] = {}
        self.faults: dict[str, httpx.Response] = {}

    def account(self, **settings: Any) -> DbtAccount:
        given = {"fixed_now": NOW} | settings
        return DbtAccount(token=TOKEN, account_id=1, transport=self, settings=Settings(**given))

    def _answer_one(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        asked = f"{request.url.path} {body.get('query', '')}"
        for part, fault in self.faults.items():
            if part in asked:
                return fault
        if body:
            return httpx.Response(200, json={"data": self._discovery(body["query"], body["variables"])})
        return self._admin(request)

    def _admin(self, request: httpx.Request) -> httpx.Response:
        parts = request.url.path.strip("/").split("/")
        kind, params = parts[4], request.url.params
        if len(parts) == 6:
            found = [row for row in self.runs if str(row["id"]) == parts[5]]
            return httpx.Response(200, json={"data": found[0]}) if found else httpx.Response(404, json={})
        rows = list(getattr(self, kind))
        if kind == "runs":
            rows = [row for row in rows if self._wanted(row, params)]
            order = params.get("order_by", "id")
            rows.sort(key=lambda row: row[order.removeprefix("-")], reverse=order.startswith("-"))
        total, offset, limit = len(rows), int(params.get("offset", 0)), int(params.get("limit", 100))
        rows = rows[offset : offset + limit]
        return httpx.Response(200, json={"data": rows, "extra": {"pagination": {"total_count": total}}})

    @staticmethod
    def _wanted(row: dict[str, Any], params: httpx.QueryParams) -> bool:
        if (job_id := params.get("job_definition_id")) and str(row["job_id"]) != job_id:
            return False
        if "created_at__range" not in params:
            return True
        first, last = map(datetime.fromisoformat, json.loads(params["created_at__range"]))
        return first <= datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC) <= last

    def _discovery(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "jobId" in variables:
            found = self.nodes.get(variables["runId"])
            return {"job": found, "run": found}
        if "r0" in variables:
            return {alias: self.nodes.get(run_id) for alias, run_id in variables.items() if alias.startswith("r")}
        environment = int(variables["environmentId"])
        if "uniqueId" in variables or "h0" in variables:
            wanted = {alias: value for alias, value in variables.items() if str(value).startswith("model.")}
            names = {"history" if alias == "uniqueId" else alias: unique_id for alias, unique_id in wanted.items()}
            count = variables["count"]
            found = {alias: self.histories.get(unique_id, [])[:count] for alias, unique_id in names.items()}
            return {"environment": {"applied": found}}
        nodes = self.models.get(environment)
        if nodes is None:
            return {"environment": None}
        connection = {"edges": [{"node": node} for node in nodes], "pageInfo": {"hasNextPage": False}}
        return {"environment": {"applied": {"models": connection | {"totalCount": len(nodes)}}}}
