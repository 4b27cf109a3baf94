"""The tools in another team's plain LangChain agent: what real models get wrong is told them, and ends no run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt_discovery import DbtAccount
from dbt_discovery.reports import registry
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit
from langchain_dbt_discovery.content import CONTENT_LENGTH
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS

from tests.webapp.scripted import Scripted, calling, saying


async def answers(account: DbtAccount, *steps: AIMessage) -> list[ToolMessage]:
    """What the tools say to a model that takes these steps, in a plain agent without any middleware."""
    agent = create_agent(Scripted(steps=[*steps, saying("Done.")]), DbtDiscoveryToolkit(account).get_tools())
    said = await agent.ainvoke({"messages": [HumanMessage("?")]})
    assert said["messages"][-1].text == "Done."
    return [message for message in said["messages"] if isinstance(message, ToolMessage)]


def ways_to_say(sample: dict[str, Any]) -> list[dict[str, Any]]:
    """The same arguments, as different models write them."""
    texts = {name: json.dumps(value) if isinstance(value, list) else str(value) for name, value in sample.items()}
    return [
        sample,
        texts,
        {"more": sample},
        {"more": json.dumps(sample)},
        {"more": "&".join(f"{name}={value}" for name, value in texts.items())},
        {**sample, "more": "", "refresh": None, "statistics": None},
        {**sample, "more": "null"},
    ]


@pytest.mark.parametrize("name", list(registry()))
async def test_every_way_to_say_the_same_gives_the_same(account: DbtAccount, name: str) -> None:
    ways = ways_to_say(dict(registry()[name].sample))

    said = await answers(account, *(calling(name, str(number), **way) for number, way in enumerate(ways)))

    assert [message.status for message in said] == ["success"] * len(ways)
    assert all(message.artifact == said[0].artifact for message in said)
    assert all(message.text == said[0].text and len(message.text) <= CONTENT_LENGTH for message in said)
    assert json.loads(json.dumps(said[0].artifact))["name"] == name


@pytest.mark.parametrize("name", list(registry()))
@pytest.mark.parametrize(
    "wrong",
    [
        {"time_range": "7d", "sort": "desc"},
        {"order_by": "runtime DESC", "by": "month", "direction": "sideways", "of": "rows", "limit": 10**30},
        {"more": "only failed ones"},
        {"more": 5},
        {"refresh": "perhaps"},
        {"x" * 5000: "y" * 5000},
    ],
)
async def test_what_is_wrong_is_told_in_short_and_ends_nothing(
    account: DbtAccount, name: str, wrong: dict[str, Any]
) -> None:
    (message,) = await answers(account, calling(name, **{**registry()[name].sample, **wrong}))

    assert message.status == "error"
    assert message.text.startswith(CHANGE_ARGUMENTS)
    assert len(message.text) <= 2000


async def test_two_tools_at_once_a_misspelt_name_and_the_name_that_came_back(account: DbtAccount) -> None:
    both = AIMessage(
        "",
        tool_calls=[
            {"name": "dbt_job_details", "args": {"job": "Finance nighly"}, "id": "1"},
            {"name": "dbt_list_projects", "args": {}, "id": "2"},
        ],
    )

    misspelt, projects, job = await answers(account, both, calling("job_details", job="Finance nightly build"))

    assert (misspelt.status, projects.status, job.status) == ("error", "success", "success")
    assert "Did you mean “Finance nightly build”?" in misspelt.text
    assert job.artifact["rows"][0]["job_name"] == "Finance nightly build"
