"""The wire: takes operations to dbt Cloud and brings back what came.

collect      every page of an operation
_get, _query one page of it
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx
from pydantic import SecretStr

from dbt_discovery.cache.flights import Flights
from dbt_discovery.exceptions import (
    ConfigurationError,
    PermissionDenied,
    QueryRejected,
    UnexpectedResponse,
)
from dbt_discovery.models.report import Source
from dbt_discovery.services.budget import budget_of
from dbt_discovery.services.hosts import Endpoints
from dbt_discovery.services.limits import ApiLimits, utc_now
from dbt_discovery.services.marks import mark_of, source_of, world_of
from dbt_discovery.services.operation import AdminOperation, DiscoveryOperation, FileOperation, Operation, Payload
from dbt_discovery.services.paging import GetPage, SendPage, connection_pages, newest_pages, offset_pages
from dbt_discovery.services.refusals import partial_data
from dbt_discovery.services.responses import admin_body, discovery_data, file_body
from dbt_discovery.services.sender import Sender
from dbt_discovery.services.shared_budget import SharedBudget

__all__ = ["Wire"]

_ADMIN_AT_ONCE = 20
_DISCOVERY_AT_ONCE = 8
_ACCOUNT: AdminOperation[Any] = AdminOperation(
    name="account", scope="projects", path="v2/accounts/{account}/", parse=lambda data: data
)


class Wire:
    """Both APIs of an account. It belongs to one event loop; its budgets are shared with the rest of the process.

    Args:
        endpoints: Where the APIs live.
        token: What lets it in.
        account_id: The account; None for the only one that the token sees.
        clock: The moment it is, for people.
        transport: Takes the place of the network.
        admin_per_minute: Requests that the Admin API takes in a minute.
        discovery_per_minute: Requests that the Discovery API takes in a minute.
        real_clock: The moment it really is, for limits.
        shared_budget: Requests a minute and silence of all processes that share them.

    Attributes:
        endpoints: Where the APIs live.
        now: The moment it is.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        token: SecretStr,
        account_id: str | None,
        clock: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        admin_per_minute: int = 5000,
        discovery_per_minute: int = 500,
        real_clock: Callable[[], datetime] = utc_now,
        shared_budget: SharedBudget | None = None,
    ) -> None:
        self.endpoints = endpoints
        self._mark: str | None = None
        self._account_id = account_id
        self.now = clock
        self._transport = transport
        self._token_digest = sha256(token.get_secret_value().encode()).hexdigest()
        self._flights = Flights()
        admin = budget_of(self, endpoints.admin, admin_per_minute, transport)
        discovery = budget_of(self, endpoints.discovery, discovery_per_minute, transport)
        self._admin = ApiLimits(
            "Admin API",
            _ADMIN_AT_ONCE,
            admin,
            real_clock,
            address=endpoints.admin,
            shared_budget=shared_budget,
        )
        self._discovery = ApiLimits(
            "Discovery API",
            _DISCOVERY_AT_ONCE,
            discovery,
            real_clock,
            address=endpoints.discovery,
            shared_budget=shared_budget,
        )
        self._sender = Sender(endpoints, token, _ADMIN_AT_ONCE + _DISCOVERY_AT_ONCE, transport)

    def run_url(self, project_id: str, run_id: str) -> str:
        """The page of a run in dbt Cloud."""
        return f"https://{self.endpoints.host}/deploy/{self._account_id}/projects/{project_id}/runs/{run_id}/"

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._sender.aclose()

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._sender.requests

    @property
    def told_time(self) -> datetime | None:
        """What time it was when dbt Cloud last answered, by its own clock; None where it has not told that."""
        return self._sender.told_time

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """What tells this account from others: where it is reached, and its id."""
        return self.endpoints, self._transport, self._account_id

    @property
    def access(self) -> tuple[Hashable, ...]:
        """What tells this account's answers from others: the account, and the token, since rights differ."""
        return *self.identity, self._token_digest

    @property
    def known_account_id(self) -> str | None:
        """The account's id, as far as it is known without asking."""
        return self._account_id

    @property
    def mark(self) -> str | None:
        """What marks the answers of whoever gives them; None until it is known."""
        return self._mark

    def meet(self, mark: str) -> None:
        """Takes down who answers, by its mark."""
        self._mark = mark

    async def source(self) -> Source:
        """Who answers; known from the first answer on, asked for before that."""
        return source_of(await self._asked_mark(), self.endpoints.host, await self.account_id())

    async def fingerprint(self) -> str:
        """A digest of what tells this account's answers from others wherever they are kept: address, account, token.

        Of a sandbox also the world that it shows: another one may be served at the same address.
        """
        world = world_of(await self._asked_mark())
        told = (self.endpoints.admin, self.endpoints.discovery, self._account_id, self._token_digest, world)
        return sha256(repr(told).encode()).hexdigest()[:32]

    async def account_id(self) -> str:
        """The account's id: the one given, or the only one the token sees.

        Raises:
            ConfigurationError: The token sees no account, or several.
        """
        if self._account_id is None:
            self._account_id = await self._flights.join("account", self._only_account)
        return self._account_id

    async def collect(self, operation: Operation[Any]) -> Payload:
        """Everything an operation asks for, read to its end.

        Raises:
            UpstreamError, ConfigurationError, NotFound: dbt Cloud did not give it.
        """
        name = operation.name
        match operation:
            case DiscoveryOperation(connection=()):
                return await self._query(operation, None)
            case DiscoveryOperation():
                send: SendPage = lambda after: self._query(operation, after)  # noqa: E731
                return await connection_pages(name, send, operation.connection, repr(operation.variables))
            case FileOperation():
                return await self._get(operation, {})
            case AdminOperation(paged=True, enough=enough) if enough:
                return await newest_pages(name, lambda page: self._get(operation, page), enough)
            case AdminOperation(paged=True):
                get: GetPage = lambda page: self._get(operation, page)  # noqa: E731
                return await offset_pages(name, get, what=operation.scope, fetch=repr(operation.variables))
            case AdminOperation():
                one = await self._get(operation, {})
                return Payload(one.data["data"])
        raise TypeError(f"not an operation that can be sent: {operation!r}")

    async def _get(self, operation: AdminOperation[Any], page: dict[str, str]) -> Payload:
        account = await self.account_id()
        variables = dict(operation.variables)
        thing = variables.pop("id", None)
        path = operation.path.format(account=account, id=thing)
        what = None if thing is None else (operation.scope.removesuffix("s"), str(thing))
        body_of = file_body if isinstance(operation, FileOperation) else admin_body

        def read(response: httpx.Response) -> Payload:
            if response.status_code == 403:  # a token without rights there has met dbt Cloud all the same
                self.meet(mark_of(response))
            body = body_of(response, account, what, self.endpoints)
            self.meet(mark_of(response))
            return Payload(_slim(body, operation.fields))

        return await self._sender.send(
            self._admin, read, "GET", f"{self.endpoints.admin}/api/{path}", params={**variables, **page}
        )

    async def _query(self, operation: DiscoveryOperation[Any], after: str | None) -> Payload:
        variables = {**dict(operation.variables), **({"after": after} if after else {})}
        body = json.dumps({"query": operation.document, "variables": variables})

        def read(response: httpx.Response) -> Payload:
            payload = _discovered(response, operation, self.endpoints)
            self.meet(mark_of(response))
            return payload

        return await self._sender.send(
            self._discovery,
            read,
            "POST",
            self.endpoints.discovery,
            content=body,
            headers={"Content-Type": "application/json"},
        )

    async def _asked_mark(self) -> str:
        """The mark, asked for where nothing has been answered yet."""
        if self._mark is None:
            with suppress(PermissionDenied):
                await self._flights.join("mark", lambda: self.collect(_ACCOUNT))
        assert self._mark is not None
        return self._mark

    async def _only_account(self) -> str:
        def read(response: httpx.Response) -> dict[str, str]:
            data = admin_body(response, "", None, self.endpoints)["data"] or []
            if not isinstance(data, list) or not all(isinstance(each, dict) and "id" in each for each in data):
                raise UnexpectedResponse(f"{self.endpoints.admin} did not list the accounts that the token sees.")
            return {str(each["id"]): str(each.get("name") or "") for each in data}

        try:
            accounts = await self._sender.send(self._admin, read, "GET", f"{self.endpoints.admin}/api/v3/accounts/")
        except PermissionDenied as error:
            raise ConfigurationError(
                f"DBT_ACCOUNT_ID is missing, and the token may not ask which accounts it sees. Set it: {error}"
            ) from error
        if len(accounts) == 1:
            return next(iter(accounts))
        seen = ", ".join(f"{account_id} ({name})" for account_id, name in list(accounts.items())[:10])
        raise ConfigurationError(
            f"DBT_ACCOUNT_ID is missing, and the token sees {len(accounts)} accounts: {seen}. Set it to one of them."
            if accounts
            else "DBT_ACCOUNT_ID is missing, and the token sees no account at this host. Check "
            f"{self.endpoints.setting('admin')} and the token."
        )


def _slim(body: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """A page whose rows have no other fields than these, so that a long list is lighter while it is read."""
    rows = body["data"] if fields else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return body
    return {**body, "data": [{name: row[name] for name in fields if name in row} for row in rows]}


def _discovered(response: httpx.Response, operation: DiscoveryOperation[Any], endpoints: Endpoints) -> Payload:
    """The data of a query. Of several questions in one, those that were answered, and which were not."""
    try:
        return Payload(discovery_data(response, endpoints))
    except (QueryRejected, PermissionDenied):
        partial = partial_data(response, operation.aliases)
        if partial is None:
            raise
        return Payload(partial.data, refused=partial.refused)
