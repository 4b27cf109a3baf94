"""REST: the webhook, by which dbt Cloud tells that a run has finished."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

from dbt_discovery import DbtAccount
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.rest.problems import problem

__all__ = ["router"]

router = APIRouter()

_FINISHED = ("job.run.completed", "job.run.errored")
_CLOCKS_DIFFER = timedelta(minutes=10)
_CHALLENGE = 'HMAC-SHA256 realm="webhooks of dbt Cloud"'
_CAMEL = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True)


class EventData(BaseModel):
    """The run that an event is about. dbt Cloud writes ids as text here."""

    model_config = _CAMEL

    run_id: str | None = None
    job_id: str | None = None
    environment_id: str | None = None


class Event(BaseModel):
    """What dbt Cloud tells; fields that are not needed here are left unread."""

    model_config = _CAMEL

    account_id: str | None = None
    event_type: str = ""
    timestamp: datetime | None = None
    data: EventData = Field(default_factory=EventData)


class EventTaken(BaseModel):
    """What became of an event: how many kept answers were dropped, or why none."""

    dropped: int = 0
    ignored: str | None = None


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The event, as dbt Cloud writes it.",
        "content": {
            "application/json": {"schema": Event.model_json_schema(ref_template="#/components/schemas/{model}")}
        },
    },
    "parameters": [
        {
            "name": "Authorization",
            "in": "header",
            "required": True,
            "description": "HMAC-SHA256 of the body under the webhook's secret, in hexadecimal digits.",
            "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        }
    ],
}
_PROBLEM: dict[str, Any] = {"application/problem+json": {}}


@router.post(
    "/webhooks/dbt",
    tags=["Service"],
    operation_id="take_dbt_event",
    summary="A run of dbt Cloud has finished",
    response_model=EventTaken,
    response_model_exclude_none=True,
    openapi_extra=_BODY,
    responses={
        401: {"description": "The signature is missing or wrong", "content": _PROBLEM},
        503: {"description": "No secret is set", "content": _PROBLEM},
    },
)
async def take_dbt_event(request: Request, account: AccountDep) -> EventTaken | Response:
    """Takes an event of dbt Cloud's webhooks, and drops what a finished run made old.

    That is what is known of the run, its job and its environment, lists of all jobs, and the days of runs that may
    still change. The next question about them asks dbt Cloud; all others are answered as before.
    """
    secret = account.settings.webhook_secret
    if secret is None:
        detail = "Set DBT_DISCOVERY_WEBHOOK_SECRET to the secret that dbt Cloud shows for the webhook, and start again."
        return problem("not-configured", detail, request=request)
    body = await request.body()
    if not _signed(body, request.headers.get("authorization", ""), secret):
        detail = (
            "The Authorization header is not the HMAC-SHA256 of the body under DBT_DISCOVERY_WEBHOOK_SECRET. Each "
            "webhook of dbt Cloud has a secret of its own."
        )
        return problem("bad-signature", detail, request=request, headers={"WWW-Authenticate": _CHALLENGE})
    try:
        event = Event.model_validate_json(body)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from None
    return await _taken(event, account)


async def _taken(event: Event, account: DbtAccount) -> EventTaken:
    if event.event_type not in _FINISHED or event.data.run_id is None:
        return EventTaken(ignored="Only events of a run that has finished drop anything.")
    if event.account_id not in (None, await account.aget_account_id()):
        return EventTaken(
            ignored=f"The event is of account {event.account_id}, which is not the one that answers here."
        )
    if _outlived(event.timestamp, account):
        return EventTaken(ignored="Nothing is kept as long as this event is old.")
    run = event.data
    dropped = await account.ainvalidate_run(run.run_id or "", job_id=run.job_id, environment_id=run.environment_id)
    return EventTaken(dropped=dropped)


def _signed(body: bytes, signature: str, secret: SecretStr) -> bool:
    expected = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())


def _outlived(moment: datetime | None, account: DbtAccount) -> bool:
    """Whether all that was known at a moment has ended by itself: what a replayed event could drop is newer."""
    if moment is None:
        return False
    known_since = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    longest = timedelta(seconds=account.caching_strategy.longest)
    return account.now() - known_since > longest + _CLOCKS_DIFFER
