"""Asking: a report as the card that a page shows of it."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any

from dbt_discovery import DbtAccount, Report
from dbt_discovery.reports import find_report
from dbt_discovery.reports.declaration import ReportArguments
from starlette.requests import Request

from dbt_discovery_web.cards import Card

__all__ = ["Asking"]


class Asking:
    """Asks an account for reports, on behalf of a request.

    Args:
        request: The request.
        account: The account.
    """

    def __init__(self, request: Request, account: DbtAccount) -> None:
        self._request = request
        self.account = account

    async def card(self, name: str, arguments: ReportArguments) -> Card:
        """The card of a report."""
        begun = perf_counter()
        report = await self.account.arun_report(name, arguments)
        seconds = perf_counter() - begun
        zone, origin = self.account.settings.zone, str(self._request.base_url)
        return await asyncio.to_thread(Card.of, report, zone=zone, origin=origin, seconds=seconds)

    async def shown(self, name: str, /, **given: Any) -> dict[str, Any]:
        """The card of a report as a template takes it."""
        return {"card": await self.card(name, find_report(name).parse(given))}

    async def report(self, name: str, /, **given: Any) -> Report:
        """A report itself."""
        return await self.account.arun_report(name, **given)
