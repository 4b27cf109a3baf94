"""What routes are given: each dependency is an annotation with a name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

from dbt_discovery import DbtAccount
from fastapi import Depends, Request

from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.running_turns import RunningTurns
from dbt_discovery_web.database.storage import Storage
from dbt_discovery_web.database.threads import Threads

__all__ = [
    "AccountDep",
    "ConversationDep",
    "RunningDep",
    "Services",
    "StorageDep",
    "ThreadsDep",
    "patience",
    "services_of",
]

PATIENCE = 3.0
"""Seconds that a page or a probe waits for dbt Cloud before it goes on without."""


def patience() -> asyncio.Timeout:
    """A limit on waiting for dbt Cloud where nobody has asked it anything yet."""
    return asyncio.timeout(PATIENCE)


@dataclass(frozen=True, slots=True)
class Services:
    """What a running app holds open."""

    account: DbtAccount
    conversation: Conversation
    storage: Storage
    running: RunningTurns


def services_of(request: Request) -> Services:
    """The services of the app that a request came to."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


async def _account(services: ServicesDep) -> DbtAccount:
    return services.account


async def _conversation(services: ServicesDep) -> Conversation:
    return services.conversation


async def _storage(services: ServicesDep) -> Storage:
    return services.storage


async def _running(services: ServicesDep) -> RunningTurns:
    return services.running


async def _threads(services: ServicesDep) -> Threads:
    return services.storage.threads.of(await services.account.aget_source())


AccountDep = Annotated[DbtAccount, Depends(_account)]
ConversationDep = Annotated[Conversation, Depends(_conversation)]
RunningDep = Annotated[RunningTurns, Depends(_running)]
StorageDep = Annotated[Storage, Depends(_storage)]
ThreadsDep = Annotated[Threads, Depends(_threads)]
