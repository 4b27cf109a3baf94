"""Results of runs in the run store: for each run its models, or its tests, with status and runtime, as columns."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from math import isnan, nan
from sys import intern
from typing import Any

from sqlalchemy import Connection, Select, select

from dbt_discovery.history.tables import NODE_LISTS, RESULTS
from dbt_discovery.history.writing import replace_rows
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.results import NodeKind, RunResults

__all__ = ["put_results", "stored_results", "with_results"]

_STATUSES = tuple(NodeStatus)
"""The statuses in the order of their numbers: a new one goes to the end, or the store's version goes up."""
_CODES = {status: number for number, status in enumerate(_STATUSES)}
_NOTHING = "none"
"""Stands for the digest of a list where there are no results."""
_AT_ONCE = 500
"""Runs asked for in one statement."""


def put_results(
    connection: Connection, source_id: int, kind: NodeKind, results: Mapping[str, RunResults | None]
) -> None:
    """Keeps what runs made of their nodes of a kind, by the run's id; None of a run of which nobody has results."""
    lists: dict[str, bytes] = {}
    rows: list[dict[str, Any]] = []
    for run_id, each in results.items():
        key = {"source_id": source_id, "run_id": int(run_id), "kind": kind}
        if each is None:
            rows.append({**key, "digest": _NOTHING, "outcomes": b""})
            continue
        listed = json.dumps(each.unique_ids).encode()
        digest = blake2b(listed, digest_size=12).hexdigest()
        lists[digest] = listed
        rows.append({**key, "digest": digest, "outcomes": _packed(each)})
    known = set(_lists(connection, source_id, lists))
    fresh = {digest: zlib.compress(listed) for digest, listed in lists.items() if digest not in known}
    replace_rows(
        connection,
        NODE_LISTS,
        [{"source_id": source_id, "digest": digest, "unique_ids": packed} for digest, packed in fresh.items()],
    )
    replace_rows(connection, RESULTS, rows)


def stored_results(
    connection: Connection, source_id: int, kind: NodeKind, run_ids: Sequence[str]
) -> dict[str, RunResults | None]:
    """What those of some runs made of a kind whose results are here; None where there are known to be none."""
    wanted = select(RESULTS.c.run_id, RESULTS.c.digest, RESULTS.c.outcomes)
    rows = [row for some in _of_runs(wanted, source_id, kind, run_ids) for row in connection.execute(some)]
    lists = _lists(connection, source_id, {row.digest for row in rows})
    return {
        str(row.run_id): None if row.digest == _NOTHING else _unpacked(lists[row.digest], row.outcomes)
        for row in rows
        if row.digest in lists or row.digest == _NOTHING
    }


def with_results(connection: Connection, source_id: int, kind: NodeKind, run_ids: Sequence[str]) -> set[str]:
    """Those of some runs whose results of a kind are here."""
    wanted = select(RESULTS.c.run_id)
    parts = _of_runs(wanted, source_id, kind, run_ids)
    return {str(run_id) for some in parts for run_id in connection.execute(some).scalars()}


def _of_runs(wanted: Select[Any], source_id: int, kind: NodeKind, run_ids: Sequence[str]) -> Iterator[Select[Any]]:
    """A question about results, for so many of the runs at a time as one statement takes."""
    for start in range(0, len(run_ids), _AT_ONCE):
        some = [int(run_id) for run_id in run_ids[start : start + _AT_ONCE]]
        yield wanted.where(RESULTS.c.source_id == source_id, RESULTS.c.run_id.in_(some), RESULTS.c.kind == kind)


def _lists(connection: Connection, source_id: int, digests: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The unique_ids of lists, by the lists' digests. Lists share the memory of what they have in common."""
    wanted = select(NODE_LISTS.c.digest, NODE_LISTS.c.unique_ids)
    rows = connection.execute(wanted.where(NODE_LISTS.c.source_id == source_id, NODE_LISTS.c.digest.in_(list(digests))))
    return {row.digest: tuple(map(intern, json.loads(zlib.decompress(row.unique_ids)))) for row in rows}


def _packed(results: RunResults) -> bytes:
    statuses = bytes(_CODES[status] for status in results.statuses)
    runtimes = (nan if runtime is None else runtime for runtime in results.runtimes)
    return zlib.compress(statuses + struct.pack(f"<{len(results)}d", *runtimes))


def _unpacked(unique_ids: tuple[str, ...], outcomes: bytes) -> RunResults:
    packed, size = zlib.decompress(outcomes), len(unique_ids)
    return RunResults(
        unique_ids,
        statuses=tuple(_STATUSES[number] for number in packed[:size]),
        runtimes=tuple(None if isnan(runtime) else runtime for runtime in struct.unpack(f"<{size}d", packed[size:])),
    )
