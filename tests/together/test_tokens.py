"""Tokens with different rights on one account share stores, and nothing of what they see."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_cloud_sandbox import World

from tests.together.cloud import Cloud
from tests.together.conftest import Start
from tests.together.processes import QUESTIONS, Asker

FULL, RESTRICTED = "sandbox", "metadata-only"


@pytest.fixture
def environments(world: World) -> dict[str, str]:
    """What a token for metadata has to be told."""
    ids = [str(each.id) for each in world.environments() if each.deployment_type == "production"]
    return {"DBT_ENVIRONMENT_IDS": ",".join(ids)}


def seen(asker: Asker) -> list[Any]:
    return asker.ask(*QUESTIONS)


@pytest.mark.parametrize("first", [FULL, RESTRICTED])
def test_each_sees_what_it_sees_without_the_other(
    first: str, cloud: Cloud, start: Start, in_both: dict[str, str], environments: dict[str, str]
) -> None:
    given = {FULL: {}, RESTRICTED: environments}
    by_itself = {token: seen(start(given[token], token=token)) for token in given}
    assert by_itself[FULL] != by_itself[RESTRICTED]
    assert not by_itself[RESTRICTED][0]["coverage"]["complete"]
    second = RESTRICTED if first == FULL else FULL
    together = {token: start(in_both, given[token], token=token) for token in (first, second)}
    for token in (first, second, first):
        assert seen(together[token]) == by_itself[token]
    stored = {token: asker.call("aget_store")["sources"] for token, asker in together.items()}
    assert {source["runs"] for source in stored[FULL] if source["mine"]} != {0}
    assert sum(source["mine"] for source in stored[FULL]) == 1


def test_token_that_is_refused_gets_nothing_of_what_others_were_answered(
    cloud: Cloud, start: Start, in_both: dict[str, str]
) -> None:
    assert seen(start(in_both))[0]["rows"]
    assert {answer["error"] for answer in seen(start(in_both, token="invalid"))} == {"Unauthorized"}


def test_what_one_invalidates_is_no_concern_of_the_other(cloud: Cloud, start: Start, in_both: dict[str, str]) -> None:
    one, other = start(in_both), start(in_both, token="another")
    assert seen(one) == seen(other)
    cloud.begin_anew()
    one.call("ainvalidate_cache")
    assert seen(start(in_both, token="another"))
    assert cloud.questions == {}
