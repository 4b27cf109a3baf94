from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from dbt_discovery.cache.packing import Packed, pack, unpack

AS_OF = datetime(2026, 11, 18, 10, 30, 0, 123457, UTC)


@pytest.mark.parametrize("body", [None, [], {}, {"a": [1, 2.5, None, True, "ä “x”"]}, 2**63, [[]], ""])
@pytest.mark.parametrize("complete", [True, False])
def test_body_comes_back_as_it_went(body: Any, complete: bool) -> None:
    packed = Packed(body, complete, AS_OF, 1795000000.123457)
    data = pack(packed)
    assert data is not None
    assert unpack(data) == packed


def test_moment_on_the_stores_clock_can_be_read_from_the_first_eight_bytes() -> None:
    data = pack(Packed({"rows": [1] * 100}, True, AS_OF, 1795000000.25))
    assert data is not None
    assert struct.unpack(">d", data[:8]) == (1795000000.25,)


def test_rows_that_are_alike_take_less_than_a_fifth() -> None:
    rows = [{"uniqueId": f"model.shop.orders_{n}", "executionTime": n * 1.7, "tags": ["finance"]} for n in range(500)]
    data = pack(Packed(rows, True, AS_OF, 1.0))
    assert data is not None
    assert len(data) < len(orjson.dumps(rows)) / 5


@pytest.mark.parametrize("body", [2**64, "\ud800", {1, 2}])
def test_what_json_cannot_hold_is_not_packed(body: Any) -> None:
    assert pack(Packed(body, True, AS_OF, 1.0)) is None


HEAD = struct.pack(">dd?", 1.0, 2.0, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        HEAD,
        HEAD + b"not packed",
        HEAD + zlib.compress(b"{not json"),
        HEAD + zlib.compress(b"[1, 2]")[:-3],
        struct.pack(">dd?", 1.0, 1e300, True) + zlib.compress(b"[]"),
        struct.pack(">dd?", 1.0, float("nan"), True) + zlib.compress(b"[]"),
    ],
)
def test_bytes_that_hold_no_body_give_none(data: bytes) -> None:
    assert unpack(data) is None
