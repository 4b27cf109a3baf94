from __future__ import annotations

from collections.abc import Iterable, Sequence

from dbt_discovery import DbtAccount
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel, create_reporting_agent
from langgraph.checkpoint.memory import InMemorySaver

from evals.questions import questions

WITH_NUMBERS = (
    ("Growth CI used to take 2 min, now more than 3. since when? pls check the last 4 weeks",),
    ("failed runs over the weekend (14th + 15th)", "our 3rd slowest job, why?", "which run of the 7th one?"),
    ("past 1 1/2 weeks longest jobs", "only the 1st", "and Q3?"),
    ("is it true that finance nightly takes 90 min on average?", "2:05?", "why not 1.234 s or 12,5 min"),
    ("longest running jobs last week in core", "which models are slowest in the first one?"),
    ("models slower by 25 % than 2 weeks ago", "2x?", "are we at 99.9 % success?"),
    ('longest jobs last week… and “the 2nd week before. Really?” in "finance"', "rows “20 of 312”?"),
    ("Ticket #4711: fct_revenue is late since the 10th at 6:30, HTTP 500 in PR 123", "commit abc1234f broke what?"),
    ("is 3 min long for a job?", "12", "3 jobs 4 models 5 tests", "1+1", "forty-two"),
    ("which model had 1,000,000 rows, 1.5 mio?", "cost per run $0.50 or 12.000 €?"),
    ("compare the last 5 runs of Growth nightly with Finance nightly build and 4 more", "the 9th of them?"),
    ("Wie lange dauert der Job Finance nightly build im Schnitt, 5 min?", "und am 12.11. um 3 Uhr?"),
    (("slowest models of 2026 " * 60).strip(), "what failed between 14:00 and 15:30 on 11/12?"),
)
"""Questions with numbers where few reports take any."""


async def test_of_what_the_offline_model_answers_to_the_evals_nothing_is_withheld(account: DbtAccount) -> None:
    others = questions()[1::12]  # than those that rates are taken of, where nothing may be withheld either
    assert await nothing_is_withheld(account, (question.ask for question in others)) > 125


async def test_nor_of_what_it_answers_to_questions_full_of_numbers(account: DbtAccount) -> None:
    assert await nothing_is_withheld(account, WITH_NUMBERS) > 30


async def nothing_is_withheld(account: DbtAccount, conversations: Iterable[Sequence[str]]) -> int:
    """Puts questions to the agent, and says how many."""
    model = OfflineChatModel(clock=account.now, zone=account.settings.zone, vocabulary=account.avocabulary)
    agent = create_reporting_agent(model, DbtDiscoveryToolkit(account), checkpointer=InMemorySaver())
    said = 0
    for number, conversation in enumerate(conversations):
        for message in conversation:
            thread: RunnableConfig = {"configurable": {"thread_id": str(number)}}
            messages = (await agent.ainvoke({"messages": [HumanMessage(message)]}, thread))["messages"]
            withheld = [m.response_metadata.get("withheld") for m in messages if isinstance(m, AIMessage)]
            assert not any(withheld), message
            said += 1
    return said
