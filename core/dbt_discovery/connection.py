"""The connection: one account's client, clock and home loop, shared by all its views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.cache.redis_tier import RedisTier
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.exceptions import ConfigurationError, MissingToken
from dbt_discovery.history.address import MEMORY, parse_address
from dbt_discovery.home import HomeLoop
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.scope import Scope
from dbt_discovery.services.bundle import Services
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.shared_budget import RedisBudget
from dbt_discovery.services.wire import Wire
from dbt_discovery.settings import Settings

if TYPE_CHECKING:
    from dbt_discovery.history.store import RunStore

__all__ = ["Connection"]

_IN_PROCESS_HOST = "sandbox.localhost"
"""The host of an account that is reached through a transport of its own and names none."""


class Connection:
    """What every view of an account works with.

    Attributes:
        home: The loop that owns the client.
        settings: Time zone, clock, environment and the like.
        caching: What is kept of the answers.
        questions: The questions under way.
        wire: Sends what is not known.
        services: What can be asked.

    Raises:
        MissingToken: There is neither a token nor a transport.
        ConfigurationError: An address is wrong.
    """

    def __init__(
        self,
        *,
        token: SecretStr | None,
        account_id: str | None,
        host: str | None,
        metadata_url: str | None,
        admin_url: str | None,
        transport: httpx.AsyncBaseTransport | None,
        caching: CachingStrategy,
        settings: Settings,
    ) -> None:
        token = _clean(token)
        if account_id is not None and not account_id.isdigit():
            raise ConfigurationError(f"The account id “{account_id}” is not a number. See the address of your account.")
        if token is None:
            if transport is None:
                raise MissingToken
            token, host = SecretStr("sandbox"), host or _IN_PROCESS_HOST
        self.home = HomeLoop()
        self.questions = Flights()
        self.settings = settings
        self.caching = caching
        endpoints = endpoints_for(host, metadata_url, admin_url)
        # What is reached through a transport of its own is this process's alone.
        self._link = RedisLink(settings.cache_url) if settings.cache_url and transport is None else None
        self.wire = Wire(
            endpoints,
            token,
            account_id,
            settings.now,
            transport,
            admin_per_minute=settings.admin_requests_per_minute,
            discovery_per_minute=settings.metadata_requests_per_minute,
            shared_budget=RedisBudget(self._link) if self._link else None,
        )
        self._store: RunStore | None = None
        self._database = parse_address(settings.database_url) or MEMORY
        client = DbtClient(self.wire, caching, RedisTier(self._link) if self._link else None)
        self.services = Services.over(client, settings.now, self.store, settings.environment_ids)

    def store(self) -> RunStore:
        """The run store, opened when it is first asked for."""
        if self._store is None:
            from dbt_discovery.history.store import RunStore  # takes a while to import

            self._store = RunStore(self._database)
        return self._store

    async def aclose(self) -> None:
        """Closes every connection."""
        await self.services.client.aclose()
        if self._link:  # which budgets use also where nothing is kept
            await self._link.aclose()
        if self._store:
            await self._store.aclose()

    def inquire(self, scope: Scope, *, refresh: bool) -> Inquiry:
        """A new question about the projects in view."""
        return Inquiry(
            self.services,
            now=self.settings.now(),
            zone=self.settings.zone,
            environment=self.settings.environment,
            scope=scope,
            refresh=refresh,
        )


def _clean(token: SecretStr | None) -> SecretStr | None:
    """A token without the white space that copying brings along; an empty one counts as none.

    Raises:
        ConfigurationError: It holds characters that cannot be sent; the message does not show it.
    """
    text = token.get_secret_value().strip() if token else ""
    if not text:
        return None
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ConfigurationError(
            "The dbt Cloud token holds characters that no token has. Copy it again into DBT_SERVICE_TOKEN."
        )
    return SecretStr(text)
