"""JSON in responses, read as well as can be: dbt Cloud passes on what others wrote."""

from __future__ import annotations

from contextlib import suppress
from math import isfinite
from typing import Any

import httpx
import orjson

__all__ = ["json_of"]

_NOTHING = rb"\u0000"
"""How JSON writes the character of code 0."""


def json_of(response: httpx.Response) -> Any:
    """The parsed body, in which every text can be written again, and every number is one.

    Half an emoji, as JavaScript leaves it where it cuts a text, and the character of code 0 become �: no database and
    no JSON takes the former, PostgreSQL not even the latter. NaN and infinity, which JSON does not know, become null.

    Raises:
        ValueError, RecursionError: It is no JSON.
    """
    if _NOTHING not in response.content:
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(response.content)
    return _mended(response.json())


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        whole = value.replace("\0", "�")
        return whole if whole.isascii() else whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_mended(key): _mended(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_mended(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value
