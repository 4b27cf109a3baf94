"""A LangChain agent of your own with dbt Discovery's tools.

    pip install 'dbt-discovery[openai,sandbox]'
    python examples/langchain_agent.py "which models are slowest in marketing?"

With OPENAI_API_KEY set, OpenAI answers; without, the offline chat model, which needs no key and no network. With
DBT_SERVICE_TOKEN and DBT_ACCOUNT_ID set, the numbers are your account's; without, a sandbox's.
"""

from __future__ import annotations

import os
import sys

import dbt_cloud_sandbox
from dbt_discovery import DbtAccount
from langchain.agents import create_agent
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel

QUESTION = "What were the longest-running jobs last week?"
STEPS = 20
"""Most steps of the agent's graph: a model that never comes to an end must not cost for ever."""


def dbt_account() -> DbtAccount:
    """Your account, or a sandbox where the environment names none."""
    if os.environ.get("DBT_SERVICE_TOKEN"):
        return DbtAccount.from_env()
    return DbtAccount(transport=dbt_cloud_sandbox.transport())


def chat_model(account: DbtAccount) -> BaseChatModel:
    """OpenAI where there is a key, else the offline model."""
    if os.environ.get("OPENAI_API_KEY"):
        return init_chat_model(os.environ.get("OPENAI_MODEL", "openai:gpt-5"))
    return OfflineChatModel(clock=account.now, vocabulary=account.avocabulary)


def main(question: str) -> None:
    """Asks the question, and prints what was called and what was answered."""
    with dbt_account() as account:
        agent = create_agent(
            chat_model(account),
            DbtDiscoveryToolkit(account).get_tools(),
            system_prompt=f"You answer questions about a dbt account with the tools' numbers. It is {account.now()}.",
        )
        answer = agent.invoke({"messages": [HumanMessage(question)]}, {"recursion_limit": STEPS})
        for message in answer["messages"]:
            if isinstance(message, AIMessage):
                for call in message.tool_calls:
                    print(f"→ {call['name']} {call['args']}")
            elif isinstance(message, ToolMessage) and message.artifact:
                print(f"← {message.artifact['total_rows']} rows: {message.artifact['path']}")
        print(f"\n{answer['messages'][-1].text}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or QUESTION)
