"""Filters: what they accept, what they refuse, and the sentence that describes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from dbt_discovery import (
    InvalidArgument,
    JobFilter,
    ModelFilter,
    NodeStatus,
    ProjectFilter,
    RunFilter,
    RunStatus,
    SearchFilter,
)
from dbt_discovery.models.filters import Filter, ProjectFields, narrowed_to
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.services.parsing import parse_model
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

CLASSES: list[type[Filter]] = [ProjectFilter, JobFilter, RunFilter, ModelFilter, SearchFilter]


@dataclass
class Handled:
    """Something that stands for a thing of one kind, as every handle does."""

    kind: str
    reference: str

    def reference_as(self, kind: str) -> str | None:
        return self.reference if kind == self.kind else None


def test_a_single_value_is_a_list_of_one() -> None:
    assert ModelFilter(tags="finance").tags == ("finance",)
    assert JobFilter(job_ids=7).job_ids == ("7",)
    assert ModelFilter(models=None).models == ()


@pytest.mark.parametrize("text", ["finance, pii", "finance,pii,", '["finance", "pii"]'])
def test_tags_may_stand_in_one_text(text: str) -> None:
    assert ModelFilter(tags=text).tags == ("finance", "pii")
    assert ModelFilter(tags=",").tags == (",",)


def test_names_that_may_hold_a_comma_stay_whole() -> None:
    assert JobFilter(jobs="Build, test and deploy").jobs == ("Build, test and deploy",)
    assert JobFilter(jobs='["Nightly", "Build, test"]').jobs == ("Nightly", "Build, test")
    assert JobFilter(jobs="[prod] nightly").jobs == ("[prod] nightly",)


def test_ids_are_text_whether_given_as_number_or_text() -> None:
    assert JobFilter(job_ids=[70403103936332, "8"]).job_ids == ("70403103936332", "8")


def test_environment_may_be_an_id_given_as_number() -> None:
    assert ProjectFilter(environment=70403103930002).environment == "70403103930002"


def test_a_handle_becomes_its_reference() -> None:
    handle = Handled("job", "12")
    assert JobFilter(jobs=[handle, "nightly"]).jobs == ("12", "nightly")
    assert JobFilter(jobs=handle).jobs == ("12",)
    with pytest.raises(InvalidArgument, match="is no project"):
        JobFilter(projects=handle)


@pytest.mark.parametrize("filter_class", CLASSES)
def test_an_unknown_field_is_refused(filter_class: type[Filter]) -> None:
    with pytest.raises(
        InvalidArgument, match=f"{filter_class.__name__} takes no job_name. .*It takes projects"
    ) as raised:
        filter_class(job_name="nightly")
    assert raised.value.argument == "job_name"
    with pytest.raises(ValidationError, match="job_name"):
        filter_class.model_validate({"job_name": "nightly"})


def test_a_misspelt_field_is_told_with_the_one_that_is_near() -> None:
    with pytest.raises(InvalidArgument, match=r"RunFilter takes no perod\. Did you mean “period”\?"):
        RunFilter(perod="today")


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
    with pytest.raises(InvalidArgument) as refused:
        SearchFilter(**given)
    assert refused.value.argument in given
    assert "pydantic" not in str(refused.value)
    with pytest.raises(ValidationError):
        SearchFilter.model_validate(given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"min_runtime": -1}, "min_runtime takes a number of at least 0, and not “-1”."),
        ({"tags": [5]}, "tags takes text, and not “5”."),
        ({"tags": {"a": 1}}, "tags takes a value or a list of values, and not “{'a': 1}”."),
        ({"models": [""]}, "models takes text that is not empty, and not “”."),
        ({"jobs": 1.5}, "jobs takes text, and not “1.5”."),
        ({"jobs": True}, "jobs takes text, and not “True”."),
        ({"tags_match": "some"}, "tags_match takes any or all, and not “some”."),
        (
            {"model_status": [["ok"]]},
            "model_status takes success, error, skipped, fail, warn or unknown, and not “['ok']”.",
        ),
        ({"min_runtime": 5, "max_runtime": 4}, "min_runtime 5 is above max_runtime 4."),
    ],
)
def test_a_refusal_says_what_is_taken(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        SearchFilter(**given)
    assert str(refused.value) == sentence


def test_a_class_made_of_filters_is_validated_in_pydantics_own_way() -> None:
    """As the query of a REST path and the schema of a tool are: every fault at once, as `ValidationError`."""

    class Query(RunFilter):
        page: int = 1

    with pytest.raises(ValidationError) as raised:
        TypeAdapter(Query).validate_python({"period": "soon", "page": "x", "run_status": "great"})
    assert {fault["loc"][0] for fault in raised.value.errors()} == {"period", "page", "run_status"}
    assert Query.model_validate({"tags": "a", "page": 2}).tags == ("a",)


@pytest.mark.parametrize("kind", [ProjectFields, ModelFilter])
@pytest.mark.parametrize("given", ["marketing", {"projects": ["marketing"]}, 5, ["marketing"]], ids=repr)
def test_what_is_no_filter_is_refused(kind: type[Filter], given: Any) -> None:
    own = "ProjectFilter" if kind is ProjectFields else "ModelFilter"
    with pytest.raises(InvalidArgument, match=f"^model_filter takes a {own} or a SearchFilter, and not ") as refused:
        narrowed_to(kind, given, "model_filter")
    assert refused.value.argument == "model_filter"


@pytest.mark.parametrize(
    ("kind", "things"), [(ProjectFields, "projects"), (ProjectFilter, "projects"), (JobFilter, "jobs")]
)
def test_a_field_that_cannot_be_heeded_is_refused_in_words(kind: type[Filter], things: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        narrowed_to(kind, SearchFilter(period="today"))
    assert str(refused.value) == f"A filter of {things} cannot narrow by period."


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


QUICK = settings(max_examples=200, deadline=None)
NAMES = st.text(min_size=1, max_size=12) | st.sampled_from(["orders", "Model.Shop.orders", "70403103936332"])
LISTED = st.lists(NAMES, max_size=3)
BOUNDS = st.lists(st.floats(0, 1e6) | st.integers(0, 100), min_size=2, max_size=2).map(sorted)


def fields(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields, each with a value."""
    return st.fixed_dictionaries({}, optional=values)


