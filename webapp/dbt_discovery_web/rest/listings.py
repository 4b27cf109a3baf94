"""Listings over REST: the things that a question found, page by page in JSON, or all of them as CSV and NDJSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from dbt_discovery import Listing
from dbt_discovery.models.report import iso
from dbt_discovery.resources.handle import Handle
from dbt_discovery.resources.model import Model
from starlette.requests import Request
from starlette.responses import Response

from dbt_discovery_web.rest.accepting import JSON, TABLES, preferred
from dbt_discovery_web.rest.paging import Keyed, Order, PageFields, page_of
from dbt_discovery_web.rest.resource_models import sortable
from dbt_discovery_web.rest.tables import Table, json_response, table_response

__all__ = ["listing_response"]


def listing_response(request: Request, listing: Listing[Any], query: PageFields, handle: type[Handle[Any]]) -> Response:
    """The part of a listing that a query asks for, in the form that the request prefers.

    Raises:
        InvalidArgument: The query's `sort` or `cursor` is not one of this collection.
        HTTPException: 406, where the form is none that there is.
    """
    form, order = preferred(request, TABLES), Order.of(query.sort, sortable(handle))
    handles: Sequence[Handle[Any]] = listing
    keyed = [Keyed(_value(each, order.field), _reference(each), each) for each in handles]
    limit = query.limit if form == JSON or "limit" in query.model_fields_set else None
    shown, following = page_of(keyed, order, query.cursor, limit)
    items = [each.to_json() for each in shown]
    if form == JSON:
        page = {
            "items": items,
            "total": listing.total,
            "next": following,
            "as_of": iso(listing.as_of),
            "stale": listing.stale,
            "coverage": listing.coverage.model_dump(mode="json"),
            "notes": listing.notes,
        }
        return json_response(page)
    table = Table(
        name=request.url.path.rpartition("/")[2],
        keys=handle.FIELDS,
        rows=items,
        total=listing.total,
        complete=listing.coverage.complete,
        following=_path(request, following) if following else None,
    )
    return table_response(table, form)


def _value(handle: Handle[Any], field: str) -> Any:
    value = getattr(handle, field)
    return iso(value) if isinstance(value, datetime) else value


def _reference(handle: Handle[Any]) -> str:
    """What tells an item of a collection from all others: one model may be there once for each environment."""
    return f"{handle.reference}@{handle.environment_id}" if isinstance(handle, Model) else handle.reference


def _path(request: Request, cursor: str) -> str:
    """The path that a request came to, at another cursor."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{quote(request.scope['path'])}?{urlencode([*kept, ('cursor', cursor)])}"
