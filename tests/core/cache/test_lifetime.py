"""The lifetime: what comes back the same keeps longer, within a bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from dbt_discovery import CachingStrategy
from dbt_discovery.cache.entry import Question
from dbt_discovery.cache.lifetime import FINAL

NOW = datetime(2026, 11, 18, tzinfo=UTC)


class Strategy(CachingStrategy):
    """A strategy with a ttl of a hundred seconds and a timer that a test moves."""

    def __init__(self, ttl: float = 100) -> None:
        self.seconds = 1000.0
        super().__init__(ttl, timer=lambda: self.seconds)

    def keep(self, value: Any, *, question: Question | None = None, **options: Any) -> None:
        self.update_timestamp("key", value, question or self.question(NOW), scope="jobs", **options)

    def life(self) -> float:
        """Seconds for which the entry is fresh from now on."""
        entry = self.get("key")
        assert entry is not None
        return entry.expires - self.seconds


def test_an_answer_that_comes_back_the_same_keeps_longer_each_time_up_to_four_times() -> None:
    strategy, lives = Strategy(), []
    for _ in range(7):
        strategy.keep(["a", 1])
        lives.append(strategy.life())
        strategy.seconds += 100
    assert lives == [100, 200, 300, 400, 400, 400, 400]


def test_one_that_is_asked_for_before_its_time_proves_nothing() -> None:
    strategy = Strategy()
    for _ in range(5):
        strategy.keep("a")
        assert strategy.life() == 100
        strategy.seconds += 99
    strategy.seconds += 1
    strategy.keep("a")
    assert strategy.life() == 200


def test_a_change_resets_it() -> None:
    strategy = Strategy()
    for value in ("a", "a", "a", "b"):
        strategy.keep(value)
        strategy.seconds += 100
    strategy.seconds -= 100
    assert strategy.life() == 100
    strategy.seconds += 100
    strategy.keep("b")
    assert strategy.life() == 200


def test_an_invalidation_resets_it() -> None:
    strategy = Strategy()
    strategy.keep("a")
    strategy.seconds += 100
    strategy.keep("a")
    strategy.invalidate_cache("jobs")
    strategy.keep("a")
    assert strategy.life() == 100


@pytest.mark.parametrize(
    ("options", "seconds"),
    [({"lasts": timedelta(seconds=60)}, 60), ({"lasts": FINAL}, 86_400), ({"complete": False}, 100)],
    ids=["about to change", "final", "not complete"],
)
def test_one_that_says_how_long_it_lasts_or_is_not_complete_keeps_no_longer(
    options: dict[str, Any], seconds: float
) -> None:
    strategy = Strategy()
    for _ in range(4):
        strategy.keep("a", **options)
        assert strategy.life() == seconds
        strategy.seconds += 100_000


def test_nothing_is_not_kept_longer_for_coming_back() -> None:
    strategy = Strategy()
    for _ in range(4):
        strategy.keep(None)
        assert strategy.life() == 30
        strategy.seconds += 100


def test_without_a_ttl_nothing_becomes_fresh() -> None:
    strategy = Strategy(ttl=0)
    for _ in range(4):
        strategy.keep("a")
        assert strategy.life() == 0
        strategy.seconds += 100


def test_an_answer_that_another_process_asked_for_is_as_old_as_it_is() -> None:
    strategy = Strategy()
    strategy.keep("a", question=Question(NOW, 1, age=70))
    assert strategy.life() == 30


def test_reading_the_same_answer_of_another_process_again_is_no_sign_that_it_does_not_change() -> None:
    strategy = Strategy()
    for number, (age, passed) in enumerate([(10, 0), (20, 10), (120, 100)]):
        strategy.seconds += passed
        strategy.keep("a", question=Question(NOW, number, age=age))
    assert strategy.life() == 100 - 120
    strategy.keep("a", question=Question(NOW + timedelta(seconds=110), 4, age=10))
    assert strategy.life() == 200 - 10


def test_a_bridge_and_the_end_of_a_grace_leave_the_count_alone() -> None:
    strategy = Strategy()
    strategy.keep("a")
    strategy.seconds += 100
    strategy.keep("a")
    strategy.seconds += 250
    entry = strategy.get("key")
    assert entry is not None
    assert strategy.is_usable(entry)
    strategy.end_grace("key", entry)
    ended = strategy.get("key")
    assert ended is not None
    assert not strategy.is_usable(ended)
    strategy.bridge("key", ended)
    assert strategy.life() == 30
    strategy.keep("a")
    assert strategy.life() == 300


def test_large_answers_are_compared_beside_the_lock() -> None:
    """Other threads are not kept waiting while ten thousand records are compared."""
    strategy = Strategy()
    held: list[bool] = []

    class Value:
        def __eq__(self, other: object) -> bool:
            other_thread = Thread(target=strategy.get, args=("key",))
            other_thread.start()
            other_thread.join(5)
            held.append(other_thread.is_alive())
            return True

        __hash__ = None  # type: ignore[assignment]

    strategy.keep(Value())
    strategy.keep(Value())
    assert held == [False]
