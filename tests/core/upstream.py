"""A dbt Cloud of a test's own making: it answers as a function says, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.operation import AdminOperation, DiscoveryOperation
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

__all__ = ["NOW", "TOKEN", "Upstream", "admin", "discovery", "rows", "wire_to"]

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
TOKEN = "dbtc_s3cr3t-t0ken"

Answering = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Upstream(httpx.AsyncBaseTransport):
    """An httpx transport that a function answers.

    Attributes:
        requests: What it was asked, in order.
    """

    def __init__(self, answer: Answering) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answer(request)
        response = answer if isinstance(answer, httpx.Response) else await answer
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    @property
    def variables(self) -> list[dict[str, Any]]:
        """The variables of each GraphQL query."""
        return [json.loads(request.content)["variables"] for request in self.requests]


def wire_to(upstream: Upstream | Answering, account_id: str | None = "1", host: str | None = None) -> Wire:
    """A wire that ends in `upstream`."""
    transport = upstream if isinstance(upstream, Upstream) else Upstream(upstream)
    return Wire(endpoints_for(host), SecretStr(TOKEN), account_id, lambda: NOW, transport)


def admin(path: str = "v2/accounts/{account}/things/", *, paged: bool = False, **options: Any) -> AdminOperation[Any]:
    given = {"name": "things", "scope": "jobs", "parse": lambda data: data} | options
    return AdminOperation(path=path, paged=paged, **given)


def discovery(**options: Any) -> DiscoveryOperation[Any]:
    given = {"name": "things", "scope": "models", "document": "query Things { things }", "parse": lambda data: data}
    return DiscoveryOperation(**given | options)


def rows(request: httpx.Request, total: int, **extra: Any) -> httpx.Response:
    """A page of a list of `total` rows, as the Admin API gives it."""
    offset, limit = (int(request.url.params[name]) for name in ("offset", "limit"))
    page = [{"id": n} for n in range(offset, min(offset + limit, total))]
    pagination = {"count": len(page), "total_count": total}
    return httpx.Response(200, json={"data": page, "extra": {"pagination": pagination}} | extra)
