"""The sender: one request after the other until there is an answer, within each API's limits.

send      tries again what may pass
_attempt  once more after a 429 that asks for a short wait
_request  one request, in its turn
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import stamina
from pydantic import SecretStr

from dbt_discovery.cache.statistics import counted
from dbt_discovery.exceptions import ConfigurationError, UnexpectedResponse, Unreachable, UpstreamError
from dbt_discovery.services.hosts import Endpoints, no_connection
from dbt_discovery.services.limits import SHORT_WAIT, ApiLimits, retry_after
from dbt_discovery.services.responses import NotJson, ServerFault
from dbt_discovery.words import count

__all__ = ["Sender"]

T = TypeVar("T")

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_ATTEMPTS = 3


class Sender:
    """A pool of connections that carry the token.

    Args:
        endpoints: Where the APIs live, to say why they may be out of reach.
        token: Sent with every request, shown in no error.
        connections: Most of them.
        transport: Takes the place of the network.

    Attributes:
        requests: How many requests were sent so far.
        told_time: What time it was when dbt Cloud last answered, by its own clock; None before it has told that.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        token: SecretStr,
        connections: int,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.requests = 0
        self.told_time: datetime | None = None
        self._endpoints = endpoints
        self._token = token
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_connections=connections),
            headers={
                "Authorization": f"Bearer {token.get_secret_value()}",
                "Accept": "application/json",
                "User-Agent": "dbt-discovery",
            },
        )
        _quiet_retries()

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def send(
        self, limits: ApiLimits, read: Callable[[httpx.Response], T], method: str, url: str, **request: Any
    ) -> T:
        """What `read` makes of the answer to a request.

        Raises:
            RateLimited, Unreachable, UnexpectedResponse: There was no answer, or none that can be read.
            UpstreamError, ConfigurationError, NotFound: As `read` raises them.
        """
        sent = self._http.build_request(method, url, **request)
        retries = stamina.retry_context(
            on=(ServerFault, httpx.RequestError),
            attempts=_ATTEMPTS,
            wait_initial=0.2,
            wait_max=5.0,
            timeout=None,  # a request may wait long for its turn, and the attempts are bounded without it
        )
        attempts = 0
        try:
            async for attempt in retries:
                attempts = attempt.num
                with attempt:
                    return read(await self._attempt(limits, sent))
        except NotJson as error:
            self._redact(error)
            raise UnexpectedResponse(str(error)) from error
        except ServerFault as error:
            self._redact(error)
            raise Unreachable(f"{error} It was asked {count(attempts, 'time')}: try again in a while.") from error
        except (UpstreamError, ConfigurationError) as error:
            self._redact(error)
            raise
        except httpx.RequestError as error:
            raise Unreachable(no_connection(self._endpoints, error)) from error
        except RuntimeError as error:
            if not self._http.is_closed:
                raise
            raise Unreachable("The account was closed while it was being asked. Make a new DbtAccount.") from error
        raise AssertionError("a retry context ends in an answer or an error")

    async def _attempt(self, limits: ApiLimits, request: httpx.Request) -> httpx.Response:
        response = await self._request(limits, request)
        if response.status_code != 429:
            return response
        wait = retry_after(response, limits.clock())
        cooling_down = await limits.cool_down_everywhere(wait)
        if wait is None or wait > SHORT_WAIT:
            raise cooling_down
        response = await self._request(limits, request)
        if response.status_code != 429:
            return response
        raise await limits.cool_down_everywhere(
            retry_after(response, limits.clock()) or None
        )  # no wait at all did not help

    async def _request(self, limits: ApiLimits, request: httpx.Request) -> httpx.Response:
        async with limits.turn():
            self.requests += 1
            counted("requests")
            response = await self._http.send(request)
        self.told_time = _date_of(response) or self.told_time
        return response

    def _redact(self, error: Exception) -> None:
        """Takes the token out of a message in which dbt Cloud repeated it."""
        token = self._token.get_secret_value()
        error.args = tuple(arg.replace(token, "…") if isinstance(arg, str) else arg for arg in error.args)


def _date_of(response: httpx.Response) -> datetime | None:
    """When a response was made, as it says itself."""
    try:
        told = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return None
    return told.astimezone(UTC) if told.tzinfo else None


def _quiet_retries() -> None:
    """Keeps stamina's line for each retry away from people who have set up no logging: the error says it all."""
    retries = logging.getLogger("stamina")
    if not retries.hasHandlers():
        retries.addHandler(logging.NullHandler())
