"""Every error this package raises on purpose.

    DbtDiscoveryError
    ├── ConfigurationError        settings are missing, half given or contradict each other
    │   └── MissingToken          no token at all
    ├── InvalidArgument           a filter, period or order that the caller can mend
    ├── NotFound                  no project, job, model, run or report of that name
    ├── AmbiguousName             a name that several things carry
    ├── BlockingCall              a plain method called on the loop that would have to answer it
    └── UpstreamError             dbt Cloud did not give the answer asked for
        ├── Unauthorized          the token is not accepted (401)
        ├── PermissionDenied      the token is accepted but may not do this (403)
        ├── RateLimited           too many requests; carries `retry_at` (429)
        ├── Unreachable           no connection, no answer in time, or a server fault that stayed
        ├── UnexpectedResponse    an answer that is not what the API promises
        └── QueryRejected         dbt Cloud refused the request itself (400, or GraphQL errors)
            └── ComplexityExceeded

A message says what happened, to what, and what to do next. No message ever holds a token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from dbt_discovery.words import either

__all__ = [
    "AmbiguousName",
    "BlockingCall",
    "ComplexityExceeded",
    "ConfigurationError",
    "DbtDiscoveryError",
    "InvalidArgument",
    "MissingToken",
    "NotFound",
    "PermissionDenied",
    "QueryRejected",
    "RateLimited",
    "Unauthorized",
    "UnexpectedResponse",
    "Unreachable",
    "UpstreamError",
]


class DbtDiscoveryError(Exception):
    """The root: catching it catches everything this package raises on purpose."""

    def again(self) -> Self:
        """The same error, without the way that it took: each time that one error is raised adds to that."""
        fresh = type(self).__new__(type(self), *self.args)
        fresh.__dict__.update(self.__dict__)
        fresh.__cause__, fresh.__suppress_context__ = self.__cause__, self.__suppress_context__
        return fresh


class ConfigurationError(DbtDiscoveryError):
    """Settings are missing, half given, or contradict each other."""


class MissingToken(ConfigurationError):
    """There is no token, and nothing that could do without one."""

    def __init__(self) -> None:
        super().__init__(
            "No dbt Cloud token is configured. Set DBT_SERVICE_TOKEN (and DBT_ACCOUNT_ID, if the token sees several "
            "accounts), or pass DbtAccount(transport=dbt_cloud_sandbox.transport()) to try the sandbox without one."
        )


class InvalidArgument(DbtDiscoveryError):
    """An argument that the caller can mend: `argument` names it.

    Attributes:
        argument: The argument's name, such as `period`.
    """

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class NotFound(DbtDiscoveryError):
    """Nothing carries the name or id that was asked for.

    Attributes:
        kind: What was looked for: `project`, `job`, `model`, `run`, `report`.
        reference: The name or id as it was given.
        near: Up to five names that are close to it.
        where: What was looked through, for people, such as `in this account`.
    """

    def __init__(
        self, kind: str, reference: str, near: Sequence[str] = (), hint: str = "", *, where: str | None = None
    ) -> None:
        self.kind, self.reference, self.near = kind, reference, tuple(near)
        self.where = ("" if kind in ("report", "thread") else "in this account") if where is None else where
        message = f"There is no {kind} “{reference}”{self.where and f' {self.where}'}."
        if near:
            message += f" Did you mean {either(f'“{name}”' for name in near)}?"
        elif hint:
            message += f" {hint}"
        super().__init__(message)


class AmbiguousName(DbtDiscoveryError):
    """Several things carry the name; `candidates` are references that each mean exactly one.

    Attributes:
        kind: What was looked for.
        reference: The name as it was given.
        candidates: One unmistakable reference for each match; given to the constructor with what tells them apart.
        where: What tells each candidate from the others, for people.
    """

    def __init__(self, kind: str, reference: str, candidates: Mapping[str, str]) -> None:
        self.kind, self.reference, self.candidates = kind, reference, tuple(candidates)
        self.where = dict(candidates)
        named = [f"{each} ({where})" if where else each for each, where in candidates.items()]
        shown = ", ".join(named[:8]) + (", …" if len(named) > 8 else "")
        super().__init__(f"{len(self.candidates)} {kind}s are called “{reference}”: {shown}. Ask for one of these.")


class BlockingCall(DbtDiscoveryError, RuntimeError):
    """A plain method was called on the event loop that serves the account: it would wait for itself."""


class UpstreamError(DbtDiscoveryError):
    """dbt Cloud did not give the answer asked for."""


class Unauthorized(UpstreamError):
    """The token is not accepted (HTTP 401); a good token on another account's host gets the same answer."""


class PermissionDenied(UpstreamError):
    """The token is accepted but may not do this, or not from this address (HTTP 403, or GraphQL errors)."""


class RateLimited(UpstreamError):
    """dbt Cloud asks to wait (HTTP 429).

    Attributes:
        retry_at: The moment from which requests make sense again.
        per_minute: How many requests are sent in a minute at most, where that is known.
    """

    def __init__(self, message: str, retry_at: datetime, per_minute: int | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at
        self.per_minute = per_minute


class Unreachable(UpstreamError):
    """No connection, no answer in time, or a server fault that stayed after retries."""


class UnexpectedResponse(UpstreamError):
    """An answer that is not what the API promises: not JSON, not of its form, or a redirect to another place."""


class QueryRejected(UpstreamError):
    """dbt Cloud refused the request itself; the message carries its reason.

    For the Discovery API that is a query it does not know or finds too large, told with HTTP 400 or with HTTP 200 and
    `errors`; for the Admin API a parameter it does not take (HTTP 400). Asking again changes nothing, asking for less
    may.
    """


class ComplexityExceeded(QueryRejected):
    """The Discovery API found a query too large to answer in one piece."""
