"""What the toolkit's tests share: the toolkit on the sandbox, and an offline model that knows a small vocabulary."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings, Vocabulary
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel

from tests.conftest import NOW

VOCABULARY = Vocabulary(
    projects=("Finance Analytics", "Marketing", "Product Growth"),
    environments=("Production", "Staging"),
    jobs=(
        "Campaign spend sync",
        "Finance hourly payments",
        "Finance nightly build",
        "Growth CI",
        "Growth nightly",
        "Marketing attribution",
        "Month-end close",
    ),
    models=("dim_customers", "fct_orders", "fct_revenue", "int_payments_matched", "stg_stripe__charges"),
    tags=("daily", "finance", "marketing", "nightly", "pii"),
)

Ask = Callable[..., Awaitable[AIMessage]]


async def vocabulary() -> Vocabulary:
    return VOCABULARY


@pytest.fixture
def toolkit(account: DbtAccount) -> DbtDiscoveryToolkit:
    return DbtDiscoveryToolkit(account)


@pytest.fixture
def model() -> OfflineChatModel:
    return OfflineChatModel(clock=lambda: NOW, zone=ZoneInfo("UTC"), vocabulary=vocabulary)


@pytest.fixture
def ask(model: OfflineChatModel, settings: Settings) -> Ask:
    """Asks one question after the other in a thread, with an empty result for every call, and gives the last message.

    The tools are there for their schemas: their account is never asked.
    """
    silent = DbtAccount(transport=httpx.MockTransport(lambda request: httpx.Response(500)), settings=settings)
    bound = model.bind_tools(DbtDiscoveryToolkit(silent).get_tools())

    async def asking(*questions: str) -> AIMessage:
        messages: list[AnyMessage] = []
        for question in questions:
            messages.append(HumanMessage(question))
            messages.append(reply := await bound.ainvoke(messages))
            messages += [
                ToolMessage("nothing", tool_call_id=call["id"], name=call["name"]) for call in reply.tool_calls
            ]
        return reply

    return asking
