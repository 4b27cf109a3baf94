"""REST: figures about the service itself, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from dbt_discovery import DbtAccount, DbtDiscoveryError, Statistics
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from dbt_discovery_web.chat.figures import ChatFigures
from dbt_discovery_web.dependencies import AccountDep, patience
from dbt_discovery_web.request_figures import RequestFigures, RequestMeter
from dbt_discovery_web.wire.kept_answers import KeptAnswers

__all__ = ["AccountFigures", "measure_requests"]

router = APIRouter()


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


def measure_requests(app: FastAPI, answers: KeptAnswers) -> RequestFigures:
    """Makes an app count its requests, and answer `/metrics`. The figures are of this app in this process."""
    registry, account = CollectorRegistry(), AccountFigures()
    ProcessCollector(registry=registry)
    registry.register(account)
    registry.register(_KeptFigures(answers))
    app.state.figures = registry, account
    app.state.chat_figures = ChatFigures(registry)
    app.include_router(router)
    figures = RequestFigures(registry)
    app.add_middleware(RequestMeter, figures=figures)
    return figures


class _KeptFigures:
    """What was answered with bytes that were known, as Prometheus collects it."""

    def __init__(self, answers: KeptAnswers) -> None:
        self._answers = answers

    def collect(self) -> Iterator[Metric]:
        """The figures, as families."""
        text = "Requests answered with bytes that were known."
        yield CounterMetricFamily("dbt_discovery_kept_answers_given", text, self._answers.given)
        yield GaugeMetricFamily("dbt_discovery_kept_answers_bytes", "What these take.", self._answers.bytes)


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
