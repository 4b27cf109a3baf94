"""The strict route: a path that refuses parameters it does not know, instead of answering another question."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from dbt_discovery import InvalidArgument
from dbt_discovery.words import either
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from fastapi.dependencies.models import Dependant

__all__ = ["StrictRoute", "is_list"]


class StrictRoute(APIRoute):
    """A path on which an unknown parameter is an error, and one that holds a single value given twice as well."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, behind the check."""
        handle = super().get_route_handler()
        lists = dict(_taken(self.dependant))

        async def handle_strictly(request: Request) -> Response:
            if request.scope["query_string"]:
                _check(request.query_params, lists)
            return await handle(request)

        return handle_strictly


def is_list(schema: dict[str, Any]) -> bool:
    """Whether a parameter of this JSON schema may be repeated."""
    return schema.get("type") == "array"


def _taken(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The parameters of a query, each with whether it may be repeated; FastAPI spreads a model out into its fields."""
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from ((name, is_list(schema)) for name, schema in kind.model_json_schema()["properties"].items())
        else:
            yield parameter.alias, False
    for part in dependant.dependencies:
        yield from _taken(part)


def _check(given: QueryParams, lists: dict[str, bool]) -> None:
    for name in given:
        if name not in lists:
            taken = f"It takes {either(lists, 'and')}." if lists else "It takes none."
            raise InvalidArgument(name[:80], f"{name[:80]}: not a parameter of this path. {taken}")
        if not lists[name] and len(given.getlist(name)) > 1:
            raise InvalidArgument(name, f"{name} takes one value: give it once.")
