"""Filters: what they accept, what they refuse, and the sentence that describes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from dbt_discovery import JobFilter, ModelFilter, NodeStatus, ProjectFilter, RunFilter, RunStatus, SearchFilter
from dbt_discovery.models.filters import Filter
from pydantic import ValidationError

CLASSES: list[type[Filter]] = [ProjectFilter, JobFilter, RunFilter, ModelFilter, SearchFilter]


@dataclass
class Handled:
    """Something with a reference, as every handle has."""

    reference: str


def test_a_single_value_is_a_list_of_one() -> None:
    assert ModelFilter(tags="finance").tags == ("finance",)
    assert JobFilter(job_ids=7).job_ids == ("7",)
    assert ModelFilter(models=None).models == ()


def test_ids_are_text_whether_given_as_number_or_text() -> None:
    assert JobFilter(job_ids=[70403103936332, "8"]).job_ids == ("70403103936332", "8")


def test_environment_may_be_an_id_given_as_number() -> None:
    assert ProjectFilter(environment=70403103930002).environment == "70403103930002"


def test_a_handle_becomes_its_reference() -> None:
    handle = Handled("12")
    assert JobFilter(jobs=[handle, "nightly"]).jobs == ("12", "nightly")
    assert JobFilter(jobs=handle).jobs == ("12",)


@pytest.mark.parametrize("filter_class", CLASSES)
def test_an_unknown_field_is_refused(filter_class: type[Filter]) -> None:
    with pytest.raises(ValidationError, match="job_name"):
        filter_class(job_name="nightly")


@pytest.mark.parametrize("filter_class", CLASSES)
def test_a_filter_never_changes_and_is_a_key(filter_class: type[Filter]) -> None:
    one, other = filter_class(projects=["a"]), filter_class(projects=("a",))
    assert {one: 1}[other] == 1
    with pytest.raises(ValidationError):
        one.projects = ()  # type: ignore[attr-defined]


def test_same_field_means_the_same_in_every_class() -> None:
    for filter_class in CLASSES:
        for name, field in filter_class.model_fields.items():
            twin = SearchFilter.model_fields[name]
            assert (field.description, field.default) == (twin.description, twin.default), name
            assert field.description, name


FULL: dict[str, Any] = {
    "projects": ["finance", "growth"],
    "include_or_exclude": "exclude",
    "environment": "staging",
    "jobs": ["nightly"],
    "job_type": ["scheduled", "ci"],
    "run_status": ["failure"],
    "period": "last_week",
    "models": ["orders"],
    "tags": ["pii", "daily"],
    "tags_match": "all",
    "materialization": ["table"],
    "package": ["shop"],
    "group": ["money"],
    "model_status": ["error"],
    "min_runtime": 10.0,
    "max_runtime": 90.0,
}


def test_given_fields_survive_a_round_trip_through_json() -> None:
    filter = SearchFilter(**FULL)
    assert filter.given() == FULL
    assert SearchFilter(**json.loads(json.dumps(filter.given()))) == filter
    assert SearchFilter.model_validate_json(filter.model_dump_json()) == filter


def test_description_names_every_field_that_narrows() -> None:
    sentence = SearchFilter(**FULL).describe()
    assert sentence == (
        "every project but finance or growth; environment staging; job nightly; model orders; tags pii and daily; "
        "job type scheduled or ci; materialization table; package shop; group money; run status failure; "
        "last run status error; runtime from 10.0 s to 1 min 30 s; last week"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "everything"),
        ({"projects": "finance"}, "project finance"),
        ({"tags": ["a"]}, "tag a"),
        ({"tags": ["a", "b", "c"]}, "tags a, b or c"),
        ({"min_runtime": 10}, "runtime of at least 10.0 s"),
        ({"max_runtime": 0.5}, "runtime of at most 0.50 s"),
        ({"min_runtime": 0}, "runtime of at least 0.00 s"),
        ({"include_or_exclude": "exclude"}, "everything"),
        ({"models": "orders", "model_ids": "model.shop.orders"}, "model orders or model.shop.orders"),
    ],
)
def test_description_is_english(given: dict[str, Any], sentence: str) -> None:
    assert SearchFilter(**given).describe() == sentence


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("failed", "failure"),
        ("Error", "failure"),
        ("errored", "failure"),
        ("Success", "success"),
        ("canceled", "cancelled"),
    ],
)
def test_run_statuses_are_understood_as_people_write_them(word: str, status: str) -> None:
    assert RunFilter(run_status=word).run_status == (RunStatus(status),)


@pytest.mark.parametrize(("word", "status"), [("failed", "error"), ("PASSED", "success"), ("skipped", "skipped")])
def test_model_statuses_are_understood_as_people_write_them(word: str, status: str) -> None:
    assert ModelFilter(model_status=[word]).model_status == (NodeStatus(status),)


@pytest.mark.parametrize(
    "given",
    [
        {"min_runtime": -1},
        {"max_runtime": "fast"},
        {"min_runtime": 5, "max_runtime": 4},
        {"min_runtime": float("nan")},
        {"max_runtime": float("inf")},
        {"tags_match": "some"},
        {"include_or_exclude": "only"},
        {"job_type": "manual"},
        {"run_status": "great"},
        {"period": "soon"},
        {"tags": [""]},
        {"models": ["x" * 401]},
        {"jobs": [["nested"]]},
    ],
)
def test_bad_values_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SearchFilter(**given)


def test_bounds_are_inclusive() -> None:
    filter = ModelFilter(min_runtime=10, max_runtime=20)
    assert filter.admits_runtime(10.0)
    assert filter.admits_runtime(20.0)
    assert not filter.admits_runtime(9.999)
    assert not filter.admits_runtime(20.001)


def test_what_has_no_runtime_passes_only_without_bounds() -> None:
    assert ModelFilter().admits_runtime(None)
    assert not ModelFilter(min_runtime=0).admits_runtime(None)
    assert not ModelFilter(max_runtime=10).admits_runtime(None)


def test_one_bound_leaves_the_other_side_open() -> None:
    assert ModelFilter(min_runtime=10).admits_runtime(1e9)
    assert ModelFilter(max_runtime=10).admits_runtime(0.0)
    assert ModelFilter(max_runtime=0).admits_runtime(0.0)
    assert not ModelFilter(max_runtime=0).admits_runtime(0.1)


def test_period_is_kept_in_its_canonical_form() -> None:
    assert RunFilter(period="Last Week").period == "last_week"
