from __future__ import annotations

from dbt_discovery import DbtAccount
from langchain_core.messages import AIMessage, HumanMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel, create_reporting_agent
from langgraph.checkpoint.memory import InMemorySaver

from evals.questions import questions


async def test_of_what_the_offline_model_answers_to_the_evals_nothing_is_withheld(account: DbtAccount) -> None:
    model = OfflineChatModel(clock=account.now, zone=account.settings.zone, vocabulary=account.avocabulary)
    agent = create_reporting_agent(model, DbtDiscoveryToolkit(account), checkpointer=InMemorySaver())
    said = 0

    for number, question in enumerate(questions()):
        for message in question.ask:
            thread = {"configurable": {"thread_id": str(number)}}
            messages = (await agent.ainvoke({"messages": [HumanMessage(message)]}, thread))["messages"]
            withheld = [m.response_metadata.get("withheld") for m in messages if isinstance(m, AIMessage)]
            assert not any(withheld), message
            said += 1

    assert said > 100
