"""Tables: rows as CSV or as newline-delimited JSON, in one piece where they are few and streamed where many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from starlette.responses import Response, StreamingResponse

from dbt_discovery_web.rendering.comma_separated import csv_lines
from dbt_discovery_web.rest.accepting import CSV, NDJSON, VARY

__all__ = ["Table", "json_response", "table_response"]

_PIECE = 500
"""Rows that are written at once, between which other requests get their turn."""

_ENDINGS = {CSV: "csv", NDJSON: "ndjson"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows for a program or a spreadsheet, without what an answer in JSON says around them.

    Attributes:
        name: What they are; the file is called so.
        keys: The columns of CSV, in order. Newline-delimited JSON has every key of a row.
        rows: The rows, as plain JSON values.
        total: How many rows there are before any limit.
        complete: Whether nothing inside the question is missing.
        following: The path of the next rows, where a limit leaves some.
    """

    name: str
    keys: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    total: int
    complete: bool
    following: str | None = None


def json_response(value: Any) -> Response:
    """Plain JSON values as an answer that has other forms too."""
    return Response(orjson.dumps(value), headers=VARY, media_type="application/json")


def table_response(table: Table, form: str) -> Response:
    """The rows of a table in the form asked for; its headers tell what CSV has no place for."""
    headers = {
        **VARY,
        "Content-Disposition": f'attachment; filename="{table.name}.{_ENDINGS[form]}"',
        "X-Total-Count": str(table.total),
        "X-Complete": str(table.complete).lower(),
    }
    if table.following:
        headers["Link"] = f'<{table.following}>; rel="next"'
    pieces = _written(table, form)
    if len(table.rows) <= _PIECE:
        return Response(b"".join(pieces), headers=headers, media_type=form)
    return StreamingResponse(_in_turn(pieces), headers=headers, media_type=form)


def _written(table: Table, form: str) -> Iterator[bytes]:
    if form == NDJSON:
        lines = (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in table.rows)
    else:
        lines = (line.encode() for line in csv_lines(table.keys, table.rows))
    while piece := b"".join(islice(lines, _PIECE)):
        yield piece


async def _in_turn(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(0)
