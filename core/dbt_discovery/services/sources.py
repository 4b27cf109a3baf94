"""Sources and how fresh they are, over the Discovery API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbt_discovery.models.base import FreshnessStatus
from dbt_discovery.models.records import SourceFreshness
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, DiscoveryOperation, query_text
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.values import to_event, to_moment, to_object, to_text

__all__ = ["SourceService"]

_PAGE = 500
_STATUS = {
    "error": FreshnessStatus.ERROR,
    "runtime error": FreshnessStatus.ERROR,
    "fail": FreshnessStatus.ERROR,
    "warn": FreshnessStatus.WARN,
    "pass": FreshnessStatus.PASS,
}
_PERIOD = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class SourceService:
    """Answers about sources."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def sources(
        self, environment_id: str, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[SourceFreshness, ...] | None]:
        """Every source of an environment; None where it is out of the token's sight."""
        return await self._client.ask(
            DiscoveryOperation(
                name="sources",
                variables=(("environmentId", int(environment_id)), ("first", _PAGE)),
                scope="models",
                document=query_text("sources"),
                connection=("environment", "applied", "sources"),
                parse=lambda nodes: None if nodes is None else tuple(map(_source, nodes)),
            ),
            refresh=refresh,
        )


def _source(node: Mapping[str, Any]) -> SourceFreshness:
    """A source. The word for its status is compared without case, which differs from place to place."""
    found = to_object(node.get("freshness"))
    criteria = to_object(found.get("criteria"))
    loaded, looked = to_moment(found.get("maxLoadedAt")), to_event(found.get("snapshottedAt"))
    age = found.get("maxLoadedAtTimeAgoInS")
    word = str(found.get("freshnessStatus")).lower() if found.get("freshnessChecked") is not False else ""
    return SourceFreshness(
        unique_id=node["uniqueId"],
        source_name=to_text(node.get("sourceName")) or "",
        name=to_text(node.get("name")) or node["uniqueId"].rsplit(".", 1)[-1],
        status=_STATUS.get(word, FreshnessStatus.UNKNOWN),
        max_loaded_at=loaded,
        snapshotted_at=looked,
        age=float(age) if isinstance(age, int | float) else _between(loaded, looked),
        warn_after=_seconds(criteria.get("warnAfter")),
        error_after=_seconds(criteria.get("errorAfter")),
        checked_at=to_event(found.get("freshnessRunGeneratedAt")) or looked,
    )


def _between(loaded: datetime | None, looked: datetime | None) -> float | None:
    """Seconds from one moment to the other, which may be fewer than none (quirks, *Timestamps*)."""
    return (looked - loaded).total_seconds() if loaded and looked else None


def _seconds(criterion: Any) -> float | None:
    """An age that a criterion allows; one that is not set has neither count nor period."""
    given = to_object(criterion)
    count, period = given.get("count"), _PERIOD.get(str(given.get("period")).lower())
    return count * period.total_seconds() if isinstance(count, int | float) and period else None
