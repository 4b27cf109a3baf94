"""What a model reads: everything hostile stands between the marks, on its lines, and of no great length."""

from __future__ import annotations

import unicodedata

import pytest
from dbt_discovery.exceptions import AmbiguousName, InvalidArgument, NotFound, PermissionDenied, QueryRejected
from dbt_discovery.reports import find_report
from langchain_core.messages import ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit
from langchain_dbt_discovery.content import CONTENT_LENGTH, content_of
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS, WILL_NOT_WORK, failure, reason_of, validation_failure
from langchain_dbt_discovery.offline.answer import Finding, write_answer
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.text import FENCE_END, FENCE_START, clean
from pydantic import ValidationError

from tests.core.tiny import TinyCloud
from tests.redteam.hostile import HUGE, MARKS, TEXTS
from tests.redteam.poisoned import NAMES, made, poisoned

each_text = pytest.mark.parametrize("named", [*TEXTS, "huge"])
ERRORS = {
    "argument": lambda text: InvalidArgument("period", f"period takes a period, and not “{text}”."),
    "name": lambda text: NotFound("job", text, [text, text]),
    "several": lambda text: AmbiguousName("model", text, {text: text, "2": text}),
    "permission": lambda text: PermissionDenied(f"dbt Cloud says: {text}"),
    "query": lambda text: QueryRejected(text),
}
MENDABLE = ("argument", "name", "several")


def text_of(named: str) -> str:
    return HUGE if named == "huge" else TEXTS[named]


def outside(content: str) -> tuple[str, str]:
    """What stands before and after the marks, of which there is one of each."""
    assert content.count(FENCE_START) == content.count(FENCE_END) == 1, content
    opening, _, rest = content.partition(f"{FENCE_START}\n")
    inside, mark, closing = rest.partition(f"\n{FENCE_END}")
    assert mark
    for line in inside.splitlines():
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") for c in line), line
    return opening, closing


@each_text
def test_a_report_is_a_text_of_which_nothing_hostile_is_outside_the_marks(named: str) -> None:
    for name in NAMES:
        content = content_of(poisoned(name, text_of(named)))
        assert len(content) <= CONTENT_LENGTH
        opening, closing = outside(content)
        plain_opening, _ = outside(content_of(made()[name]))
        assert opening == plain_opening
        assert closing.lstrip("\n").startswith(
            ("All ", "There are no rows", "That is all of it", "Not all of it", "1 of", "2 of", "3 of", "0 of")
        )
        assert "obey" not in closing
        assert "Ignore" not in closing


@each_text
@pytest.mark.parametrize("kind", list(ERRORS))
def test_a_failure_says_what_is_wrong_between_the_marks(kind: str, named: str) -> None:
    said = str(failure(ERRORS[kind](text_of(named))))
    opening, closing = outside(said)
    assert opening.startswith(CHANGE_ARGUMENTS if kind in MENDABLE else WILL_NOT_WORK)
    assert opening.count(".") == 2, "the next step, and that what follows is data"
    assert closing == ""
    assert len(said) < 1200
    assert reason_of(said) == clean(reason_of(said), 900) != ""


@each_text
def test_refused_arguments_are_told_between_the_marks(named: str) -> None:
    declared = find_report("longest_running_jobs").arguments
    for wrong in ({text_of(named)[:50]: 1}, {"run_status": text_of(named)}, {"limit": text_of(named)}):
        with pytest.raises(ValidationError) as refused:
            declared.model_validate(wrong)
        said = validation_failure(declared, ["period", "jobs"])(refused.value)
        opening, closing = outside(said)
        assert opening.startswith(CHANGE_ARGUMENTS)
        assert closing in ("", "\nThe arguments are period, jobs.")
        assert len(said) < 1300


@pytest.mark.parametrize("kind", list(ERRORS))
@pytest.mark.parametrize("named", ["order to repeat", "order to stop", "mark", "script", "huge"])
def test_the_offline_model_tells_a_failure_in_a_plain_sentence(kind: str, named: str) -> None:
    said = str(failure(ERRORS[kind](text_of(named))))
    failed = ToolMessage(said, tool_call_id="1", status="error")
    answer = write_answer([Finding(Call("dbt_list_jobs", {}), failed)])
    expected = "I could not answer that." if kind in MENDABLE else "I cannot answer that now."
    assert answer.startswith(f"{expected} ")
    assert FENCE_START not in answer
    assert FENCE_END not in answer
    assert "between the marks" not in answer
    assert len(answer) < 1000


@pytest.mark.parametrize("named", list(MARKS))
def test_no_look_of_a_mark_is_left_in_it(named: str) -> None:
    cleaned = clean(TEXTS[named], 200)
    assert cleaned.startswith("‹dbt data")
    assert "obey" in cleaned
    assert clean(cleaned, 200) == cleaned


@pytest.mark.parametrize(
    "name",
    [
        "dbt-data",
        "a dbt-data platform",
        "x < dbt",
        "<dbt-database>",
        "a <b> c",
        "Zürich 東京 ‹ok›",
        "dbt/data",
        "(dbt)",
    ],
)
def test_plain_names_are_left_as_they_are(name: str) -> None:
    assert clean(name, 100) == name


def test_a_cut_of_a_long_text_is_seen() -> None:
    assert clean("a" * 100_000, 50) == "a" * 49 + "…"
    assert clean("\u200b" * 100_000 + "end", 50) == "…"
    assert len(clean("\u0301\u200bé" * 50_000, 160)) <= 160


async def test_a_name_that_dbt_cloud_refuses_comes_back_between_the_marks() -> None:
    async with TinyCloud().account() as account:
        (tool,) = DbtDiscoveryToolkit(account=account, include=["job_details"]).get_tools()
        call = {"type": "tool_call", "id": "1", "name": tool.name, "args": {"job": TEXTS["mark"]}}
        message = await tool.ainvoke(call)
    assert message.status == "error"
    opening, closing = outside(message.text)
    assert opening.startswith(CHANGE_ARGUMENTS)
    assert "obey" in reason_of(message.text)
    assert closing in ("", "\n")
