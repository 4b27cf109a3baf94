"""Freshness: how new the data is that a model is made from. The verdict is a function that gives its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from dbt_discovery.models.base import FreshnessStatus
from dbt_discovery.models.records import SourceFreshness
from dbt_discovery.words import count, duration

__all__ = ["ModelFreshness", "criteria_in_words", "freshness_reason", "is_outdated", "judge_freshness", "severity"]

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
    worst_first = sorted(sources, key=severity)
    judged = [source for source in worst_first if source.has_criteria]
    others = [source for source in worst_first if not source.has_criteria]
    reasons = [_reason(source, now) for source in judged if source.status is not FreshnessStatus.PASS]
    if fresh := [source for source in judged if source.status is FreshnessStatus.PASS]:
        reasons.append(_all_fresh(fresh, now) if len(fresh) > 1 else _reason(fresh[0], now))
    if others:
        named = ", ".join(source.full_name for source in others)
        reasons.append(f"Without freshness criteria, and so not judged: {named}.")
    return judged[0].status if judged else None, tuple(reasons), (*judged, *others)


def severity(source: SourceFreshness) -> tuple[bool, int, float, str]:
    """The key that sorts the worst source first: by status, then by age; those without criteria come last."""
    age = inf if source.never_loaded else source.age or 0.0
    return not source.has_criteria, _WORST_FIRST.index(source.status), -age, source.unique_id


def freshness_reason(source: SourceFreshness, now: datetime) -> str:
    """Why a source has the status it has, in a sentence; of a check that is too old to tell, that too."""
    if not source.has_criteria:
        return f"{source.full_name} has no freshness criteria, and so is not judged."
    sentence = _reason(source, now)
    if not is_outdated(source, now):
        return sentence
    return f"{sentence.removesuffix('.')}; the check is older than that, so it says little of now."


def is_outdated(source: SourceFreshness, now: datetime) -> bool:
    """Whether a check that passed is older than the age it allowed: unless rows came since, it would not pass now."""
    at, allowed = _looked_at(source), _allowed(source)
    passed = source.status is FreshnessStatus.PASS
    return passed and at is not None and allowed is not None and (now - at).total_seconds() > allowed


def criteria_in_words(source: SourceFreshness) -> str | None:
    """How fresh a source should be: `warn after 12 h, error after 2 d`; None where nobody said."""
    criteria = (("warn", source.warn_after), ("error", source.error_after))
    return ", ".join(f"{word} after {duration(limit)}" for word, limit in criteria if limit is not None) or None


def _reason(source: SourceFreshness, now: datetime) -> str:
    """What the newest check of a source says, in a sentence."""
    if source.status is FreshnessStatus.UNKNOWN:
        return f"{source.full_name} has criteria, but no check of its freshness came to a finding."
    age, limit = source.age, _limit(source)
    if source.never_loaded:
        rows = "had never had a row"
    elif age is None:
        return f"{source.full_name} came to {source.status.value}{_checked(source, now)}; dbt Cloud gives no age."
    elif age < 0:
        rows = f"has a newest row {duration(-age)} ahead of its check's clock"
    else:
        rows = f"had a newest row {duration(age)} old"
    return f"{source.full_name} {rows}{_checked(source, now)}{limit}."


def _limit(source: SourceFreshness) -> str:
    """The criterion that the finding is measured by."""
    if source.status is FreshnessStatus.PASS:
        allowed = _allowed(source)
        return "" if allowed is None else f", within the {duration(allowed)} allowed"
    passed = source.error_after if source.status is FreshnessStatus.ERROR else source.warn_after
    return "" if passed is None else f": {source.status.value} after {duration(passed)}"


def _allowed(source: SourceFreshness) -> float | None:
    """The age in seconds up to which nothing is wrong."""
    return min((each for each in (source.warn_after, source.error_after) if each is not None), default=None)


def _looked_at(source: SourceFreshness) -> datetime | None:
    """When the newest check looked at the source."""
    return source.snapshotted_at or source.checked_at


def _checked(source: SourceFreshness, now: datetime) -> str:
    at = _looked_at(source)
    return f" when checked {duration(max((now - at).total_seconds(), 0.0))} ago" if at else ""


def _all_fresh(sources: Sequence[SourceFreshness], now: datetime) -> str:
    """One sentence for all sources that are fresh, with the age of the oldest check."""
    looked = [at for source in sources if (at := _looked_at(source))]
    oldest = f"; the oldest check is {duration(max((now - min(looked)).total_seconds(), 0.0))} old" if looked else ""
    return f"{count(len(sources), 'source')} fresh when checked{oldest}."
