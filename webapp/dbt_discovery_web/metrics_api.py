"""REST: figures about the service itself, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dbt_discovery import DbtAccount, DbtDiscoveryError, Statistics
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from dbt_discovery_web.chat_figures import ChatFigures
from dbt_discovery_web.dependencies import AccountDep, patience

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["AccountFigures", "RequestMeter", "measure_requests"]

router = APIRouter()

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""What durations are counted up to: from an answer out of memory to a long question to dbt Cloud."""
_NOWHERE = "none"
"""The route of what no route answers."""


class AccountFigures:
    """What an account tells of itself, as Prometheus collects it.

    Attributes:
        statistics: What became of its questions; nothing is told before it is known.
        runs: How many of its runs are in the run store, if that could be told.
    """

    def __init__(self) -> None:
        self.statistics: Statistics | None = None
        self.runs: int | None = None

    def collect(self) -> Iterator[Metric]:
        """The figures, as families."""
        if self.statistics is None:
            return
        cache = self.statistics.cache
        answers = CounterMetricFamily(
            "dbt_discovery_answers", "Answers that questions needed, by where they came from.", labels=["source"]
        )
        for source in ("hits", "misses", "stored", "stale_served", "shared_hits", "bridged"):
            answers.add_metric([source], getattr(cache, source))
        yield answers
        for name, text, count in (
            ("upstream_requests", "Requests sent to dbt Cloud.", self.statistics.requests),
            ("flights_joined", "Requests not sent, because the same was under way.", cache.flights_joined),
            ("questions_shared", "Questions that got the answer to an equal one.", self.statistics.questions_shared),
            ("cache_evicted", "Answers dropped for want of room.", cache.evicted),
        ):
            yield CounterMetricFamily(f"dbt_discovery_{name}", text, count)
        yield GaugeMetricFamily("dbt_discovery_cache_entries", "Answers in memory.", cache.entries)
        yield GaugeMetricFamily("dbt_discovery_cache_bytes", "What they take, near enough.", cache.bytes)
        if self.runs is not None:
            yield GaugeMetricFamily("dbt_discovery_runs_stored", "Runs in the run store.", self.runs)


def measure_requests(app: FastAPI) -> None:
    """Makes an app count its requests, and answer `/metrics`. The figures are of this app in this process."""
    registry, account = CollectorRegistry(), AccountFigures()
    ProcessCollector(registry=registry)
    registry.register(account)
    app.state.figures = registry, account
    app.state.chat_figures = ChatFigures(registry)
    app.include_router(router)
    app.add_middleware(RequestMeter, registry=registry)


class RequestMeter:
    """Counts requests by the route that answered, never by their path: there are as many labels as routes.

    Args:
        app: The app behind.
        registry: Where the figures are.
    """

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ("method", "route")
        self._requests = Counter(
            "dbt_discovery_http_requests", "Requests answered.", (*labels, "status"), registry=registry
        )
        self._seconds = Histogram(
            "dbt_discovery_http_request_duration_seconds",
            "Seconds until an answer was sent to its end.",
            labels,
            buckets=_SECONDS,
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, begun = 500, time.perf_counter()  # which an error that nobody foresaw becomes further out

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            method, route = _method(scope), _route(scope)
            self._requests.labels(method, route, str(status)).inc()
            self._seconds.labels(method, route).observe(time.perf_counter() - begun)


@router.get(
    "/metrics",
    tags=["Service"],
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"description": "The figures", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request, account: AccountDep) -> Response:
    """Requests and the chat's turns and what they took, answers and requests to dbt Cloud, and runs in the store.

    Asks nothing of dbt Cloud.
    """
    registry, figures = request.app.state.figures
    figures.statistics, figures.runs = account.statistics, await _stored_runs(account)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), media_type=media_type)


async def _stored_runs(account: DbtAccount) -> int | None:
    """How many runs the store has; None before anything was asked, and where the store cannot tell at once."""
    if account.account_id is None:
        return None
    try:
        async with patience():
            store = await account.aget_store()
    except (DbtDiscoveryError, TimeoutError):
        return None
    return sum(source.runs for source in store.sources if source.mine)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _route(scope: Scope) -> str:
    """The path of the route that answered, with names in place of what varies; that of a whole folder's mount."""
    if route := scope.get("route"):
        return str(route.path_format)
    if "endpoint" not in scope:
        return _NOWHERE
    folder = scope["root_path"].removeprefix(scope.get("app_root_path", ""))
    return str(folder or scope["app"].openapi_url)  # the one route that is no operation of its own document
