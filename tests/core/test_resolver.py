"""The resolver: one reference, one thing, or a sentence that helps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from dbt_discovery import AmbiguousName, NotFound
from dbt_discovery.models.records import EnvironmentRecord, JobRecord, ProjectRecord
from dbt_discovery.resolver import PROJECTS, Resolver, job_resolver


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


def job(job_id: str, project_id: str, environment_id: str) -> JobRecord:
    return JobRecord(job_id, project_id, environment_id, "Nightly", "scheduled", None, (), None, None)


def test_jobs_of_one_name_are_told_apart_by_where_they_run() -> None:
    jobs = [job("1", "10", "100"), job("2", "20", "200")]
    projects = [ProjectRecord("10", "Shop"), ProjectRecord("20", "Growth")]
    homes = [EnvironmentRecord("100", "10", "Prod", "production", "deployment")]
    with pytest.raises(AmbiguousName) as raised:
        job_resolver(projects, homes).find("nightly", jobs)
    assert str(raised.value) == (
        "2 jobs are called “nightly”: 1 (project Shop, environment Prod), 2 (project Growth, environment 200). "
        "Ask for one of these."
    )
    with pytest.raises(AmbiguousName, match=r"1 \(project 10, environment 100\), 2 \(project 20, environment 200\)"):
        job_resolver().find("nightly", jobs)


def test_projects_of_one_name_are_told_apart_by_what_they_are_for() -> None:
    projects = [ProjectRecord("10", "Shop", "The web shop."), ProjectRecord("20", "Shop")]
    with pytest.raises(AmbiguousName, match=r": 10 \(The web shop\.\), 20\. Ask for one of these\."):
        PROJECTS.find("shop", projects)
