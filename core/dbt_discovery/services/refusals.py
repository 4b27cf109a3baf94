"""What a refused query still says: the part of the data that came beside the errors."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import httpx

from dbt_discovery.services.json_bodies import json_of

__all__ = ["Partial", "partial_data"]


@dataclass(frozen=True, slots=True)
class Partial:
    """The data that came beside errors.

    Attributes:
        data: The whole of it, with nulls where the errors are.
        refused: The reason for each alias below which there is an error.
    """

    data: dict[str, Any]
    refused: dict[str, str]


def partial_data(response: httpx.Response, aliases: Collection[str]) -> Partial | None:
    """The data beside the errors of an answer, if each error belongs to one of the aliases.

    None where an error concerns the query as a whole: then nothing in the answer can be relied upon.
    """
    body = _body(response)
    errors = _errors(body)
    if not response.is_success or not errors or not isinstance(body.get("data"), dict):
        return None
    refused: dict[str, str] = {}
    for error in errors:
        path = error.get("path") if isinstance(error, dict) else None
        place = next((name for name in path or () if name in aliases), None)
        if place is None:
            return None
        refused.setdefault(place, str(error.get("message")))
    return Partial(body["data"], refused)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json_of(response)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _errors(body: dict[str, Any]) -> list[Any]:
    errors = body.get("errors")
    return errors if isinstance(errors, list) else []
