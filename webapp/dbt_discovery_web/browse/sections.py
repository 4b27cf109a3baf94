"""Sections: the parts of a page, asked for at the same time and sent as they come, each with its own failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_discovery import DbtDiscoveryError
from starlette.requests import Request
from starlette.responses import StreamingResponse

from dbt_discovery_web.browse.trouble import Trouble
from dbt_discovery_web.frame import templates

__all__ = ["Section", "page_of_sections"]

logger = logging.getLogger(__name__)

_HERE = "<!-- sections -->"
"""Where the sections go in a template. No name can write it: text goes in as text."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes:
        key: Its place in the page's address.
        title: Its heading.
        template: What draws it.
        ask: Asks for what the template is given.
        more: The address of the same by itself; nothing, where there is none.
    """

    key: str
    title: str
    template: str
    ask: Callable[[], Awaitable[Mapping[str, Any]]]
    more: str = ""


def page_of_sections(
    request: Request, template: str, context: Mapping[str, Any], sections: Sequence[Section]
) -> StreamingResponse:
    """A page that begins at once, and goes on with each section when it is known.

    All sections are asked for at the same time. They need no script: a browser shows what has come.
    """
    whole = templates.get_template(template).render({**context, "request": request, "sections": sections})
    head, _, tail = whole.partition(_HERE)

    async def parts() -> AsyncIterator[str]:
        tasks = [asyncio.create_task(_drawn(request, section)) for section in sections]
        try:
            yield head
            for task in tasks:
                yield await task
            yield tail
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return StreamingResponse(parts(), media_type="text/html; charset=utf-8")


async def _drawn(request: Request, section: Section) -> str:
    """A section as HTML; one that fails says so in its place."""
    try:
        given = {**await section.ask(), "section": section}
        # Many rows take their time, in which other sections go on.
        return await asyncio.to_thread(templates.get_template(section.template).render, given)
    except DbtDiscoveryError as error:
        trouble = Trouble.of(error, request)
    except Exception:
        request_id = request.scope["state"]["request_id"]
        logger.exception("The part “%s” of %s failed: request %s", section.key, request.url.path, request_id)
        trouble = Trouble(
            status=500,
            title="Something went wrong here",
            detail=f"This part could not be made because of a fault here. The log has it under {request_id}.",
        )
    return templates.get_template("browse/section_trouble.html").render(section=section, trouble=trouble)
