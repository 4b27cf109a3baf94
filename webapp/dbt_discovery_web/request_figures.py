"""Request figures: how many requests were answered, by which routes, and how long that took, for Prometheus."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.utils import floatToGoString

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RequestFigures", "RequestMeter"]

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""What durations are counted up to: from an answer out of memory to a long question to dbt Cloud."""
_NOWHERE = "none"
"""The route of what no route answers."""


class RequestFigures:
    """Counts requests by the route that answered, never by their path: there are as many labels as routes.

    Every request passes here, those of the short way too, which cost little else: so they are added up in plain
    numbers, and put into the form for Prometheus when it asks. Only the loop that serves the app may count.

    Args:
        registry: Where the figures are told.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answered: Counter[tuple[str, str, int]] = Counter()
        self._took: dict[tuple[str, str], _Durations] = defaultdict(_Durations)
        registry.register(self)

    def count(self, method: str, route: str, status: int, began: float) -> None:
        """Takes down a request that began then, by `time.perf_counter`, and has been answered."""
        self._answered[method, route, status] += 1
        self._took[method, route].add(time.perf_counter() - began)

    def collect(self) -> Iterator[Metric]:
        """The figures, as families."""
        name, labels = "dbt_discovery_http_requests", ("method", "route")
        requests = CounterMetricFamily(name, "Requests answered.", labels=[*labels, "status"])
        for (method, route, status), count in self._answered.items():
            requests.add_metric([method, route, str(status)], count)
        yield requests
        name, text = "dbt_discovery_http_request_duration_seconds", "Seconds until an answer was sent to its end."
        seconds = HistogramMetricFamily(name, text, labels=labels)
        for key, durations in self._took.items():
            seconds.add_metric(key, durations.buckets(), durations.sum)
        yield seconds


class _Durations:
    """How long requests took.

    Attributes:
        sum: Seconds of all together.
    """

    __slots__ = ("_counts", "sum")

    def __init__(self) -> None:
        self.sum = 0.0
        self._counts = [0] * (len(_SECONDS) + 1)

    def add(self, seconds: float) -> None:
        """Adds a request that took so many seconds."""
        self.sum += seconds
        self._counts[bisect_left(_SECONDS, seconds)] += 1

    def buckets(self) -> list[tuple[str, float]]:
        """How many took no longer than each of the bounds, which are written as Prometheus writes them."""
        bounds = map(floatToGoString, (*_SECONDS, float("inf")))
        return list(zip(bounds, accumulate(self._counts), strict=True))


class RequestMeter:
    """Counts the requests that an app answers.

    Args:
        app: The app behind.
        figures: Where they are counted.
    """

    def __init__(self, app: ASGIApp, figures: RequestFigures) -> None:
        self._app, self._figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()  # which an error that nobody foresaw becomes further out

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            self._figures.count(_method(scope), _route(scope), status, began)


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
