"""Plain clients: the same pages without us, one after another, with httpx and orjson."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx
import orjson
from dbt_discovery.services.operation import query_text

from benchmarks.serving import Served

__all__ = ["BareClient", "NewConnections"]

_HEADERS = {"Authorization": "Token any"}
_PATIENCE = 60.0


class BareClient:
    """Reads pages over one connection that stays open, and keeps nothing.

    Attributes:
        requests: How many it sent.
    """

    def __init__(self, served: Served) -> None:
        self.requests = 0
        self._url, self._account = served.url, f"{served.url}/api/v2/accounts/{served.account_id}"
        self._http = httpx.Client(headers=_HEADERS, timeout=_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def rows(self, kind: str, **filters: str) -> list[dict[str, Any]]:
        """Every row of a list of the Admin API, in pages of 100."""
        rows: list[dict[str, Any]] = []
        while True:
            page = {"limit": "100", "offset": str(len(rows)), "order_by": "id"}
            body = self._send("GET", f"{self._account}/{kind}/", params=filters | page)
            rows += body["data"]
            if not body["data"] or len(rows) >= body["extra"]["pagination"]["total_count"]:
                return rows

    def runs(self, first: str, last: str) -> list[dict[str, Any]]:
        """The runs created on these days, both included."""
        span = f'["{first}T00:00:00+00:00","{last}T23:59:59.999999+00:00"]'
        return self.rows("runs", created_at__range=span)

    def models(self, page: int) -> list[dict[str, Any]]:
        """Every model of the production environments, asked for as we do, so many at a time."""
        homes = [row["id"] for row in self.rows("environments") if row["deployment_type"] == "production"]
        return [model for home in homes for model in self.models_of(home, page)]

    def models_of(self, environment_id: int, page: int) -> list[dict[str, Any]]:
        """Every model of an environment, so many at a time."""
        models: list[dict[str, Any]] = []
        after = None
        while True:
            variables = {"environmentId": environment_id, "first": page, "after": after}
            asked = {"query": query_text("models"), "variables": variables}
            body = self._send("POST", f"{self._url}/graphql", json=asked)
            found = body["data"]["environment"]["applied"]["models"]
            models += [edge["node"] for edge in found["edges"]]
            if not found["pageInfo"]["hasNextPage"]:
                return models
            after = found["pageInfo"]["endCursor"]

    def _send(self, method: str, url: str, **request: Any) -> Any:
        self.requests += 1
        return orjson.loads(self._http.request(method, url, **request).raise_for_status().content)


class NewConnections(BareClient):
    """Opens a connection for each request, as other clients of dbt Cloud do."""

    def _send(self, method: str, url: str, **request: Any) -> Any:
        self.requests += 1
        response = httpx.request(method, url, headers=_HEADERS, timeout=_PATIENCE, **request)
        return orjson.loads(response.raise_for_status().content)
