"""Cassettes are replayed without a network; `make record` records them again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.cassettes.recording import (
    CASSETTES,
    Place,
    Subject,
    choose_subject,
    recording,
    replaying,
    scrubbed_request,
    scrubbed_response,
)

if TYPE_CHECKING:
    from vcr.cassette import Cassette  # type: ignore[import-untyped]


@pytest.fixture(scope="session")
def place(record_mode: str) -> Iterator[Place]:
    """The place that answers: the cassettes, or what they are being recorded from."""
    if record_mode == "none":
        yield replaying(Subject.read())
        return
    with recording() as place:
        asyncio.run(choose_subject(place)).write()
        yield place


@pytest.fixture(scope="session")
def subject(place: Place) -> Subject:
    """What the cassettes are about; `place` has chosen it where they are being recorded."""
    return Subject.read()


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.fixture
def vcr_config(place: Place) -> dict[str, Any]:
    """How requests are matched and what is kept of them.

    It asks for the place, because that has to ask what to record before a cassette listens.
    """
    return {
        "match_on": ["method", "path", "query", "body"],
        "allow_playback_repeats": False,
        "before_record_request": scrubbed_request,
        "before_record_response": scrubbed_response,
    }


@pytest.fixture(autouse=True)
def _all_played(vcr: Cassette | None, record_mode: str) -> Iterator[None]:
    """Nothing stays in a cassette that its test does not ask for."""
    yield
    if vcr is not None and record_mode == "none":
        assert vcr.all_played, f"{len(vcr) - vcr.play_count} of {len(vcr)} answers in {vcr.path} were not asked for"
