"""Redis and PostgreSQL leave in the middle of a question and come back: that costs time and a warning, no answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.servers.postgres_server import PostgresDatabase
from tests.servers.redis_server import RedisServer
from tests.together.cloud import Asked, Cloud
from tests.together.conftest import Alone, Start
from tests.together.processes import QUESTIONS, Asker, Named, reports

_BACK = 15.0
"""Seconds within which a process notices that something is back."""
BACK, AGAIN = "/0 is back.", " again.\n"
"""What a process says when Redis, or PostgreSQL, is back."""


class At:
    """Does something when dbt Cloud has been asked so often, before it answers."""

    def __init__(self, number: int, do: Callable[[], object]) -> None:
        self._left, self._do = number, do

    def __call__(self, asked: Asked) -> None:
        self._left -= 1
        if not self._left:
            self._do()


def both_ask(*askers: Asker) -> list[list[object]]:
    """What processes are answered that ask at the same time."""
    for each in askers:
        each.meet()
        each.begin(*reports(*QUESTIONS))
    return [each.end() for each in askers]


def warned(asker: Asker, of: str) -> int:
    """How often a process warned of something."""
    return len([line for line in asker.warnings if of in line])


def until_back(asker: Asker, said: str, question: Named) -> None:
    """Asks until the process says that something is back."""
    deadline = time.monotonic() + _BACK
    while said not in asker.log:
        assert time.monotonic() < deadline, asker.log
        asker.ask(question)
        time.sleep(0.1)


LEAVES: dict[str, Callable[[RedisServer], None]] = {
    "held up": RedisServer.pause,
    "killed": RedisServer.kill,
}
RETURNS: dict[str, Callable[[RedisServer], None]] = {"held up": RedisServer.resume, "killed": RedisServer.start}
REFRESHED: Named = ("list_jobs", {"refresh": True})


@pytest.mark.parametrize("fate", list(LEAVES))
@pytest.mark.parametrize("number", [2, 12, 50])
def test_redis_that_leaves_in_the_middle_costs_no_answer_and_is_used_again_when_it_is_back(
    fate: str, number: int, cloud: Cloud, start: Start, alone: Alone, redis: RedisServer, in_redis: dict[str, str]
) -> None:
    answers, _ = alone
    cloud.begin_anew()
    one, other = start(in_redis), start(in_redis)
    cloud.arrived = At(number, partial(LEAVES[fate], redis))
    assert both_ask(one, other) == [answers, answers]
    assert max(cloud.questions.values()) <= 2
    RETURNS[fate](redis)
    for each in (one, other):
        until_back(each, BACK, REFRESHED)
        assert (warned(each, "is away"), len(each.warnings)) == (1, 1), each.log
    cloud.begin_anew()
    renewed = one.ask(REFRESHED)
    assert start(in_redis).ask(("list_jobs", {})) == renewed
    assert max(cloud.questions.values()) == 1


@pytest.mark.parametrize("number", [3, 30])
def test_redis_that_forgets_everything_in_the_middle_costs_no_answer(
    number: int, cloud: Cloud, start: Start, alone: Alone, redis: RedisServer, in_redis: dict[str, str]
) -> None:
    answers, _ = alone
    cloud.begin_anew()
    one, other = start(in_redis), start(in_redis)
    cloud.arrived = At(number, redis.flush)
    assert both_ask(one, other) == [answers, answers]
    assert max(cloud.questions.values()) <= 2
    assert one.warnings == other.warnings == []


@pytest.mark.parametrize("number", [2, 12, 50])
def test_postgres_that_leaves_in_the_middle_costs_no_answer_and_is_used_again_when_it_is_back(
    number: int,
    cloud: Cloud,
    start: Start,
    alone: Alone,
    postgres: PostgresDatabase,
    in_both: dict[str, str],
) -> None:
    answers, _ = alone
    cloud.begin_anew()
    one, other = start(in_both), start(in_both)
    cloud.arrived = At(number, postgres.leave)
    assert both_ask(one, other) == [answers, answers]
    postgres.come_back()
    for each in (one, other):
        until_back(each, AGAIN, ("longest_running_jobs", {"period": "today", "refresh": True}))
        assert (warned(each, "cannot be used"), warned(each, AGAIN), len(each.warnings)) == (1, 1, 2), each.log
        assert each.ask(*QUESTIONS) == answers
    assert one.call("aget_store")["lasting"]


@pytest.mark.parametrize("gone_at", ["the start", "the middle"])
def test_without_both_answers_are_right_and_both_are_used_again_when_they_are_back(
    gone_at: str,
    cloud: Cloud,
    start: Start,
    alone: Alone,
    redis: RedisServer,
    postgres: PostgresDatabase,
    in_both: dict[str, str],
) -> None:
    answers, requests = alone
    cloud.begin_anew()

    def leave() -> None:
        redis.kill()
        postgres.leave()

    if gone_at == "the start":
        leave()
    else:
        cloud.arrived = At(20, leave)
    one = start(in_both)
    assert one.ask(*QUESTIONS) == answers
    if gone_at == "the start":
        assert cloud.questions == requests
    assert (warned(one, "is away"), warned(one, "cannot be used"), len(one.warnings)) == (1, 1, 2)
    redis.start()
    postgres.come_back()
    until_back(one, AGAIN, ("longest_running_jobs", {"period": "today", "refresh": True}))
    until_back(one, BACK, REFRESHED)
    assert one.ask(*QUESTIONS) == answers
    cloud.begin_anew()
    assert start(in_both).ask(*QUESTIONS[1:2], REFRESHED)[0] == answers[1]


def test_process_that_dies_in_the_middle_leaves_its_work_to_the_other(
    cloud: Cloud, start: Start, alone: Alone, in_both: dict[str, str]
) -> None:
    answers, requests = alone
    cloud.begin_anew()
    one, other = start(in_both), start(in_both)
    one.meet()
    other.meet()
    cloud.arrived = At(15, one.kill)
    one.begin(*reports(*QUESTIONS))
    other.begin(*reports(*QUESTIONS))
    assert other.end() == answers
    assert other.warnings == []
    assert sum(cloud.questions.values()) <= sum(requests.values()) + 15
    cloud.begin_anew()
    assert start(in_both).ask(*QUESTIONS) == answers
    assert cloud.questions == {}
