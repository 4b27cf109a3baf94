"""Answers that are hard to keep and to pass on: they are shared all the same, and every process reads them alike."""

from __future__ import annotations

import re

import pytest

from tests.together.cloud import Cloud
from tests.together.conftest import Start
from tests.together.processes import Named

MODELS: Named = ("list_models", {})
RUNS: Named = ("failed_runs", {"period": "last_week"})


def with_halves(body: bytes) -> bytes:
    """Texts that JavaScript cut in the middle of an emoji, and others with a character of code 0."""
    body = re.sub(rb'"description": ?"', rb'"description":"\\ud83d', body)
    body = re.sub(rb'"tags": ?\["', rb'"tags":["\\u0000', body)
    return re.sub(rb'"(status_message|git_branch)": ?(null|"[^"]*")', rb'"\1":"\\ude00\\u0000 broken"', body)


def with_what_is_no_number(body: bytes) -> bytes:
    return re.sub(rb'("executionTime": ?)[0-9.]+', rb"\1NaN", body)


def with_what_is_too_large(body: bytes) -> bytes:
    """A number that no JSON of 64 bits holds, where nobody reads it."""
    return body.replace(b'"id":', b'"unread":' + b"9" * 30 + b',"id":')


@pytest.mark.parametrize("spoil", [with_halves, with_what_is_no_number, with_what_is_too_large])
def test_hard_answers_are_asked_for_once_and_read_alike(
    spoil: object, cloud: Cloud, start: Start, in_both: dict[str, str]
) -> None:
    assert callable(spoil)
    cloud.spoil = spoil
    one = start(in_both)
    answers = one.ask(MODELS, RUNS)
    assert all(answer["rows"] for answer in answers)
    assert one.warnings == []
    cloud.begin_anew()
    cloud.spoil = spoil
    assert start(in_both).ask(MODELS, RUNS) == answers
    assert cloud.questions == {}


def test_half_an_emoji_is_shown_as_what_it_is_and_sent_on_as_text(
    cloud: Cloud, start: Start, in_both: dict[str, str]
) -> None:
    cloud.spoil = with_halves
    models, runs = start(in_both).ask(MODELS, RUNS)
    shown = {tag for row in models["rows"] for tag in row["tags"].split(", ") if tag}
    assert any(tag.startswith("�") for tag in shown)
    assert {row["status_message"][:3] for row in runs["rows"]} == {"�� "}


def test_time_that_is_no_number_counts_as_none(cloud: Cloud, start: Start, in_both: dict[str, str]) -> None:
    cloud.spoil = with_what_is_no_number
    (models,) = start(in_both).ask(MODELS)
    assert {row["last_success_runtime"] for row in models["rows"]} == {None}
