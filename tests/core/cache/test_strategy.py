"""The caching strategy: for how long, how much, and what an invalidation drops."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from dbt_discovery import CachingStrategy, NotFound
from dbt_discovery.cache.strategy import CacheScope

NOW = datetime(2026, 11, 18, tzinfo=UTC)


class Timer:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def timer() -> Timer:
    return Timer()


def keep(
    strategy: CachingStrategy, key: str, *, scope: str = "jobs", size: int = 10, lasts: float | None = None
) -> None:
    span = None if lasts is None else timedelta(seconds=lasts)
    strategy.update_timestamp(key, value_of(key, size), strategy.question(NOW), scope=scope, lasts=span)


def value_of(key: str, size: int = 10) -> str:
    return f"value of {key}".ljust(size)


def lasting(strategy: CachingStrategy, timer: Timer, key: str = "key") -> float:
    """Seconds for which an entry stays fresh, to the second."""
    begun = timer.seconds
    while not strategy.should_refresh(key):
        timer.seconds += 1
    return timer.seconds - begun


def test_an_unknown_key_is_to_be_asked_for(timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    assert strategy.should_refresh("key")
    assert strategy.get("key") is None


@pytest.mark.parametrize(
    ("ttl", "lasts", "seconds"),
    [
        (300, None, 300),
        (300, 60, 60),
        (10, 60, 10),
        (0, 60, 0),
        (0, None, 0),
        (300, 86400, 86400),
        (10, 86400, 86400),
    ],
)
def test_an_answer_stays_fresh_for(ttl: float, lasts: float | None, seconds: float, timer: Timer) -> None:
    strategy = CachingStrategy(ttl, timer=timer)
    keep(strategy, "key", lasts=lasts)
    assert lasting(strategy, timer) == seconds


def test_what_is_no_longer_fresh_is_still_known(timer: Timer) -> None:
    strategy = CachingStrategy(5, timer=timer)
    keep(strategy, "key")
    timer.seconds += 6
    entry = strategy.get("key")
    assert entry is not None
    assert (entry.value, entry.question.as_of) == (value_of("key"), NOW)


def test_keeping_anew_begins_anew(timer: Timer) -> None:
    strategy = CachingStrategy(5, timer=timer)
    keep(strategy, "key")
    timer.seconds += 4
    keep(strategy, "key", size=50)
    assert lasting(strategy, timer) == 5


def test_switched_off_it_keeps_nothing(timer: Timer) -> None:
    strategy = CachingStrategy(enable_caching=False, timer=timer)
    keep(strategy, "key")
    assert strategy.get("key") is None


@pytest.mark.parametrize("scope", ["projects", "models", "jobs", "runs"])
def test_an_invalidation_drops_its_scope_and_no_other(scope: str, timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    for each in ("projects", "models", "jobs", "runs"):
        keep(strategy, f"a {each}", scope=each)
        keep(strategy, f"b {each}", scope=each)
    assert strategy.invalidate_cache(scope) == 2  # type: ignore[arg-type]
    for each in ("projects", "models", "jobs", "runs"):
        assert (strategy.get(f"a {each}") is None) == (each == scope)


def test_an_invalidation_of_all_drops_all(timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    keep(strategy, "a", scope="jobs")
    keep(strategy, "b", scope="runs")
    assert strategy.invalidate_cache() == 2
    assert strategy.invalidate_cache() == 0


def test_memory_is_bounded_and_the_least_recently_used_goes_first(timer: Timer) -> None:
    strategy = CachingStrategy(max_bytes=50_000, timer=timer)
    keep(strategy, "old", size=4000)
    keep(strategy, "used", size=4000)
    for n in range(30):
        strategy.get("used")
        keep(strategy, str(n), size=4000)
    assert strategy.get("old") is None
    assert strategy.get("0") is None
    assert strategy.get("used") is not None
    assert strategy.get("29") is not None
    assert sum(strategy.get(str(n)) is not None for n in range(30)) * 4000 < 50_000


def test_an_answer_larger_than_all_memory_is_not_kept_and_drives_nothing_out(timer: Timer) -> None:
    strategy = CachingStrategy(max_bytes=50_000, timer=timer)
    keep(strategy, "small", size=100)
    keep(strategy, "huge", size=1_000_000)
    assert strategy.get("huge") is None
    assert strategy.get("small") is not None


def test_that_things_are_missing_takes_no_room_for_longer_than_it_counts(timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    keep(strategy, "there")
    for n in range(1000):
        missing = NotFound("run", str(n))
        strategy.update_timestamp(n, missing, strategy.question(NOW), scope="runs")
        timer.seconds += 1
    assert strategy.get("there") is not None
    assert strategy.get(980) is not None
    assert strategy.statistics().entries <= 1 + 31


def test_what_is_there_again_is_not_swept_as_missing(timer: Timer) -> None:
    strategy = CachingStrategy(5, timer=timer)
    strategy.update_timestamp("a", NotFound("run", "a"), strategy.question(NOW), scope="runs")
    keep(strategy, "a")
    timer.seconds += 10
    strategy.update_timestamp("b", NotFound("run", "b"), strategy.question(NOW), scope="runs")
    assert strategy.get("a") is not None


def test_an_answer_to_an_older_question_does_not_replace_one_to_a_newer(timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    older, newer = strategy.question(NOW), strategy.question(NOW)
    strategy.update_timestamp("key", "new", newer, scope="jobs")
    strategy.update_timestamp("key", "old", older, scope="jobs")
    entry = strategy.get("key")
    assert entry is not None
    assert entry.value == "new"


@pytest.mark.parametrize("scope", ["jobs", "all"])
def test_what_was_asked_before_its_invalidation_is_not_kept_after_it(scope: CacheScope, timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    question = strategy.question(NOW)
    strategy.invalidate_cache(scope)
    strategy.update_timestamp("key", "old", question, scope="jobs")
    assert strategy.get("key") is None


def test_an_answer_under_way_is_kept_though_another_scope_is_invalidated(timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    keep(strategy, "key")
    question = strategy.question(NOW)
    strategy.invalidate_cache("runs")
    strategy.update_timestamp("key", "new", question, scope="jobs")
    entry = strategy.get("key")
    assert entry is not None
    assert entry.value == "new"


def test_a_newer_answer_too_large_to_be_kept_ends_the_older_one(timer: Timer) -> None:
    strategy = CachingStrategy(max_bytes=50_000, timer=timer)
    keep(strategy, "key")
    keep(strategy, "key", size=1_000_000)
    assert strategy.get("key") is None
    assert strategy.statistics().bytes == 0


def test_an_old_answer_stands_in_for_half_a_minute_and_is_marked_stale(timer: Timer) -> None:
    strategy = CachingStrategy(300, timer=timer)
    keep(strategy, "key")
    entry = strategy.get("key")
    assert entry is not None
    strategy.bridge("key", entry)
    assert strategy.get("key") is entry, "a fresh one needs no bridge"
    timer.seconds += 300
    strategy.bridge("key", entry)
    bridged = strategy.get("key")
    assert bridged is not None
    assert (bridged.value, bridged.stale) == (entry.value, True)
    assert lasting(strategy, timer) == 30


def test_a_bridge_does_not_take_the_place_of_an_answer_that_came_meanwhile(timer: Timer) -> None:
    strategy = CachingStrategy(5, timer=timer)
    keep(strategy, "key")
    old = strategy.get("key")
    assert old is not None
    timer.seconds += 5
    keep(strategy, "key")
    timer.seconds += 5
    strategy.bridge("key", old)
    entry = strategy.get("key")
    assert entry is not None
    assert not entry.stale


def test_where_nothing_stays_fresh_nothing_is_bridged(timer: Timer) -> None:
    strategy = CachingStrategy(0, timer=timer)
    keep(strategy, "key")
    entry = strategy.get("key")
    assert entry is not None
    strategy.bridge("key", entry)
    assert strategy.should_refresh("key")


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_threads_may_share_one_strategy() -> None:
    strategy, failures = CachingStrategy(max_bytes=200_000), list[BaseException]()

    def work(own: int) -> None:
        try:
            for n in range(3000):
                keep(strategy, f"{own} {n % 300}", size=100)
                strategy.get(f"{own} {n * 7 % 300}")
                if n % 20 == own:
                    strategy.invalidate_cache("jobs")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(own,)) for own in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert strategy.generation == 4 * 150
    assert strategy.question(NOW).number == 4 * 3000 + 1


def test_an_invalidation_may_drop_only_some_of_a_scope(timer: Timer) -> None:
    strategy = CachingStrategy(timer=timer)
    for key in ("a", "b"):
        keep(strategy, key, scope="jobs")
        keep(strategy, f"{key} run", scope="runs")
    assert strategy.invalidate_cache("jobs", lambda key: key == "a") == 1
    assert [strategy.get(key) is None for key in ("a", "b", "a run", "b run")] == [True, False, False, False]


@pytest.mark.parametrize("ttl", [0, 10, 300])
def test_no_answer_that_may_change_is_given_after_the_longest_time(ttl: float, timer: Timer) -> None:
    strategy = CachingStrategy(ttl, timer=timer)
    for _ in range(9):
        timer.seconds += ttl
        keep(strategy, "key")
    entry = strategy.get("key")
    assert entry is not None
    timer.seconds += strategy.longest
    assert not strategy.is_usable(entry)
