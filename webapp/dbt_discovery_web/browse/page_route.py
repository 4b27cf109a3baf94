"""The page route: a path for people, who get a page also where something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from dbt_discovery import DbtDiscoveryError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dbt_discovery_web.browse.trouble import Trouble
from dbt_discovery_web.dependencies import services_of
from dbt_discovery_web.frame import frame_of, templates
from dbt_discovery_web.rest.accepting import JSON, VARY, preferred

__all__ = ["PageRoute", "wants_page"]

_HTML = "text/html"
_PROBLEM = "application/problem+json"


class PageRoute(APIRoute):
    """A path that tells a browser of every foreseen error on a page, and a program as a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with a page for what goes wrong."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                return await handle(request)
            except DbtDiscoveryError as error:
                if not wants_page(request):
                    raise
                trouble = Trouble.of(error, request)
            frame = await frame_of(services_of(request).account)
            return templates.TemplateResponse(
                request,
                "browse/problem.html",
                {**frame, "trouble": trouble},
                status_code=trouble.status,
                headers={**trouble.headers, **VARY},
            )

        return handle_for_people


def wants_page(request: Request) -> bool:
    """Whether whoever asks would rather have a page than a problem, as browsers would."""
    try:
        return preferred(request, (_PROBLEM, JSON, _HTML)) == _HTML
    except HTTPException:
        return False
