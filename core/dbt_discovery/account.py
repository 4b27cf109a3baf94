"""The account: where every question begins."""

from __future__ import annotations

from types import TracebackType
from typing import Self, get_args

import httpx
from pydantic import SecretStr

from dbt_discovery.cache.strategy import CacheScope, CachingStrategy
from dbt_discovery.connection import Connection
from dbt_discovery.exceptions import InvalidArgument, MissingToken
from dbt_discovery.home import at_home, blocking
from dbt_discovery.models.filters import ProjectFields, SearchFilter, narrowed_to
from dbt_discovery.scope import Scope
from dbt_discovery.services.finished_run import FinishedRun
from dbt_discovery.settings import Settings
from dbt_discovery.upkeep import Upkeep
from dbt_discovery.words import either

__all__ = ["DbtAccount"]


class DbtAccount(Upkeep):
    """A dbt Cloud account: all that is known of it, and all that can be asked.

    `async with account` lets the account adopt the running loop, and closes it at the end. Without that it works
    from anywhere, and `close()` ends it.

    Where neither a host, an address nor a transport is passed, the settings say where dbt Cloud is: `DBT_HOST`,
    `DBT_METADATA_URL` and `DBT_ADMIN_URL` of the environment or `.env`. The settings' token and account id count only
    where `settings` are passed and no token is; `from_env()` takes everything from the environment.

    Args:
        token: A dbt Cloud service token or personal token.
        account_id: The account's id; needed only if the token sees several.
        host: Access host, such as `abc123.us1.dbt.com`.
        metadata_url: Full address of the Discovery API, where it does not follow from the host.
        admin_url: Address of the Admin API without `/api`, where it does not follow from the host.
        transport: An httpx transport to reach dbt Cloud through; `dbt_cloud_sandbox.transport()` needs no token.
        filter: Which projects there are at all for this account: everything asked of it is about these.
        caching_strategy: How long answers are kept, and where.
        settings: Everything else, such as time zone, clock and environment; read from the environment and `.env` unless
            given.

    Raises:
        MissingToken: There is neither a token nor a transport.
        ConfigurationError: An address or a setting is wrong, or the settings have half of the addresses.
        InvalidArgument: The filter is none, or narrows by more than projects.
    """

    def __init__(
        self,
        token: str | SecretStr | None = None,
        account_id: str | int | None = None,
        *,
        host: str | None = None,
        metadata_url: str | None = None,
        admin_url: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        filter: ProjectFields | SearchFilter | None = None,
        caching_strategy: CachingStrategy | None = None,
        settings: Settings | None = None,
    ) -> None:
        if settings and transport is None and not token:
            token, account_id = settings.service_token, account_id or settings.account_id
        settings = settings or Settings.load()
        if token and not (host or metadata_url or admin_url or transport):
            host, metadata_url, admin_url = settings.host, settings.metadata_url, settings.admin_url
        if token and transport is None:
            where = {"host": host, "metadata_url": metadata_url, "admin_url": admin_url}
            settings.model_copy(update={"service_token": token, **where}).check_account()
        self.caching_strategy = caching_strategy or CachingStrategy(settings.cache_ttl, settings.enable_caching)
        super().__init__(
            Connection(
                token=SecretStr(token) if isinstance(token, str) else token,
                account_id=None if account_id is None else str(account_id),
                host=host,
                metadata_url=metadata_url,
                admin_url=admin_url,
                transport=transport,
                caching=self.caching_strategy,
                settings=settings,
            ),
            Scope((narrowed_to(ProjectFields, filter),)),
        )

    def __repr__(self) -> str:
        known = f" {self.account_id}" if self.account_id else ""
        return f"<{type(self).__name__}{known} at {self._connection.wire.endpoints.host}>"

    @property
    def filter(self) -> ProjectFields:
        """Which projects there are for this account."""
        return self._scope.filters[0]

    @property
    def account_id(self) -> str | None:
        """The account's id: the one given, or the one found since; None until then."""
        return self._connection.wire.known_account_id

    @classmethod
    def from_env(cls, settings: Settings | None = None) -> Self:
        """The account that the environment and `.env` name.

        Raises:
            MissingToken: None is named. The sandbox never steps in here.
            ConfigurationError: Half of a configuration is there.
        """
        settings = settings or Settings.load()
        settings.check_account()
        if settings.service_token is None:
            raise MissingToken
        return cls(settings=settings)

    @at_home
    async def aget_account_id(self) -> str:
        """The account's id: the one given, or the only one the token sees."""
        return await self._connection.wire.account_id()

    @at_home
    async def ainvalidate_cache(self, scope: CacheScope = "all") -> int:
        """Drops what is known of a scope (all, projects, models, jobs, runs); returns how many answers that were.

        Raises:
            InvalidArgument: There is no such scope.
        """
        if scope not in (scopes := get_args(CacheScope)):
            raise InvalidArgument("scope", f"scope takes {either(scopes)}, and not “{scope}”.")
        return await self._connection.services.client.invalidate(scope)

    @at_home
    async def ainvalidate_run(
        self, run_id: str | int, *, job_id: str | int | None = None, environment_id: str | int | None = None
    ) -> int:
        """Drops what a run that is over made old; returns how many answers that were.

        That is what is known of itself, its job, its environment and lists of them, and the days of runs that may still
        change; results of other runs stay. An id that is not given narrows nothing.
        """
        ids = [None if each is None else str(each) for each in (job_id, environment_id)]
        return await self._connection.services.client.invalidate_run(FinishedRun(str(run_id), *ids))

    get_account_id = blocking(aget_account_id)
    invalidate_cache = blocking(ainvalidate_cache)
    invalidate_run = blocking(ainvalidate_run)

    async def aclose(self) -> None:
        """Closes every connection; the account cannot be asked afterwards."""
        if not self.home.closed:
            await self.home.call(self._connection.aclose())
            self.home.release()

    def close(self) -> None:
        """Closes every connection; the account cannot be asked afterwards."""
        if not self.home.closed:
            self.home.run(self._connection.aclose())
            self.home.release()

    async def __aenter__(self) -> Self:
        self.home.adopt()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
