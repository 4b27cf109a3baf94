"""A tiny dbt Cloud whose every row a test writes by hand, for what the generated world does not hold."""

from __future__ import annotations

import json
import re
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


_JOB_FIELDS = re.compile(r"(\w+)(?:: job)?\(((?:id: )[^)]*)\) (\{.*?\}(?= r\d|\s*\}))", re.DOTALL)
_HISTORY_FIELDS = re.compile(r"(\w+): modelHistoricalRuns\(uniqueId: \$(\w+), lastRunCount: \$(\w+)\)")
_LISTS = ("models", "tests", "seeds", "snapshots", "sources")
_PAGE = re.compile(r"first: (\d+), after: \$(\w+)")
_ARGUMENTS = re.compile(r"(\w+): \$(\w+)")


class TinyCloud(Upstream):
    """Both APIs over rows held in lists; what a failing test needs to change is public.

    Attributes:
        details: Code and meta of models; `groups`, `lineage`, `sources` and `tests` are of every environment.
        nodes: What runs left, by run and list.
        most_rows: Where a list of a job is cut that is asked for without a page size.
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
        self.most_rows: int | None = None
        self.histories: dict[str, list[dict[str, Any]]] = {}
        self.details: list[dict[str, Any]] = []
        self.groups: list[dict[str, Any]] = []
        self.lineage: list[dict[str, Any]] = []
        self.sources: list[dict[str, Any]] = []
        self.tests: list[dict[str, Any]] = []
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
        if len(parts) == 4:
            return httpx.Response(200, json={"data": {"id": int(parts[3]), "name": "Tiny"}})
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
        if "job(" in query:
            fragments = query.partition("fragment")[2]
            fields = _JOB_FIELDS.findall(query)
            return {alias: self._job(args, body + fragments, variables) for alias, args, body in fields}
        environment = int(variables["environmentId"])
        if kind := next((kind for kind in ("groups", "sources", "tests") if f"{kind}(first" in query), None):
            rows = getattr(self, kind)
            page = {"edges": [{"node": row} for row in rows], "pageInfo": {"hasNextPage": False}}
            state = {kind: page | {"totalCount": len(rows)}}
            return {"environment": {"applied": state, "definition": state}}
        if "lineage(" in query:
            return {"environment": {"applied": {"lineage": self.lineage}}}
        if "rawCode" in query:
            found = [row for row in self.details if row["uniqueId"] == variables["uniqueId"]]
            return {"environment": {"applied": {"models": {"edges": [{"node": row} for row in found]}}}}
        if "modelHistoricalRuns" in query:
            fields = _HISTORY_FIELDS.findall(query)
            found = {alias: self.histories.get(variables[of], [])[: variables[count]] for alias, of, count in fields}
            return {"environment": {"applied": found}}
        nodes = self.models.get(environment)
        if nodes is None:
            return {"environment": None}
        connection = {"edges": [{"node": node} for node in nodes], "pageInfo": {"hasNextPage": False}}
        return {"environment": {"applied": {"models": connection | {"totalCount": len(nodes)}}}}

    def _job(self, args: str, body: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        """A `job` field: whole lists, or a page of one, or one model."""
        given = {name: variables[variable] for name, variable in _ARGUMENTS.findall(args)}
        results = [row for row in self.runs if row["job_id"] == given["id"] and row["id"] in self.nodes]
        latest = max((row["id"] for row in results), default=None)
        nodes = self.nodes.get(given.get("runId", latest))
        if nodes is None:
            return None
        if one := re.search(r"model\(uniqueId: \$(\w+)\)", body):
            named = [node for node in nodes["models"] if node["uniqueId"] == variables[one[1]]]
            return {"model": named[0] if named else None}
        return {kind: self._rows(nodes.get(kind, []), body, variables) for kind in _LISTS if kind in body}

    def _rows(self, rows: list[dict[str, Any]], body: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
        if "paginationCursor" in body:
            rows = [row | {"paginationCursor": str(place)} for place, row in enumerate(rows)]
        page = _PAGE.search(body)
        if not page:
            return rows[: self.most_rows]
        start = int(variables.get(page[2], -1)) + 1
        return rows[start : start + int(page[1])]
