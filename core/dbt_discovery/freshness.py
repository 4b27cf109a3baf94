"""Freshness: how new the data is that a model is made from. The verdict is a function that gives its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.models.base import FreshnessStatus
from dbt_discovery.models.records import SourceFreshness
from dbt_discovery.words import count, duration

__all__ = ["ModelFreshness", "judge_freshness"]

_WORST_FIRST = (FreshnessStatus.ERROR, FreshnessStatus.WARN, FreshnessStatus.UNKNOWN, FreshnessStatus.PASS)


@dataclass(frozen=True, slots=True)
class ModelFreshness:
    """How fresh the sources of a model are, by the newest check of each.

    dbt Cloud knows no more than the last `dbt source freshness` found, and a build does not run that by itself:
    `checked_at` of a source tells how old its finding is.

    Attributes:
        unique_id: The model.
        status: The worst of its sources' that have criteria: error, warn, unknown, pass; None where none has.
        reasons: Why, in sentences, the worst source first.
        sources: Every source upstream, the worst first.
        last_success_time: When the model's own last successful build ended; None if it never was built.
        as_of: The oldest moment at which what this rests on was fetched.
        stale: Whether a refresh failed and older knowledge is shown.
        complete: Whether nothing that counts is missing.
        notes: Sentences that a reader should know.
    """

    unique_id: str
    status: FreshnessStatus | None
    reasons: tuple[str, ...]
    sources: tuple[SourceFreshness, ...]
    last_success_time: datetime | None
    as_of: datetime
    stale: bool = False
    complete: bool = True
    notes: tuple[str, ...] = ()


def judge_freshness(
    sources: Sequence[SourceFreshness], now: datetime
) -> tuple[FreshnessStatus | None, tuple[str, ...], tuple[SourceFreshness, ...]]:
    """The verdict on some sources at a moment: the worst status, the reasons, and the sources with the worst first.

    Error is worse than warn, that than never checked, that than pass. A source without criteria is not judged, since
    nobody said how fresh it should be; without any that has criteria the status is None.
    """
    judged = sorted(
        (source for source in sources if source.has_criteria),
        key=lambda source: (_WORST_FIRST.index(source.status), source.unique_id),
    )
    others = sorted((source for source in sources if not source.has_criteria), key=lambda source: source.unique_id)
    reasons = [_reason(source, now) for source in judged if source.status is not FreshnessStatus.PASS]
    if fresh := [source for source in judged if source.status is FreshnessStatus.PASS]:
        reasons.append(_all_fresh(fresh, now) if len(fresh) > 1 else _reason(fresh[0], now))
    if others:
        named = ", ".join(map(_name, others))
        reasons.append(f"Without freshness criteria, and so not judged: {named}.")
    return judged[0].status if judged else None, tuple(reasons), (*judged, *others)


def _reason(source: SourceFreshness, now: datetime) -> str:
    """What the newest check of a source says, in a sentence."""
    if source.status is FreshnessStatus.UNKNOWN:
        return f"{_name(source)} has criteria, but no check of its freshness came to a finding."
    age, limit = source.age, _limit(source)
    if source.never_loaded:
        rows = "had never had a row"
    elif age is None:
        return f"{_name(source)} came to {source.status.value}{_checked(source, now)}; dbt Cloud gives no age."
    elif age < 0:
        rows = f"has a newest row {duration(-age)} ahead of its check's clock"
    else:
        rows = f"had a newest row {duration(age)} old"
    return f"{_name(source)} {rows}{_checked(source, now)}{limit}."


def _limit(source: SourceFreshness) -> str:
    """The criterion that the finding is measured by."""
    if source.status is FreshnessStatus.PASS:
        allowed = [each for each in (source.warn_after, source.error_after) if each is not None]
        return f", within the {duration(min(allowed))} allowed"
    passed = source.error_after if source.status is FreshnessStatus.ERROR else source.warn_after
    return "" if passed is None else f": {source.status.value} after {duration(passed)}"


def _checked(source: SourceFreshness, now: datetime) -> str:
    at = source.snapshotted_at or source.checked_at
    return f" when checked {duration(max((now - at).total_seconds(), 0.0))} ago" if at else ""


def _all_fresh(sources: Sequence[SourceFreshness], now: datetime) -> str:
    """One sentence for all sources that are fresh, with the age of the oldest check."""
    looked = [at for source in sources if (at := source.snapshotted_at or source.checked_at)]
    oldest = f"; the oldest check is {duration(max((now - min(looked)).total_seconds(), 0.0))} old" if looked else ""
    return f"{count(len(sources), 'source')} fresh when checked{oldest}."


def _name(source: SourceFreshness) -> str:
    return f"{source.source_name}.{source.name}" if source.source_name else source.name
