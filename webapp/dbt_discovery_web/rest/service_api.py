"""REST: the account, its cache, and whether the service is up."""

from __future__ import annotations

from typing import Literal

from dbt_discovery import DbtDiscoveryError, Source, Unreachable
from dbt_discovery.cache.strategy import CacheScope
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from dbt_discovery_web.dependencies import AccountDep, ConversationDep, StorageDep, patience
from dbt_discovery_web.rest.problems import problem_of
from dbt_discovery_web.rest.strict_route import StrictRoute

__all__ = ["router"]

router = APIRouter(route_class=StrictRoute)


class AccountSummary(BaseModel):
    """The account that answers, and the chat model that words its answers."""

    account_id: str
    source: Source
    model: str


class Scope(BaseModel):
    """What to forget."""

    model_config = ConfigDict(extra="forbid")

    scope: CacheScope = "all"


class Invalidated(BaseModel):
    """How many kept answers were dropped."""

    dropped: int


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Questions can be answered; `threads` says whether conversations survive a restart."""

    status: Literal["ready"] = "ready"
    source: Source
    threads: Literal["kept", "in memory"]


@router.get("/account", tags=["Account"], operation_id="get_account", summary="The account")
async def get_account(account: AccountDep, conversation: ConversationDep) -> AccountSummary:
    """Which account answers here, and whether it is dbt Cloud, a sandbox, or artifacts of dbt runs."""
    source = await account.aget_source()
    return AccountSummary(account_id=source.account_id, source=source, model=conversation.model)


@router.post("/cache/invalidate", tags=["Service"], operation_id="invalidate_cache", summary="Forget kept answers")
async def invalidate_cache(account: AccountDep, scope: Scope | None = None) -> Invalidated:
    """Drops what is known of a scope, so that the next question asks dbt Cloud again."""
    return Invalidated(dropped=await account.ainvalidate_cache((scope or Scope()).scope))


@router.get("/healthz", tags=["Service"], operation_id="healthz", summary="Is the process up?")
async def healthz() -> Health:
    """Answers without asking anything of dbt Cloud."""
    return Health()


@router.get(
    "/readyz", tags=["Service"], operation_id="readyz", summary="Can questions be answered?", response_model=Readiness
)
async def readyz(request: Request, account: AccountDep, storage: StorageDep) -> Readiness | Response:
    """Answers 200 once what every question needs can be had, 503 while it cannot.

    That is the projects and environments of the account; they are asked for only when the known answer is old.
    """
    try:
        async with patience():
            await account.aget_projects()
            source = await account.aget_source()
    except TimeoutError:
        return problem_of(Unreachable("dbt Cloud has not answered yet. Try again."), request=request, status=503)
    except DbtDiscoveryError as error:
        return problem_of(error, request=request, status=503)
    return Readiness(source=source, threads="kept" if storage.lasting else "in memory")
