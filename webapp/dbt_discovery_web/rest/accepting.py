"""Content negotiation: the form of an answer that a client asks for with `Accept` (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request

__all__ = ["CODE", "CSV", "JSON", "NDJSON", "TABLES", "TEXT", "VARY", "preferred", "qualities"]

JSON = "application/json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"
TEXT = "text/plain"

VARY = {"Vary": "Accept"}
"""The header of every answer that has several forms."""

TABLES = (JSON, CSV, NDJSON)
"""The forms of rows."""

CODE = (JSON, TEXT)
"""The forms of code."""


def preferred(request: Request, offered: Sequence[str]) -> str:
    """The offered media type that a request prefers: the first of those it likes equally, as where it says nothing.

    The most specific range that fits a type says how much it is wanted (`q` from 0 to 1); a range that cannot be read
    says nothing.

    Raises:
        HTTPException: 406, where it wants none of them.
    """
    accept = ",".join(request.headers.getlist("accept"))
    if not accept.strip():
        return offered[0]
    ranges = qualities(accept)
    wanted = {kind: _quality(kind, ranges) for kind in offered}
    best = max(offered, key=lambda kind: wanted[kind])  # `max` keeps the first of equals
    if not wanted[best]:
        raise HTTPException(406, f"The answer comes as {', '.join(offered)}. Ask for one of these in Accept.", VARY)
    return best


def qualities(header: str) -> list[tuple[str, float]]:
    """What a header of wishes names, such as `Accept` or `Accept-Encoding`, each with how much it is wanted."""
    return [_wish(part) for part in header.split(",")]


def _wish(part: str) -> tuple[str, float]:
    """What is wanted, and its quality; parameters of a media range itself choose nothing here."""
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((text.partition("=")[2].strip() for text in parameters if text.startswith("q=")), "1")
    try:
        return kind, min(max(float(quality), 0.0), 1.0) if quality != "nan" else 0.0
    except ValueError:
        return kind, 0.0


def _quality(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    for fitting in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if found := [quality for named, quality in ranges if named == fitting]:
            return max(found)
    return 0.0
