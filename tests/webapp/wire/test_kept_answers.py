"""Kept answers: for how long, under which key, and in how much memory."""

from __future__ import annotations

import random

import pytest
from dbt_discovery_web.wire.answer import Answer
from dbt_discovery_web.wire.kept_answers import KeptAnswers, key_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def answer(body: bytes = b"{}", kind: bytes = b"application/json") -> Answer:
    return Answer([(b"content-type", kind), (b"content-length", b"%d" % len(body))], body)


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize(("seconds", "given"), [(5.0, 4.9), (59.0, 58.9), (3600.0, 59.9), (float("inf"), 59.9)])
def test_answer_is_given_until_its_time_and_never_after_a_minute(seconds: float, given: float) -> None:
    clock = Clock()
    answers, key = KeptAnswers(timer=clock), key_of("/jobs", b"", b"")
    assert key is not None
    answers.keep(key, answers.same(answer()), "here", "/jobs", seconds)
    clock.now += given
    found = answers.find(key)
    assert found is not None
    assert answers.age(found[1]) == int(given)
    clock.now += 0.2
    assert answers.find(key) is None


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/metrics", "/chat", "/chat/threads", "/account", "/readyz", "/reports", "/", "/docs", "/static/x.js"],
)
def test_only_what_rests_on_the_account_alone_is_kept(path: str) -> None:
    assert key_of(path, b"", b"*/*") is None


@pytest.mark.parametrize(
    "query", [b"refresh=true", b"a=1&refresh=false", b"statistics=true", b"%72efresh=1", b"refresh"]
)
def test_an_answer_of_ones_own_is_neither_given_again_nor_taken_from_what_is_kept(query: bytes) -> None:
    assert key_of("/reports/list_jobs", query, b"") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"a=1&b=2", b"b=2&a=1", True),
        (b"a=1&b=x%20y", b"b=x+y&a=1", True),
        (b"tags=a&tags=b", b"tags=b&tags=a", False),
        (b"a=1&tags=a&tags=b", b"tags=a&a=1&tags=b", True),
        (b"a=", b"", False),
        (b"a=1", b"a=2", False),
        (b"a=1&a=1", b"a=1", False),
    ],
)
def test_queries_that_ask_the_same_have_one_key(one: bytes, other: bytes, same: bool) -> None:
    assert (key_of("/jobs", one, b"") == key_of("/jobs", other, b"")) is same


def test_other_forms_and_addresses_have_other_keys() -> None:
    origins = (("http", "localhost"), ("https", "localhost"), ("http", "127.0.0.1"))
    keys = {
        key_of(path, b"", accept, origin)
        for path in ("/jobs", "/runs")
        for accept in (b"", b"text/csv", b"*/*")
        for origin in origins
    }
    assert len(keys) == 18


def test_a_request_as_long_as_a_book_is_not_kept() -> None:
    assert key_of("/jobs", b"jobs=" + b"x" * 5000, b"") is None
    assert key_of("/jobs", b"", b"x" * 5000) is None


async def test_memory_is_bounded_and_the_least_recently_given_goes_first() -> None:
    answers = KeptAnswers(max_bytes=100_000)
    keys = []
    for n in range(8):
        key = key_of("/jobs", b"n=%d" % n, b"")
        assert key is not None
        answers.keep(key, answers.same(answer(noise(n, 20_000))), "here", "/jobs", 60)
        keys.append(key)
        assert answers.bytes <= 100_000
        assert answers.find(keys[0])
    assert [answers.find(key) is not None for key in keys] == [True, *[False] * 4, *[True] * 3]


async def test_what_is_compressed_counts_too() -> None:
    answers, text = KeptAnswers(), answer(b"job, took\n" * 1000)
    answers.same(text)
    before = answers.bytes
    await text.compress("gzip")
    answers.weigh(text)
    assert answers.bytes == before + len(text.body("gzip"))


def test_answers_with_the_same_bytes_are_there_once() -> None:
    answers = KeptAnswers()
    first = answers.same(answer(b"same"))
    before = answers.bytes
    assert answers.same(answer(b"same")) is first
    assert answers.bytes == before


def test_an_answer_that_comes_out_the_same_again_stays_longer_than_others() -> None:
    answers = KeptAnswers(max_bytes=100_000)
    first = answers.same(answer(noise(0, 20_000)))
    for n in range(1, 8):
        answers.same(answer(noise(n, 20_000)))
        assert answers.same(answer(noise(0, 20_000))) is first


def test_an_answer_larger_than_all_room_is_not_kept() -> None:
    answers, key = KeptAnswers(max_bytes=10_000), key_of("/jobs", b"", b"")
    assert key is not None
    answers.keep(key, answers.same(answer(noise(1, 20_000))), "here", "/jobs", 60)
    assert answers.find(key) is None
    assert answers.bytes == 0


def test_however_many_ask_the_places_are_bounded() -> None:
    answers, keys = KeptAnswers(), [key for n in range(3000) if (key := key_of("/jobs", b"n=%d" % n, b""))]
    for key in keys:
        answers.keep(key, answers.same(answer()), "here", "/jobs", 60)
    kept = [answers.find(key) is not None for key in keys]
    assert sum(kept) == 2048
    assert kept[-1]
    assert not kept[0]


def test_same_bytes_have_the_same_tag_and_others_another() -> None:
    tags = {
        answer().tag(""),
        answer().tag("gzip"),
        answer().tag("br"),
        answer(b"[]").tag(""),
        answer(kind=b"text/csv").tag(""),
    }
    assert len(tags) == 5
    assert answer().tag("br") in tags
