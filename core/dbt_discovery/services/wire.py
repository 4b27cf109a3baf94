"""The wire: sends operations to dbt Cloud and brings back what came.

collect   every page of an operation
_send     tries again what may pass
_attempt  waits once where a 429 asks for a short wait
_request  one request, in its turn
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar

import httpx
import stamina
from pydantic import SecretStr

from dbt_discovery.cache.flights import Flights
from dbt_discovery.exceptions import ConfigurationError, UnexpectedResponse, Unreachable, UpstreamError
from dbt_discovery.models.report import Source
from dbt_discovery.services.hosts import Endpoints
from dbt_discovery.services.limits import SHORT_WAIT, ApiLimits, retry_after
from dbt_discovery.services.operation import AdminOperation, DiscoveryOperation, Operation, Payload
from dbt_discovery.services.paging import connection_pages, offset_pages
from dbt_discovery.services.responses import NotJson, ServerFault, admin_body, discovery_data, source_of

__all__ = ["Wire"]

T = TypeVar("T")

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_ATTEMPTS = 3
_ADMIN_AT_ONCE = 20
_DISCOVERY_AT_ONCE = 8
_ACCOUNT: AdminOperation[Any] = AdminOperation(
    name="account", scope="projects", path="v2/accounts/{account}/", parse=lambda data: data
)


class Wire:
    """One connection pool to both APIs of an account. It belongs to one event loop.

    Attributes:
        endpoints: Where the APIs live.
        requests: How many requests were sent so far.
        now: The moment it is.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        token: SecretStr,
        account_id: str | None,
        clock: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.endpoints = endpoints
        self.requests = 0
        self._source: Source | None = None
        self._account_id = account_id
        self.now = clock
        _quiet_retries()
        self._token = token
        self._transport = transport
        self._flights = Flights()
        self._admin = ApiLimits("Admin API", _ADMIN_AT_ONCE)
        self._discovery = ApiLimits("Discovery API", _DISCOVERY_AT_ONCE)
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=_ADMIN_AT_ONCE + _DISCOVERY_AT_ONCE),
            headers={
                "Authorization": f"Bearer {token.get_secret_value()}",
                "Accept": "application/json",
                "User-Agent": "dbt-discovery",
            },
        )

    def run_url(self, project_id: str, run_id: str) -> str:
        """The page of a run in dbt Cloud."""
        return f"https://{self.endpoints.host}/deploy/{self._account_id}/projects/{project_id}/runs/{run_id}/"

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """What tells this account from others: where it is reached, and its id."""
        return self.endpoints, self._transport, self._account_id

    async def source(self) -> Source:
        """Who answers; known from the first answer on, asked for before that."""
        if self._source is None:
            await self.collect(_ACCOUNT)
        assert self._source is not None
        return self._source

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
        match operation:
            case DiscoveryOperation(connection=()):
                return await self._query(operation, None)
            case DiscoveryOperation():
                return await connection_pages(lambda after: self._query(operation, after), operation.connection)
            case AdminOperation(paged=True):
                return await offset_pages(lambda page: self._get(operation, page))
            case AdminOperation():
                one = await self._get(operation, {})
                return Payload(one.data["data"], one.size)
        raise TypeError(f"not an operation that can be sent: {operation!r}")

    async def _get(self, operation: AdminOperation[Any], page: dict[str, str]) -> Payload:
        account = await self.account_id()
        variables = dict(operation.variables)
        thing = variables.pop("id", None)
        path = operation.path.format(account=account, id=thing)
        what = None if thing is None else (operation.scope.removesuffix("s"), str(thing))

        def read(response: httpx.Response) -> Payload:
            body = admin_body(response, account, what)
            self._source = self._source or source_of(response, self.endpoints.host, account)
            return Payload(body, len(response.content))

        return await self._send(
            self._admin, read, "GET", f"{self.endpoints.admin}/api/{path}", params={**variables, **page}
        )

    async def _query(self, operation: DiscoveryOperation[Any], after: str | None) -> Payload:
        account = await self.account_id()
        variables = {**dict(operation.variables), **({"after": after} if after else {})}
        body = json.dumps({"query": operation.document, "variables": variables})

        def read(response: httpx.Response) -> Payload:
            data = discovery_data(response)
            self._source = self._source or source_of(response, self.endpoints.host, account)
            return Payload(data, len(response.content))

        return await self._send(
            self._discovery,
            read,
            "POST",
            self.endpoints.discovery,
            content=body,
            headers={"Content-Type": "application/json"},
        )

    async def _only_account(self) -> str:
        def read(response: httpx.Response) -> dict[str, str]:
            data = admin_body(response, "", None)["data"] or []
            if not isinstance(data, list) or not all(isinstance(each, dict) and "id" in each for each in data):
                raise UnexpectedResponse(f"{self.endpoints.admin} did not list the accounts that the token sees.")
            return {str(each["id"]): str(each.get("name") or "") for each in data}

        accounts = await self._send(self._admin, read, "GET", f"{self.endpoints.admin}/api/v3/accounts/")
        if len(accounts) == 1:
            return next(iter(accounts))
        seen = ", ".join(f"{account_id} ({name})" for account_id, name in list(accounts.items())[:10])
        raise ConfigurationError(
            f"DBT_ACCOUNT_ID is missing, and the token sees {len(accounts)} accounts: {seen}. Set it to one of them."
            if accounts
            else "DBT_ACCOUNT_ID is missing, and the token sees no account at this host. Check DBT_HOST and the token."
        )

    async def _send(
        self, limits: ApiLimits, read: Callable[[httpx.Response], T], method: str, url: str, **request: Any
    ) -> T:
        host = httpx.URL(url).netloc.decode()
        retries = stamina.retry_context(
            on=(ServerFault, httpx.RequestError),
            attempts=_ATTEMPTS,
            wait_initial=0.2,
            wait_max=5.0,
            timeout=150.0,
        )
        try:
            async for attempt in retries:
                with attempt:
                    return read(await self._attempt(limits, lambda: self._http.request(method, url, **request)))
        except NotJson as error:
            raise UnexpectedResponse(str(error)) from error
        except ServerFault as error:
            raise Unreachable(f"{error} It was asked {_ATTEMPTS} times: try again in a while.") from error
        except (UpstreamError, ConfigurationError) as error:
            self._redact(error)
            raise
        except httpx.RequestError as error:
            raise Unreachable(_no_connection(host, error)) from error
        except RuntimeError as error:
            if not self._http.is_closed:
                raise
            raise Unreachable("The account was closed while it was being asked. Make a new DbtAccount.") from error
        raise AssertionError("a retry context ends in an answer or an error")

    def _redact(self, error: Exception) -> None:
        """Takes the token out of a message in which dbt Cloud repeated it."""
        token = self._token.get_secret_value()
        error.args = tuple(arg.replace(token, "…") if isinstance(arg, str) else arg for arg in error.args)

    async def _attempt(self, limits: ApiLimits, request: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        response = await self._request(limits, request)
        if response.status_code != 429:
            return response
        wait = retry_after(response)
        if wait is not None and wait <= SHORT_WAIT:
            await asyncio.sleep(wait.total_seconds())
            response = await self._request(limits, request)
            if response.status_code != 429:
                return response
            wait = retry_after(response)
        raise limits.cool_down(wait)

    async def _request(self, limits: ApiLimits, request: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        async with limits.slots:
            limits.check()
            self.requests += 1
            return await request()


def _quiet_retries() -> None:
    """Keeps stamina's line for each retry away from people who have set up no logging: the error says it all."""
    retries = logging.getLogger("stamina")
    if not retries.hasHandlers():
        retries.addHandler(logging.NullHandler())


def _no_connection(host: str, error: httpx.RequestError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"{host} gave no answer in time. Try again, or check the network between here and dbt Cloud."
    if "certificate" in str(error).lower():
        return (
            f"{host} shows a certificate for another name. Check DBT_HOST: for an account with a prefix it is like "
            "abc123.us1.dbt.com."
        )
    if isinstance(error, httpx.DecodingError):
        return f"{host} sent an answer that was cut or garbled on its way. Try again."
    return f"{host} cannot be reached. Check DBT_HOST (or DBT_ADMIN_URL and DBT_METADATA_URL) and the network."
