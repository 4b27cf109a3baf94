"""Answers as HTML: their words, their cards, and what was called."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.webapp.cards.drawing import answer_of
from tests.webapp.cards.html import parsed
from tests.webapp.charts.examples import column, report

SHOWN = report([column("name")], [{"name": "a"}], None, name="slowest_models")


def call(name: str, rows: int | None, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "args": arguments, "seconds": 0.25, "rows": rows}


def test_finding_that_the_words_say_is_not_said_again_by_the_card() -> None:
    answer = answer_of(f"I left something out.\n\n{SHOWN.finding}\n\nHow I read it: all.", SHOWN)
    assert [part.text for part in answer.one("div", class_="prose").all("p")] == [
        "I left something out.",
        SHOWN.finding,
        "How I read it: all.",
    ]
    assert answer.one("p", class_="lead").text == SHOWN.finding
    assert not answer.all("p", class_="card-finding")
    assert answer_of("In other words.", SHOWN).one("p", class_="card-finding").text == SHOWN.finding


def test_a_card_tells_the_call_it_came_from_and_the_answer_the_others() -> None:
    calls = [
        call("dbt_slowest_models", None, limit="x"),
        call("dbt_slowest_models", 1, limit=5),
        call("dbt_list_jobs", 9),
    ]
    answer = answer_of("Words.", SHOWN, calls=calls)
    own, rest = answer.one("article").one("div", class_="panel").one("tbody"), answer.one("details", class_="how")
    assert [cell.text for cell in own.all() if cell.tag in ("th", "td")] == [
        "dbt_slowest_models", "limit: 5", "250 ms", "1 row",
    ]  # fmt: skip
    assert "open" not in rest.attributes
    assert rest.one("summary").text == "Also called: 2 tool calls"
    assert [row.all("td")[-1].text for row in rest.one("tbody").all("tr")] == ["no report", "9 rows"]
    assert not answer_of("Words.", SHOWN, calls=calls[1:2]).all("details", class_="how")


def test_who_worded_it_is_said_with_the_tokens_it_took() -> None:
    answer = answer_of("Words.", model="gpt-5", usage={"total_tokens": 1234})
    assert answer.one("p", class_="author").text == "Worded by gpt-5, 1,234 tokens."
    assert answer_of("Words.").one("p", class_="author").text == "Worded by the offline model."


def test_report_of_another_release_is_left_out_and_said() -> None:
    kept = {"reports": [SHOWN.to_json(), {"name": "slowest_models", "rows": "none"}]}
    answer = answer_of("Words.", **kept)
    assert len(answer.all("article")) == 1
    assert "kept a report of this answer in a form" in answer.one("p", class_="notice").text


@pytest.mark.parametrize("kind", ["failed", "stopped"])
def test_answer_that_is_none_is_marked(kind: str) -> None:
    ended: dict[str, Any] = {kind: True}
    assert f"answer-{kind}" in answer_of("Sorry.", **ended).attributes["class"]
    assert answer_of("Yes.").attributes["class"] == "answer"


async def test_an_answer_is_drawn_from_its_thread(client: httpx.AsyncClient) -> None:
    thread = (await client.post("/chat", json={"message": "First"})).json()["thread_id"]
    await client.post("/chat", json={"message": "Second", "thread_id": thread})
    for number in (0, 1):
        drawn = await client.get(f"/chat/threads/{thread}/answers/{number}")
        assert drawn.status_code == 200
        assert parsed(drawn.text).one("div", class_="prose").text == "Hello."
    for path, status in (
        (f"/chat/threads/{thread}/answers/2", 404),
        (f"/chat/threads/{thread}/answers/-1", 422),
        (f"/chat/threads/{thread}/answers/first", 422),
        ("/chat/threads/none/answers/0", 404),
    ):
        refused = await client.get(path)
        assert refused.status_code == status
        assert refused.headers["content-type"] == "application/problem+json"
