from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_dbt_discovery.figures import LEFT_OUT, NO_REPORT, Evidence, Release
from langchain_dbt_discovery.figures.middleware import released
from langchain_dbt_discovery.findings import findings_of

from tests.toolkit.figures.jobs import FINDING, about_jobs

TRUE = "Finance build took 12 min 10 s."
LIE = "Finance build took 40 min."

ANSWER = f"""\
# Jobs of last week

{TRUE} It ran 40 times, e.g. on Mon. Campaign sync v1.9.0 took 4.2 min. or so.
{LIE} Growth nightly
took 1 h 18 min… Really!

| Job | Average |
|---|---|
| Growth nightly | 1 h 18 min |
| Finance build | 40 min |

1. Growth nightly: 84 runs
2. Finance build: 41 runs
   - average 12 min 10 s

```sql
select 84 -- of 85
```
Approx. 97.5 % succeeded (Finance build). Done"""


def said(text: str, thread: list[BaseMessage] | None = None) -> str:
    return released(AIMessage(text, id="said"), thread or about_jobs()).text


def in_pieces(pieces: list[str]) -> str:
    thread = about_jobs()
    release = Release(lambda: Evidence.of(thread), lambda: findings_of(thread))
    return "".join([*(given for piece in pieces for given in release.feed(piece)), *release.end()])


@given(st.lists(st.integers(0, len(ANSWER)), max_size=40))
def test_it_does_not_matter_how_the_text_is_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(ANSWER)]

    assert in_pieces([ANSWER[a:b] for a, b in pairwise(places)]) == in_pieces([ANSWER])


@given(st.text(alphabet=" \n.1a|-#*`!9:)TA", max_size=120))
def test_nor_for_any_text_letter_by_letter(text: str) -> None:
    assert in_pieces(list(text)) == in_pieces([text])


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    in_pieces([text])


def test_letter_by_letter_it_is_the_same() -> None:
    assert in_pieces(list(ANSWER)) == in_pieces([ANSWER])


@pytest.mark.parametrize("text", ["", "\n", TRUE, f"{TRUE}\n\n  {TRUE}  \n", "Which job?\n- Finance build\n"])
def test_what_is_true_comes_out_unchanged(text: str) -> None:
    message = AIMessage(text, id="said")

    assert released(message, about_jobs()) is message


def test_the_first_lie_is_replaced_by_the_finding() -> None:
    assert said(f"I looked. {LIE} {TRUE}") == f"I looked. {FINDING} {TRUE}"


def test_further_ones_are_left_out_and_that_is_said() -> None:
    assert said(f"{LIE} {TRUE} {LIE}\n\nBye.") == f"{FINDING} {TRUE} \n\nBye.\n\n{LEFT_OUT}"


def test_a_finding_that_was_said_already_is_not_said_again() -> None:
    assert said(f"{FINDING} {LIE} Bye.") == f"{FINDING} Bye.\n\n{LEFT_OUT}"


def test_a_lie_in_a_table_takes_its_row_and_leaves_the_table() -> None:
    table = "| Job | Average |\n|---|---|\n| Finance build | 40 min |\n| Growth nightly | 1 h 18 min |\n"

    assert said(f"{table}\nBye.") == (
        f"| Job | Average |\n|---|---|\n| Growth nightly | 1 h 18 min |\n\n{FINDING}\n\nBye."
    )
    assert said(table.strip()) == f"| Job | Average |\n|---|---|\n| Growth nightly | 1 h 18 min |\n\n{FINDING}"


def test_a_lie_in_a_list_leaves_the_list() -> None:
    assert said(f"- {TRUE}\n- {LIE}\n- Bye.") == f"- {TRUE}\n- {FINDING}\n- Bye."


def test_without_a_report_a_sentence_says_that_there_is_none() -> None:
    assert said("Seven jobs failed. Bye.", [HumanMessage("How many?")]) == f"{NO_REPORT} Bye."


def test_what_was_withheld_is_noted_and_all_else_of_the_message_kept() -> None:
    call = {"name": "dbt_list_jobs", "args": {}, "id": "call-2", "type": "tool_call"}
    message = AIMessage(f"{LIE} {TRUE}", id="said", tool_calls=[call], response_metadata={"model_name": "m"})

    out = released(message, about_jobs())

    assert (out.id, out.tool_calls) == (message.id, message.tool_calls)
    assert out.response_metadata == {"model_name": "m", "withheld": [LIE]}
    assert message.text.startswith(LIE)


def test_blocks_of_text_are_released_as_the_one_text_they_are() -> None:
    thinking = {"type": "reasoning", "reasoning": "It took 40 min."}
    message = AIMessage(
        [thinking, {"type": "text", "text": "Finance build took 4"}, {"type": "text", "text": "0 min."}]
    )

    out = released(message, about_jobs())

    assert out.content[0] == thinking
    assert out.text == FINDING


def test_a_lie_is_found_wherever_lines_and_marks_cut_it() -> None:
    for lie in ("# Seven failures", "> 7 failures", "Finance build took\n40 min", "Finance build took `40 min`."):
        assert FINDING in said(lie)
    assert FINDING in said("```\nFinance build: 40 min\n```")


def test_the_work_grows_with_the_text_and_no_faster() -> None:
    judged: list[int] = []

    class Counting(Evidence):
        def quotes(self, sentence: str) -> bool:
            judged.append(len(sentence))
            return super().quotes(sentence)

    for size in (20_000, 100_000):
        judged.clear()
        evidence = Counting([], "", "", "")
        release = Release(lambda evidence=evidence: evidence, lambda: "")  # type: ignore[misc]
        release.feed("7" * size)
        release.end()
        assert 0 < sum(judged) <= size
        assert max(judged) <= 2000
