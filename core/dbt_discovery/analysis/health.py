"""Health: whether a model can be relied on. The verdict is a function that gives its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from dbt_discovery.analysis.topology import in_order
from dbt_discovery.models.base import FreshnessStatus, NodeStatus
from dbt_discovery.models.records import GraphNode, ModelRecord, SourceFreshness
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.words import count, cut_text, duration, either, few

__all__ = [
    "LONG_AGO",
    "NOT_LATELY",
    "Cause",
    "Health",
    "ModelHealth",
    "Reason",
    "judge_health",
    "last_built",
    "named_sources",
    "stale_sources",
    "usual_interval",
]

NOT_LATELY = timedelta(days=2)
"""Age of a build below which nobody asks how often it is due."""
LONG_AGO = timedelta(days=30)
"""Age from which on a build is old where nobody knows how often it is due: as in dbt Catalog's data health signals."""

_INTERVALS = 3.0
"""So many usual intervals may pass: one run that failed and one that was put off are no news."""
_LEAST_RUNS = 4
_NAMED = 3
_ERROR_LENGTH = 200
_STALE = {FreshnessStatus.ERROR: 0, FreshnessStatus.WARN: 1}


class Health(StrEnum):
    """Whether a model can be relied on, the worst first."""

    FAILING = "failing"
    WARNING = "warning"
    UNKNOWN = "unknown"
    HEALTHY = "healthy"


class Cause(StrEnum):
    """What a reason is about, the weightiest first."""

    ATTEMPT = "attempt"
    STALE_SOURCES = "stale_sources"
    TESTS = "tests"
    LATE_SOURCES = "late_sources"
    AGE = "age"
    UNTESTED = "untested"


_WORST_FIRST, _WEIGHTIEST_FIRST = tuple(Health), tuple(Cause)


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong with a model, or not known of it: how bad that is, what it is about, and a sentence.

    What is merely missing, such as tests, is no worse than healthy.
    """

    health: Health
    cause: Cause
    sentence: str

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among others, the worst first."""
        return _WORST_FIRST.index(self.health), _WEIGHTIEST_FIRST.index(self.cause)


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """The verdict on a model.

    Attributes:
        faults: What is wrong with it, or not known of it, the worst first.
        merits: Sentences that speak for a healthy model.
    """

    faults: tuple[Reason, ...]
    merits: tuple[str, ...] = ()

    @property
    def verdict(self) -> Health:
        """The worst that any reason gives."""
        return self.faults[0].health if self.faults else Health.HEALTHY

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is so, in sentences, the worst first."""
        return (*(each.sentence for each in self.faults), *self.merits)

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among others, the worst first."""
        return self.faults[0].place if self.faults else (_WORST_FIRST.index(Health.HEALTHY), len(Cause))


def judge_health(
    model: ModelRecord,
    *,
    tests: Sequence[TestRecord],
    stale: Sequence[SourceFreshness],
    interval: float | None,
    now: datetime,
) -> ModelHealth:
    """The verdict on a model at a moment.

    What is looked at is what dbt Catalog's data health signals look at
    (docs.getdbt.com/docs/explore/data-health-signals), without descriptions and how long ago sources were checked. How
    much each weighs, that a skipped model is failing, and how old a build may be, is decided here:

    * failing: the last attempt ended in an error or was skipped; a test fails or ends in an error. These are the
      model's own: a source that nobody loads (Catalog: degraded) is a warning, or one such source would hide, among
      everything downstream of it, the models that somebody has to mend.
    * warning: a source upstream is stale, by an error or a warning of its freshness check; a test warns; the last
      successful build (or the last run that needed none, see `last_built`) is older than three times the usual interval
      between the runs of the job that last ran it (and than two days), or than thirty days where that interval is not
      known.
    * unknown: no run has built it, or its last attempt came to a status that is not known here.
    * healthy: none of these. That no test checks it (Catalog: caution) is among the reasons, but says nothing of the
      data: where half of the models have none, a warning of each would warn of nothing.

    Args:
        model: The model.
        tests: The tests of it, as its environment has them.
        stale: The sources upstream that are stale, the worst first.
        interval: Seconds that usually lie between two runs of the job that last ran it; None where that is not known.
        now: The moment.
    """
    found = [*_of_attempt(model, now), *_of_tests(tests), *_of_sources(stale), *_of_age(model, interval, now)]
    healthy = all(each.health is Health.HEALTHY for each in found)
    faults = tuple(sorted(found, key=lambda each: each.place))
    return ModelHealth(faults, _merits(model, tests, now) if healthy else ())


