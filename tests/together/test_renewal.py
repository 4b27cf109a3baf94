"""What one process renews or drops is new to the others too."""

from __future__ import annotations

import time

import pytest

from tests.together.cloud import Asked, Cloud
from tests.together.conftest import Alone, Start
from tests.together.processes import QUESTIONS, Named, reports

REFRESHED: list[Named] = [(name, arguments | {"refresh": True}) for name, arguments in QUESTIONS]
_FIRST = {"projects", "environments", "jobs"}
"""What a report asks for first: one process may have asked for it just before the other began."""
_BEGIN = 1.0
"""Seconds within which both have begun."""
_NOTICED = 1.2
"""Seconds after which an invalidation elsewhere is known: a process looks once a second, when it is asked."""


@pytest.mark.parametrize("question", REFRESHED[2:], ids=[name for name, _ in REFRESHED[2:]])
def test_processes_that_refresh_together_send_one_set_of_requests(
    question: Named, cloud: Cloud, start: Start, in_both: dict[str, str]
) -> None:
    one, other = start(in_both), start(in_both)
    answers = one.ask(question)
    other.meet()
    cloud.begin_anew()
    one.ask(question)
    expected = cloud.places
    cloud.begin_anew()

    def wait_for_both(asked: Asked) -> None:
        if cloud.places.keys() <= _FIRST:
            time.sleep(_BEGIN)

    cloud.arrived = wait_for_both
    for each in (one, other):
        each.begin(*reports(question))
    assert [one.end(), other.end()] == [answers, answers]
    found = cloud.places
    # On a busy machine one may begin a question when the other has ended it, and then has to ask for itself.
    assert sum(found.values()) < 1.6 * sum(expected.values())
    assert all(found[place] <= 2 * expected[place] for place in expected)


def test_what_one_refreshed_the_other_gets_when_its_own_is_too_old(
    cloud: Cloud, start: Start, in_redis: dict[str, str]
) -> None:
    brief = {"DBT_CACHE_TTL": "2"}
    one, other = start(in_redis, brief), start(in_redis, brief)
    question: Named = ("list_jobs", {})
    assert one.ask(question) == other.ask(question)
    time.sleep(4.2)  # for as long again it is given at once, while somebody asks again
    (renewed,) = one.ask(("list_jobs", {"refresh": True}))
    cloud.begin_anew()
    assert other.ask(question) == [renewed]
    assert cloud.questions == {}
    assert other.call("statistics")["cache"]["shared_hits"] > 0


def test_what_one_drops_the_other_asks_for_again_and_then_both_have_it(
    cloud: Cloud, start: Start, in_both: dict[str, str]
) -> None:
    one, other = start(in_both), start(in_both)
    answers = one.ask(*QUESTIONS)
    assert other.ask(*QUESTIONS) == answers
    cloud.begin_anew()
    assert one.call("ainvalidate_cache", "models") > 0
    time.sleep(_NOTICED)
    assert other.ask(*QUESTIONS) == answers
    assert cloud.places["Models"] == 3  # environments that stand for a project
    assert not cloud.places["ModelRuntimesOfRuns"]
    cloud.begin_anew()
    assert one.ask(*QUESTIONS) == answers
    assert cloud.questions == {}


def test_everything_that_one_drops_is_asked_for_once_more(
    cloud: Cloud, start: Start, in_both: dict[str, str], alone: Alone
) -> None:
    one, other = start(in_both), start(in_both)
    answers, requests = alone
    cloud.begin_anew()
    assert one.ask(*QUESTIONS) == other.ask(*QUESTIONS) == answers
    one.call("ainvalidate_cache")
    time.sleep(_NOTICED)
    cloud.begin_anew()
    for each in (one, other):
        each.begin(*reports(*QUESTIONS))
    assert [one.end(), other.end()] == [answers, answers]
    asked_again = {each for each in cloud.questions if each in requests}
    assert set(cloud.questions.values()) == {1}
    assert cloud.places["projects"] == cloud.places["environments"] == cloud.places["jobs"] == 1
    assert not cloud.places["ModelRuntimesOfRuns"]  # results of runs that are over cannot change
    assert asked_again
