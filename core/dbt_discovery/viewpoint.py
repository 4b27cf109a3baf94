"""A viewpoint: an account seen from where some or all of its projects are in view."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.statistics import counting
from dbt_discovery.connection import Connection
from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.home import HomeLoop, at_home, blocking
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.report import Report, Source
from dbt_discovery.reports import find_report
from dbt_discovery.reports.declaration import ReportArguments, ReportDeclaration
from dbt_discovery.scope import Scope
from dbt_discovery.settings import Settings
from dbt_discovery.sharing import shared
from dbt_discovery.vocabulary import Vocabulary

__all__ = ["Viewpoint"]


class Viewpoint:
    """What is asked, of which projects, and what it answers as reports."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    @property
    def home(self) -> HomeLoop:
        """The loop that does the asking."""
        return self._connection.home

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._connection.settings

    @property
    def requests(self) -> int:
        """How many requests were sent to dbt Cloud so far."""
        return self._connection.wire.requests

    @property
    def identity(self) -> Hashable:
        """What tells this account from others: where it is reached, and its id."""
        return self._connection.wire.identity

    def now(self) -> datetime:
        """The moment it is for this account."""
        return self.settings.now()

    @property
    def questions(self) -> Flights:
        """The questions under way, to the account and all its views."""
        return self._connection.questions

    async def standpoint(self) -> Hashable:
        """What an answer depends on besides the question: the projects in view, the day, and what was renewed."""
        client = self._connection.services.client
        if not client.caught_up:
            await self.home.call(client.catch_up())
        return self.place

    @property
    def place(self) -> Hashable:
        """The standpoint as far as this process knows, without looking at what others dropped."""
        day = _day(int(self.now().timestamp()) // 60, self.settings.timezone)
        caching = self._connection.caching
        return self._scope, day, caching.generation, caching.renewals

    def inquire(self, refresh: bool = False) -> Inquiry:
        """A new question about the projects in view; it is to be asked on the home loop."""
        return self._connection.inquire(self._scope, refresh=refresh)

    @at_home
    async def arun_report(self, name: str, arguments: ReportArguments | None = None, /, **given: Any) -> Report:
        """The report called `name`.

        Args:
            name: Its name, such as `slowest_models`.
            arguments: Its arguments, already checked; instead of `given`.
            given: Its arguments by name, `refresh` among them.

        Raises:
            InvalidArgument: An argument is unknown or not of its form.
            NotFound: There is no such report.
        """
        declaration = find_report(name)
        checked = arguments if arguments is not None else declaration.parse(given)
        if not isinstance(checked, declaration.arguments):
            raise InvalidArgument("arguments", f"{name} takes {declaration.arguments.__name__}.")
        report = await self._report(declaration, checked, refresh=checked.refresh)
        return report.model_copy(deep=True)  # one's own may be changed

    @shared
    async def _report(
        self, declaration: ReportDeclaration[Any], arguments: ReportArguments, *, refresh: bool
    ) -> Report:
        with counting() as tally:
            report = await declaration.run(self.inquire(refresh), arguments, self._connection.wire.source)
        if not arguments.statistics:
            return report
        return report.model_copy(update={"notes": (*report.notes, f"Rests on {tally}.")})

    @at_home
    async def avocabulary(self) -> Vocabulary:
        """The names of everything in view."""
        return await Vocabulary.of(self.inquire(False))

    @at_home
    async def aget_source(self) -> Source:
        """Who answers: dbt Cloud, a sandbox, or artifacts."""
        if self._connection.wire.mark is None and self.settings.environment_ids:
            await self.inquire().environments()  # whichever API lets such a token in
        return await self._connection.wire.source()

    run_report = blocking(arun_report)
    vocabulary = blocking(avocabulary)
    get_source = blocking(aget_source)


@lru_cache(maxsize=8)
def _day(minute: int, timezone: str) -> date:
    """The day in a zone at a minute since 1970. Every kept answer asks for it, and no day begins within a minute."""
    return datetime.fromtimestamp(60 * minute, ZoneInfo(timezone)).date()