def stale_sources(
    graph: Iterable[GraphNode], sources: Iterable[SourceFreshness]
) -> Mapping[str, tuple[SourceFreshness, ...]]:
    """The stale sources upstream of each node that has any: the worst four at most, so that it takes linear time.

    Args:
        graph: A project's graph. What lies on a circle has none.
        sources: The sources' newest checks; those without criteria are not judged.
    """
    parents = {node.unique_id: node.parents for node in graph}
    found: dict[str, tuple[SourceFreshness, ...]] = {
        source.unique_id: (source,) for source in sources if source.has_criteria and source.status in _STALE
    }
    for node in in_order(parents, parents):
        above = {each.unique_id: each for parent in parents[node] for each in found.get(parent, ())}
        if above:
            worst = sorted(above.values(), key=lambda each: (_STALE[each.status], each.unique_id))
            found[node] = tuple(worst[: _NAMED + 1])
    return found


def named_sources(
    stale: Sequence[SourceFreshness], called: Callable[[SourceFreshness], str] = lambda source: source.full_name
) -> str:
    """The stale sources of a node, as `stale_sources` has them, in words: `a`, `a and b`, `a, b, c and others`."""
    return either([*map(called, stale[:_NAMED]), *(["others"] if len(stale) > _NAMED else [])], "and")


def usual_interval(starts: Iterable[datetime]) -> float | None:
    """Seconds that usually lie between two runs: the median gap; None where there are too few runs to tell."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(sorted(starts))]
    return median(gaps) if len(gaps) >= _LEAST_RUNS - 1 else None


def _of_attempt(model: ModelRecord, now: datetime) -> list[Reason]:
    ago = f" {_ago(model.last_run_time, now)}" if model.last_run_time else ""
    match model.last_run_status:
        case NodeStatus.SUCCESS | NodeStatus.WARN:
            return []
        case NodeStatus.ERROR | NodeStatus.FAIL:
            error = cut_text(" ".join((model.last_run_error or "").split()).rstrip("."), _ERROR_LENGTH)
            health, said = Health.FAILING, f"The last attempt{ago} ended in an error{f': {error}' if error else ''}."
        case NodeStatus.SKIPPED:
            health, said = Health.FAILING, f"The last run{ago} skipped it, as dbt does when something upstream fails."
        case None if model.last_success_end_time is None:
            health, said = Health.UNKNOWN, "No run has built it."
        case _:
            health, said = Health.UNKNOWN, f"What the last attempt{ago} came to is not known."
    return [Reason(health, Cause.ATTEMPT, said)]


def _of_tests(tests: Sequence[TestRecord]) -> list[Reason]:
    if not tests:
        return [Reason(Health.HEALTHY, Cause.UNTESTED, "No test checks it.")]
    found = []
    failed = [test for test in tests if test.is_failing]
    warned = [test for test in tests if test.last_run_status is NodeStatus.WARN]
    for health, some, verb in ((Health.FAILING, failed, "fail"), (Health.WARNING, warned, "warn")):
        if some:
            verb = f"{verb}s" if len(some) == 1 else verb
            of = f"{len(some):,} of {count(len(tests), 'test')}"
            said = f"{of} {verb} ({few([test.name for test in some])})."
            found.append(Reason(health, Cause.TESTS, said))
    return found


def _of_sources(stale: Sequence[SourceFreshness]) -> list[Reason]:
    if not stale:
        return []
    cause = Cause.STALE_SOURCES if stale[0].status is FreshnessStatus.ERROR else Cause.LATE_SOURCES
    verb = "is" if len(stale) == 1 else "are"
    named = named_sources(stale, lambda source: f"{source.full_name} ({source.status.value})")
    return [Reason(Health.WARNING, cause, f"Upstream {named} {verb} stale.")]


def last_built(model: ModelRecord) -> datetime | None:
    """When a model was last built with success, or last found to need no build; None where it never was.

    A run that reuses what an earlier one built (quirk 10) succeeds at the model and leaves the times of that build.
    """
    built, run = model.last_success_end_time, model.last_run_time
    return max(built, run) if built and run and model.last_run_status is NodeStatus.SUCCESS else built


def _of_age(model: ModelRecord, interval: float | None, now: datetime) -> list[Reason]:
    built = last_built(model)
    if built is None or now - built < NOT_LATELY:
        return []
    due = LONG_AGO.total_seconds() if interval is None else _INTERVALS * interval
    if (now - built).total_seconds() <= due:
        return []
    usual = f", though the job that last ran it usually runs every {duration(interval)}" if interval else ""
    return [Reason(Health.WARNING, Cause.AGE, f"Last built {_ago(built, now)}{usual}.")]


def _merits(model: ModelRecord, tests: Sequence[TestRecord], now: datetime) -> tuple[str, ...]:
    """What speaks for a healthy model."""
    passed = sum(test.last_run_status is NodeStatus.SUCCESS for test in tests)
    built = f"Built {_ago(model.last_success_end_time, now)}." if model.last_success_end_time else "Built."
    tested = (f"{passed:,} of {count(len(tests), 'test')} passed.",) if tests else ()
    return built, *tested, "No source upstream is known to be stale."


def _ago(moment: datetime, now: datetime) -> str:
    return f"{duration(max((now - moment).total_seconds(), 0.0))} ago"