GIVEN = st.builds(
    lambda some, bounds, wanted: some | {name: bounds[n] for n, name in enumerate(BOUND_NAMES) if name in wanted},
    fields(
        **dict.fromkeys(("projects", "project_ids", "jobs", "job_ids", "models", "model_ids", "tags"), LISTED),
        **dict.fromkeys(("materialization", "package", "group"), LISTED),
        include_or_exclude=st.sampled_from(["include", "exclude"]),
        tags_match=st.sampled_from(["any", "all"]),
        environment=st.none() | NAMES,
        job_type=st.lists(st.sampled_from(["scheduled", "CI", "merge", "adaptive", "other"]), max_size=2),
        run_status=st.lists(st.sampled_from([*RunStatus, "Failed"]), max_size=2),
        model_status=st.lists(st.sampled_from([*NodeStatus, "passed"]), max_size=2),
        period=st.none() | st.sampled_from(["last week", "last_7_days", "2026-11-01", "2026-11-01/2026-11-15T10:00"]),
    ),
    BOUNDS,
    st.sets(st.sampled_from(["min_runtime", "max_runtime"])),
)
BOUND_NAMES = ("min_runtime", "max_runtime")


@given(GIVEN)
@QUICK
def test_any_filter_survives_json_and_describes_itself(values: dict[str, Any]) -> None:
    filter = SearchFilter(**values)
    assert SearchFilter(**json.loads(json.dumps(filter.given()))) == filter
    assert SearchFilter.model_validate_json(filter.model_dump_json()) == filter
    assert hash(SearchFilter(**values)) == hash(filter)
    sentence = filter.describe()
    narrowing = set(filter.given()) - {"include_or_exclude", "tags_match"}
    assert (sentence == "everything") == (not narrowing)
    for name in ("tags", "materialization", "package", "group"):
        assert all(value in sentence for value in getattr(filter, name))


@given(BOUNDS, st.sets(st.sampled_from(BOUND_NAMES)), st.none() | st.floats(0, 1e6) | st.integers(0, 100))
@QUICK
def test_bounds_admit_what_lies_between_them_and_the_bounds_themselves(
    bounds: list[float], wanted: set[str], runtime: float | None
) -> None:
    named = {name: bound for name, bound in zip(BOUND_NAMES, bounds, strict=True) if name in wanted}
    filter = ModelFilter(**named)
    expected = not named or runtime is not None
    if runtime is not None:
        expected = not ("min_runtime" in named and runtime < bounds[0])
        expected = expected and not ("max_runtime" in named and runtime > bounds[1])
    assert filter.admits_runtime(runtime) == expected
    assert all(filter.admits_runtime(bound) for bound in named.values())


WORDS = st.sampled_from(["Daily", "daily", "pii", "PII", "table", "View", "shop"])
SOME = st.lists(WORDS, max_size=2)
OUTCOMES = st.sampled_from(["success", "error", "skipped", "levitated", None])


def made(tags: list[str], kind: str, package: str, group: str | None, outcome: str | None) -> ModelRecord:
    ids = {"uniqueId": "model.shop.a", "projectId": 1, "environmentId": 2}
    node = {"tags": tags, "materializedType": kind, "packageName": package, "group": group}
    return parse_model(ids | node | {"executionInfo": {"lastRunStatus": outcome}})


MODELS = st.builds(made, SOME, WORDS, WORDS, st.none() | WORDS, OUTCOMES)
NARROWING = fields(
    tags=SOME,
    tags_match=st.sampled_from(["any", "all"]),
    materialization=SOME,
    package=SOME,
    group=SOME,
    model_status=st.lists(st.sampled_from(["success", "error", "unknown"]), max_size=2),
)


@given(NARROWING, MODELS)
@settings(max_examples=500, deadline=None)
def test_fields_and_together_and_the_values_of_one_list_or(values: dict[str, Any], model: ModelRecord) -> None:
    """Against a plain loop: every field that was given has to find one of its values in the model."""
    admitted = True
    for name, own in (
        ("materialization", [model.materialization]),
        ("package", [model.package]),
        ("group", [model.group or ""]),
        ("model_status", [model.last_run_status.value if model.last_run_status else "none"]),
    ):
        wanted = [word.lower() for word in values.get(name, [])]
        if wanted and own[0].lower() not in wanted:
            admitted = False
    found = [tag.lower() in [own.lower() for own in model.tags] for tag in values.get("tags", [])]
    if found and not (all(found) if values.get("tags_match") == "all" else any(found)):
        admitted = False
    assert ModelFilter(**values).admits(model, model.last_run_status) == admitted
