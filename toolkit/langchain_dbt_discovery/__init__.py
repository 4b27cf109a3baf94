"""dbt Discovery's reports as LangChain tools, an agent that uses them, and a chat model that needs no network.

Each name is loaded when it is first asked for: importing the package costs nothing, and using the tools alone never
imports the agent's libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_dbt_discovery.agent import create_reporting_agent
    from langchain_dbt_discovery.offline import OfflineChatModel
    from langchain_dbt_discovery.toolkit import DbtDiscoveryToolkit
    from langchain_dbt_discovery.tools import report_tool

__all__ = ["DbtDiscoveryToolkit", "OfflineChatModel", "create_reporting_agent", "report_tool"]

_HOMES = {
    "DbtDiscoveryToolkit": "toolkit",
    "OfflineChatModel": "offline",
    "create_reporting_agent": "agent",
    "report_tool": "tools",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__]
