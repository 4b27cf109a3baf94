"""The frame of every page: the templates, and whose numbers a page shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt_discovery import DbtAccount, DbtDiscoveryError
from fastapi.templating import Jinja2Templates

from dbt_discovery_web.dependencies import patience
from dbt_discovery_web.rendering.quantities import unbroken

__all__ = ["frame_of", "templates"]


templates = Jinja2Templates(Path(__file__).parent / "templates")
templates.env.filters["unbroken"] = unbroken


async def frame_of(account: DbtAccount) -> dict[str, Any]:
    """What `base.html` needs to be told.

    `source` is who answers, `fault` why nobody does, in a sentence that stands in its place; `timezone` the account's.
    """
    shown: dict[str, Any] = {"source": None, "fault": None, "timezone": account.settings.timezone}
    try:
        async with patience():
            shown["source"] = await account.aget_source()
    except TimeoutError:
        shown["fault"] = "dbt Cloud has not answered yet. The page works, and a question asks it again."
    except DbtDiscoveryError as error:
        shown["fault"] = str(error)
    return shown
