"""Several processes ask the same at the same time, and dbt Cloud is asked once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.together.cloud import Cloud
from tests.together.conftest import Alone, Start
from tests.together.processes import QUESTIONS, Asker, reports


def together(askers: Sequence[Asker]) -> list[object]:
    """What several processes are answered that begin to ask at the same moment."""
    for each in askers:
        each.meet()
    for each in askers:
        each.begin(*reports(*QUESTIONS))
    return [each.end() for each in askers]


@pytest.mark.parametrize("shared", ["in_both", "in_redis"])
def test_processes_that_begin_together_ask_as_much_as_one_alone(
    request: pytest.FixtureRequest, shared: str, cloud: Cloud, start: Start, alone: Alone
) -> None:
    answers, requests = alone
    cloud.begin_anew()
    stores = request.getfixturevalue(shared)
    assert together([start(stores), start(stores)]) == [answers, answers]
    assert cloud.questions == requests
    cloud.begin_anew()
    assert start(stores).ask(*QUESTIONS) == answers
    assert cloud.questions == {}


def test_results_and_past_days_in_postgres_are_not_asked_for_again(
    cloud: Cloud, start: Start, alone: Alone, in_postgres: dict[str, str]
) -> None:
    answers, requests = alone
    cloud.begin_anew()
    assert start(in_postgres).ask(*QUESTIONS) == answers
    assert cloud.questions == requests
    listed = cloud.places
    cloud.begin_anew()
    assert together([start(in_postgres), start(in_postgres)]) == [answers, answers]
    single = len([each for each in cloud.asked if "/runs/" in each.question[1] and each.question[1][-2].isdigit()])
    assert listed["ModelRuntimesOfRuns"] > 20
    assert cloud.places["ModelRuntimesOfRuns"] == 0
    assert cloud.places["runs"] == single  # the steps of failed runs, and no list of runs


def test_processes_that_begin_together_on_postgres_alone_are_answered_alike(
    cloud: Cloud, start: Start, alone: Alone, in_postgres: dict[str, str]
) -> None:
    answers, requests = alone
    cloud.begin_anew()
    assert together([start(in_postgres), start(in_postgres)]) == [answers, answers]
    assert cloud.questions.keys() == requests.keys()
    assert max(cloud.questions.values()) <= 2
