"""Batches of the client: many like questions in few requests, and one that is refused costs none of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from dbt_discovery import CachingStrategy, ComplexityExceeded, QueryRejected, Unauthorized, Unreachable
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import DiscoveryOperation, Operation

from tests.core.upstream import Upstream, discovery, wire_to


class Squares:
    """Answers batches of numbers with their squares; refuses batches of more than `most`, and numbers below zero.

    Attributes:
        too_large: The answer to a batch of more than `most`.
        refusing: Whether it refuses every number.
    """

    too_large = httpx.Response(200, json={"errors": [{"message": "no", "extensions": {"code": "COMPLEXITY_EXCEEDED"}}]})

    def __init__(self, most: int = 100) -> None:
        self.most = most
        self.failure: httpx.Response | None = None
        self.batches: list[list[int]] = []
        self.refused = 0
        self.refusing = False
        self.upstream = Upstream(self)
        self.seconds = 0.0
        self.client = DbtClient(wire_to(self.upstream), CachingStrategy(100, timer=lambda: self.seconds))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        numbers = self.upstream.variables[-1]["numbers"]
        if self.failure:
            return self.failure
        if len(numbers) > self.most:
            self.refused += 1
            return self.too_large
        self.batches.append(numbers)
        refused = {place: n for place, n in enumerate(numbers) if n < 0 or self.refusing}
        data = {f"s{place}": None if place in refused else n * n for place, n in enumerate(numbers)}
        errors = [{"message": f"{n} is unknown", "path": [f"s{place}"]} for place, n in refused.items()]
        return httpx.Response(200, json={"data": data} | ({"errors": errors} if errors else {}))

    async def ask(self, numbers: Sequence[int], size: int = 4, *, refresh: bool = False) -> list[Any]:
        return await self.client.ask_batched([_number(n) for n in numbers], _together, size, refresh=refresh)


def _number(n: int) -> DiscoveryOperation[int]:
    return discovery(name="square", variables=(("n", n),))


def _together(operations: Sequence[Operation[int]]) -> Operation[list[int]]:
    numbers = tuple(operation.variables[0][1] for operation in operations)
    aliases = [f"s{place}" for place in range(len(numbers))]
    return discovery(
        name="squares",
        variables=(("numbers", numbers),),
        aliases=aliases,
        parse=lambda data: [data[alias] for alias in aliases],
    )


async def test_a_batch_holds_no_more_than_its_size_and_answers_come_in_order() -> None:
    squares = Squares()
    answers = await squares.ask(range(10))
    assert [answer.value for answer in answers] == [n * n for n in range(10)]
    assert sorted(map(len, squares.batches)) == [2, 4, 4]


async def test_only_what_is_not_known_goes_into_a_batch() -> None:
    squares = Squares()
    await squares.ask([1, 2, 3])
    assert [answer.value for answer in await squares.ask([3, 4, 1, 5])] == [9, 16, 1, 25]
    assert squares.batches == [[1, 2, 3], [4, 5]]
    await squares.ask([1, 2, 3, 4, 5])
    assert len(squares.batches) == 2


async def test_refresh_puts_everything_into_batches_again() -> None:
    squares = Squares()
    await squares.ask([1, 2])
    await squares.ask([1, 2], refresh=True)
    assert squares.batches == [[1, 2], [1, 2]]


async def test_the_same_question_twice_gets_two_answers() -> None:
    squares = Squares()
    assert [answer.value for answer in await squares.ask([3, 3, 2])] == [9, 9, 4]


async def test_a_batch_found_too_large_is_halved_until_it_fits() -> None:
    squares = Squares(most=3)
    answers = await squares.ask(range(16), size=16)
    assert [answer.value for answer in answers] == [n * n for n in range(16)]
    assert sorted(n for batch in squares.batches for n in batch) == list(range(16))
    assert max(map(len, squares.batches)) <= 3


async def test_one_alone_that_is_too_large_is_told() -> None:
    with pytest.raises(ComplexityExceeded):
        await Squares(most=0).ask([1, 2])


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>Bad Request</html>", b'{"errors": []}'])
async def test_a_refusal_without_a_reason_is_taken_for_a_batch_that_is_too_large(body: bytes) -> None:
    squares = Squares(most=3)
    squares.too_large = httpx.Response(400, content=body)
    assert [answer.value for answer in await squares.ask(range(10), size=10)] == [n * n for n in range(10)]
    squares.most = 0
    with pytest.raises(ComplexityExceeded, match="without a reason"):
        await squares.ask([11])


async def test_a_refusal_with_a_reason_is_not_tried_in_smaller_pieces() -> None:
    squares = Squares(most=3)
    squares.too_large = httpx.Response(400, json={"errors": [{"message": "Cannot query field 'x'."}]})
    with pytest.raises(QueryRejected, match="Cannot query field 'x'"):
        await squares.ask(range(10), size=10)
    assert squares.refused == 1


async def test_the_size_that_fitted_is_remembered_for_later_batches() -> None:
    squares = Squares(most=5)
    await squares.ask(range(20), size=20)
    assert squares.refused == 3  # 20, and its two halves; then 5 fits
    squares.batches.clear()
    await squares.ask(range(20, 40), size=20)
    assert squares.refused == 3
    assert sorted(map(len, squares.batches)) == [5, 5, 5, 5]


async def test_after_ten_batches_that_fitted_a_larger_one_is_tried_but_none_beyond_the_given_size() -> None:
    squares = Squares(most=4)
    await squares.ask(range(8), size=8)  # 8 is refused; 4 and 4 fit
    squares.most = 100
    for start in range(100, 100 + 8 * 4, 4):
        await squares.ask(range(start, start + 4), size=8)
    squares.batches.clear()
    await squares.ask(range(200, 240), size=8)
    assert sorted(map(len, squares.batches)) == [8] * 5
    for start in range(300, 300 + 12 * 8, 8):
        await squares.ask(range(start, start + 8), size=8)
    assert max(map(len, squares.batches)) == 8


async def test_one_that_is_refused_fails_none_of_the_others_and_is_not_complete() -> None:
    squares = Squares()
    answers = await squares.ask([1, -2, 3, 4, 5, -6], size=4)
    assert [(answer.value, answer.complete) for answer in answers] == [
        (1, True),
        (None, False),
        (9, True),
        (16, True),
        (25, True),
        (None, False),
    ]
    assert len(squares.batches) == 2


async def test_one_that_was_refused_is_asked_for_again_and_the_others_are_not() -> None:
    squares = Squares()
    await squares.ask([1, -2, 3])
    await squares.ask([1, -2, 3])
    assert squares.batches == [[1, -2, 3], [-2]]


async def test_where_everything_is_refused_the_reason_is_told() -> None:
    with pytest.raises(QueryRejected, match="-2 is unknown"):
        await Squares().ask([-2, -3])


async def test_an_error_of_the_whole_query_fails_the_whole_batch() -> None:
    squares = Squares()
    squares.failure = httpx.Response(200, json={"data": {"s0": 1, "s1": 4}, "errors": [{"message": "Broken."}]})
    with pytest.raises(QueryRejected, match="Broken"):
        await squares.ask([1, 2])


async def test_a_failed_refresh_of_a_batch_serves_what_is_known_and_says_so() -> None:
    squares = Squares()
    await squares.ask([1, 2, 3])
    squares.failure = httpx.Response(503)
    answers = await squares.ask([1, 2, 3], refresh=True)
    assert [(answer.value, answer.stale) for answer in answers] == [(1, True), (4, True), (9, True)]


async def test_a_batch_with_something_unknown_in_it_fails_as_a_whole() -> None:
    squares = Squares()
    await squares.ask([1, 2])
    squares.failure = httpx.Response(503)
    with pytest.raises(Unreachable):
        await squares.ask([1, 2, 3], refresh=True)


async def test_a_refused_token_is_not_hidden_behind_a_known_batch() -> None:
    squares = Squares()
    await squares.ask([1, 2])
    squares.failure = httpx.Response(401, json={})
    with pytest.raises(Unauthorized):
        await squares.ask([1, 2], refresh=True)


async def test_switched_off_a_batch_is_still_one_request() -> None:
    squares = Squares()
    squares.client = DbtClient(wire_to(squares.upstream), CachingStrategy(enable_caching=False))
    assert [answer.value for answer in await squares.ask([1, 2, 3])] == [1, 4, 9]
    assert squares.batches == [[1, 2, 3]]


async def test_a_refresh_that_is_refused_serves_what_is_known_and_raises_only_where_nothing_is() -> None:
    squares = Squares()
    await squares.ask([1, 2])
    squares.refusing = True
    answers = await squares.ask([1, 2], refresh=True)
    assert [(answer.value, answer.stale) for answer in answers] == [(1, True), (4, True)]
    assert [answer.value for answer in await squares.ask([1, 3], refresh=True)] == [1, None]
    with pytest.raises(QueryRejected, match="3 is unknown"):
        await squares.ask([3, 4])


@pytest.mark.parametrize("gone", [{2}, {1, 3}, {0, 1, 2, 3}], ids=len)
async def test_what_dbt_cloud_says_it_does_not_find_is_nothing_and_the_others_keep_their_data(gone: set[int]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        data = {f"s{n}": None if n in gone else n * n for n in range(4)}
        errors = [{"message": "Job run not found", "path": [f"s{n}"]} for n in sorted(gone)]
        return httpx.Response(200, json={"data": data, "errors": errors})

    client = DbtClient(wire_to(answer), CachingStrategy())
    answers = await client.ask_batched([_number(n) for n in range(4)], _together, 4)
    assert [each.value for each in answers] == [None if n in gone else n * n for n in range(4)]
    assert all(each.complete for each in answers)
