"""The resolver: one reference, one thing, or a sentence that helps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from dbt_discovery import AmbiguousName, NotFound
from dbt_discovery.resolver import Resolver


@dataclass(frozen=True)
class Thing:
    id: str
    name: str


JOBS: Resolver[Thing] = Resolver("job", lambda thing: (thing.id,), lambda thing: (thing.name,))
THINGS = [
    Thing("1", "Nightly"),
    Thing("2", "nightly"),
    Thing("3", "Hourly"),
    Thing("4", "3"),
    Thing("5", "Finance hourly"),
    Thing("6", "Straße"),
]


def test_an_id_means_its_thing() -> None:
    assert JOBS.find("5", THINGS).name == "Finance hourly"


def test_an_id_wins_over_a_name_that_looks_like_it() -> None:
    assert JOBS.find("3", THINGS).name == "Hourly"


@pytest.mark.parametrize("typed", ["Hourly", "hourly", "HOURLY", " hourly "])
def test_case_and_spaces_around_do_not_count(typed: str) -> None:
    assert JOBS.find(typed, THINGS).id == "3"


def test_case_is_folded_as_unicode_says() -> None:
    assert JOBS.find("STRASSE", THINGS).id == "6"


def test_a_name_that_several_carry_lists_them_all() -> None:
    with pytest.raises(AmbiguousName, match="2 jobs are called “NIGHTLY”") as raised:
        JOBS.find("NIGHTLY", THINGS)
    assert raised.value.kind == "job"
    assert len(raised.value.candidates) == 2


def test_each_candidate_is_a_reference_that_means_exactly_one() -> None:
    with pytest.raises(AmbiguousName) as raised:
        JOBS.find("NIGHTLY", THINGS)
    assert [JOBS.find(candidate, THINGS).id for candidate in raised.value.candidates] == ["1", "2"]


def test_many_candidates_are_cut_in_the_sentence_but_not_in_the_error() -> None:
    with pytest.raises(AmbiguousName, match=", …") as raised:
        JOBS.find("x", [Thing(str(n), "x") for n in range(12)])
    assert len(raised.value.candidates) == 12


def test_an_unknown_name_gives_those_that_are_near() -> None:
    with pytest.raises(NotFound, match=r"There is no job “Hurly” in this account\. Did you mean “Hourly”") as raised:
        JOBS.find("Hurly", THINGS)
    assert raised.value.near[0] == "Hourly"
    assert (raised.value.kind, raised.value.reference) == ("job", "Hurly")


def test_a_part_of_a_name_is_near() -> None:
    with pytest.raises(NotFound) as raised:
        JOBS.find("financ", THINGS)
    assert "Finance hourly" in raised.value.near


def test_at_most_five_names_are_near() -> None:
    with pytest.raises(NotFound) as raised:
        JOBS.find("run", [Thing(str(n), f"run {n}x") for n in range(9)])
    assert len(raised.value.near) == 5


def test_nothing_near_says_just_that() -> None:
    with pytest.raises(NotFound) as raised:
        JOBS.find("zzzzzzz", THINGS)
    assert raised.value.near == ()
    assert str(raised.value) == "There is no job “zzzzzzz” in this account."
