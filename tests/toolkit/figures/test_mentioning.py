"""What is only mentioned, such as the person's own words, and what is claimed of everything or beyond a mark."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery.figures.evidence import Evidence
from langchain_dbt_discovery.figures.judge import Judge
from langchain_dbt_discovery.figures.sentences import Sentences

from tests.toolkit.figures.jobs import about_jobs

ASKED = "Growth nightly used to take 17 min (“1/2” of an hour at most), now > 2:05. Since the 14th? Is 23 h normal?"


def allowed(*sentences: str, question: str = ASKED, asked: bool = True) -> bool:
    thread: list[BaseMessage] = about_jobs(question) if asked else [HumanMessage(question)]
    judge = Judge(Evidence.of(thread))
    return [judge.allows(sentence) for sentence in sentences][-1]


@pytest.mark.parametrize(
    "sentence",
    [
        "I left out what I did not understand: “17”, “2”, “05”.",
        "I took “1/2” as Thu 1 Jan 2026.",
        "I do not know what “the 14th” is.",
        'You wrote "17 min", and I cannot tell since when.',
        "I did not look at „23 h“ of Growth nightly.",
        "With the 17 min you name I can do nothing.",
    ],
)
def test_the_words_of_the_person_may_be_quoted(sentence: str) -> None:
    assert allowed(sentence)
    assert not allowed(sentence.replace("7", "9").replace("4", "6").replace("23", "21").replace("1/2", "87/88"))


@pytest.mark.parametrize(
    "sentence",
    [
        "Growth nightly took “17 min”.",
        "Finance build: “23 h”.",
        "I did not see that Finance build took “23 h”.",
        "It took “17 min”.",
        "The average is “23 h”.",
        "Yes: “17 min”.",
        "Yes, 17 min on average.",
        "That is right, 23 h is normal.",
        "It takes 17 minutes on average.",
        "On average it was 23 hours.",
    ],
)
def test_the_words_of_the_person_are_no_evidence_of_what_is_claimed(sentence: str) -> None:
    assert not allowed("Growth nightly comes first.", sentence)


def test_rows_that_lie_beyond_a_mark_of_the_question_do() -> None:
    question = "Which take more than 20 minutes, and which less than 10 s?"

    assert allowed("Growth nightly takes more than 20 minutes.", question=question)
    assert allowed("Finance build does not take more than 20 minutes.", question=question)
    assert allowed("None takes less than 10 s, and Campaign sync comes nearest.", question=question)
    assert not allowed("Finance build takes more than 20 minutes.", question=question)
    assert not allowed("Campaign sync takes less than 10 s.", question=question)


def test_what_sums_up_is_none_of_the_rows() -> None:
    assert allowed("In total there are 17 jobs, and 556 runs counted.")
    assert allowed("Across all jobs the averages range from 29.7 s to 1 h 18 min.")
    assert allowed("Overall, the longest took 2 h 28 min.")
    assert not allowed("In total, 62 runs failed.")
    assert not allowed("All jobs together took 1 h 18 min.")
    assert not allowed("Overall 97.5 % of them succeeded.")


def test_names_to_choose_from_and_examples_may_have_figures_where_no_tool_answered() -> None:
    back = ("Which job do you mean by “sync”?\n", "- Sync (every 15 min)\n", "- 42 Jobs of 7*7\n")

    assert allowed(*back, "- 2 min sync, 30 % sample\n", "… and 5 more: say more of the name.", asked=False)
    assert allowed("Name one, such as “Sync 15 min” or “70403103940011”.", asked=False)
    assert not allowed(*back, "- Sync took 15 min\n", asked=False)
    assert not allowed("Sync took “15 min”.", asked=False)
    assert not allowed("These are the jobs:\n", "- Sync (every 15 min)\n", asked=False)
    assert not allowed(*back)


def test_a_reading_that_is_cut_is_still_one() -> None:
    names = ", ".join(f"job {number} of the night" for number in range(200, 260))
    question, call, tool = about_jobs()
    assert isinstance(tool, ToolMessage)
    reading = [{"key": "jobs", "label": "Jobs", "value": names}]
    told = tool.model_copy(update={"artifact": {**tool.artifact, "reading": reading}})
    judge = Judge(Evidence.of([question, call, told]))

    assert judge.allows(f"How I read it: jobs: {names[:580]}…")
    assert not judge.allows(f"How I read it: jobs: {names[:280]}, 731…")


def test_of_an_earlier_turn_the_words_may_be_quoted_too() -> None:
    thread = [*about_jobs(ASKED), AIMessage("Growth nightly."), HumanMessage("And then?")]

    assert Judge(Evidence.of(thread)).allows("I left out what I did not understand: “17”.")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("I took “30 days to …” as October. And so on.", "I took “30 days to …” as October. "),
        ("What “the 2nd. Of all? They” is, I cannot tell. Sorry.", "What “the 2nd. Of all? They” is, I cannot tell. "),
        ("He said „Stop. Now.“ und ging. Dann kam sie.", "He said „Stop. Now.“ und ging. "),
        ('It is called "Sync. Daily" here. Next.', 'It is called "Sync. Daily" here. '),
        ("It is 5 inches (5\") long. Next.", "It is 5 inches (5\") long. Next."),
        ("It stopped… fct_orders went on. Next.", "It stopped… fct_orders went on. "),
        ("It “stopped.” Next one.", "It “stopped.” "),
    ],
)  # fmt: skip
def test_no_sentence_ends_inside_of_a_quotation(text: str, first: str) -> None:
    whole, cut = Sentences(), Sentences()
    sentences = [*whole.feed(text), *whole.end()]

    assert sentences[0] == first
    assert [each for letter in text for each in cut.feed(letter)] + cut.end() == sentences
