from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery.figures.evidence import Evidence
from langchain_dbt_discovery.figures.judge import Judge

from tests.toolkit.figures.jobs import FINDING, about_jobs


def allowed(*sentences: str, thread: list[BaseMessage] | None = None) -> bool:
    """Whether the last of the sentences is allowed, said after the others."""
    judge = Judge(Evidence.of(thread or about_jobs()))
    return [judge.allows(sentence) for sentence in sentences][-1]


HONEST = [
    FINDING,
    "Growth nightly took 78 minutes on average.",
    "**Growth nightly** ran 84 times, about 1.3 hours each.",
    "The longest run of Growth nightly took 2 h 28 min, i.e. 148 min.",
    "Growth nightly's average is 01:18:10.",
    "Its peak was 2h 28m.",
    "Finance build succeeded in 97.5 % of its 40 runs.",
    "Finance build had a success rate of 0.975.",
    "Finance build took 12.2 minutes, Campaign sync only 29.7 s.",
    "29.7 s for Campaign sync, 12 min 10 s for Finance build.",
    "Finance build and Campaign sync took 12 min 10 s and 29.7 s respectively.",
    "Month-end close 2 ran three times.",
    "Campaign sync failed 62 times, more often than any other job.",
    "Campaign sync had 62 failures out of 168 runs.",
    "62 of 168 runs of Campaign sync failed (36.9 %).",
    "Growth nightly took 66 minutes longer than Finance build.",
    "Growth nightly is 6.4× slower than Finance build.",
    "Finance build takes less than a sixth of Growth nightly's time, 66 min less.",
    "Its longest run took almost twice its average: Growth nightly took 1 h 18 min, then 2 h 28 min.",
    "A quarter of Growth nightly's runs failed, so 25 % of them.",
    "Here are the first 3 of 17 jobs.",
    "There are 13 more.",
    "Four jobs are shown, 17 there are.",
    "The top two are Growth nightly and Finance build.",
    "This rests on 556 runs; 13 cancelled ones are left out, and 2 jobs had no runs.",
    "Last week means Mon 9 – Sun 15 Nov 2026, UTC, until 2026-11-15 at 23:59.",
    "Two jobs, Growth nightly and Finance build, take longer than 7 minutes.",
    "Job 70403103940011 is Growth nightly.",
    "1. Growth nightly",
    "2) **Finance build** – 12 min",
    "See /reports/longest_running_jobs?period=last_week&limit=17 for all.",
    "| Job | Average (min) | Runs |\n",
    "The 95th percentile (p95) is not in this report.",
    "Finance build is 2nd.",
    "This one stands out, and the other one does not.",
    "In the second half of the week nothing changed.",
    "Finance build schafft 97,5 % in 12,2 Minuten.",
    "<b>Growth nightly</b> ran &#56;4 times.",
]

LYING = [
    "Growth nightly took 79 minutes on average.",
    "Growth nightly took 78 seconds on average.",
    "Growth nightly took 78 hours on average.",
    "Growth nightly ran 85 times.",
    "Growth nightly took 12 min 10 s.",
    "Finance build took 1 h 18 min.",
    "Finance build ran 84 times.",
    "Finance build took 13 minutes on average.",
    "Finance build took 10 min.",
    "Finance build took 29.7 s and Campaign sync 12 min 10 s.",
    "12 min 10 s for Campaign sync, 29.7 s for Finance build.",
    "Campaign sync and Finance build took 12 min 10 s and 29.7 s respectively.",
    "Finance build succeeded in 63.1 % of its runs.",
    "Campaign sync failed 61 times.",
    "Campaign sync failed in 62 % of its runs.",
    "Seven jobs failed.",
    "Twenty-two jobs ran.",
    "All jobs together took 95 minutes.",
    "There were 295 runs in total.",
    "Growth nightly took 50 minutes longer than Finance build.",
    "Growth nightly is three times as slow as Finance build.",
    "Growth nightly took 66 minutes.",
    "It costs $84.",
    "Commit 03bc42f broke it.",
    "dbt 1.9.0 is to blame.",
    "Model fct_orders_2 is slow.",
    "# 7 failures",
    "- Finance build: 40 min",
    "Growth nightly took 7 minutes.",
    "Finance build had 10 failures.",
    "Growth nightly ran \u0668\u0665 times.",
    "Growth nightly ran 8\u200b5 times.",
    "Growth nightly ran &#56;5 times.",
    "Growth nightly ran 8**5** times.",
    "About half of Finance build's runs failed.",
    "Growth nightly is 4th.",
    "Growth nightly took over three hours.",
    "Growth nightly took a quarter of an hour.",
]


CLAIMING_NOTHING = [
    "You get HTTP 429 when there are too many requests.",
    "The API v2 lists runs, and Python 3.11 is needed.",
    "The job is watched 24/7.",
    "Step 2 of 3: look at Finance build.",
    "Two things stand out:",
    "There are three points worth noting:",
    "1) Growth nightly 2) Finance build",
    "## Top 5 models",
    "## Jobs of the last 7 days",
    "Would you like to see the top 5 models or the last 30 days?",
    "Let me know if you want jobs above 10 minutes.",
    "You can ask for the five slowest models.",
    "I read only the first 600 characters of the question.",
    "How I read it: period: last week (Mon 9 – Sun 15 Nov 2026), UTC; compared: Growth nightly.",
    "There is one reason, and a couple of jobs stand out; both are slow.",
    "The p95 of Finance build is not shown.",
]
SAID_OF_ANOTHER_COLUMN = [
    "Finance build failed 40 times.",
    "Finance build ran 1 times.",
    "Growth nightly is the fourth longest.",
    "Finance build is the fifth longest.",
    "I can tell that more than 50 jobs failed.",
    "Five points were lost by Finance build.",
]


@pytest.mark.parametrize("sentence", CLAIMING_NOTHING)
def test_what_claims_nothing_of_the_account_is_allowed(sentence: str) -> None:
    assert allowed(sentence)


@pytest.mark.parametrize("sentence", SAID_OF_ANOTHER_COLUMN)
def test_a_verb_and_an_ordinal_are_held_to_what_they_speak_of(sentence: str) -> None:
    assert not allowed(sentence)


@pytest.mark.parametrize("sentence", ["Finance build is the second longest.", "Finance build is the third shortest."])
def test_a_rank_is_counted_from_the_end_that_is_named(sentence: str) -> None:
    assert allowed(sentence)


def test_thousands_may_be_written_in_german() -> None:
    question, call, tool = about_jobs()
    assert isinstance(tool, ToolMessage)
    row = {**tool.artifact["rows"][0], "runs": 1234}
    thread = [question, call, tool.model_copy(update={"artifact": {**tool.artifact, "rows": [row]}})]

    assert allowed("Growth nightly: 1.234 Läufe.", thread=thread)
    assert not allowed("Growth nightly: 1.235 Läufe.", thread=thread)


@pytest.mark.parametrize("sentence", HONEST)
def test_an_honest_sentence_is_allowed(sentence: str) -> None:
    assert allowed(sentence)


@pytest.mark.parametrize("sentence", LYING, ids=range(len(LYING)))
def test_a_lie_is_not(sentence: str) -> None:
    assert not allowed(sentence)


@pytest.mark.parametrize("sentence", ["Seven jobs failed.", "It took 4 minutes.", "Run 83896749507589 failed."])
def test_without_any_report_no_figure_is_allowed(sentence: str) -> None:
    assert not allowed(sentence, thread=[HumanMessage("How did it go?")])


def test_figures_of_the_question_may_be_said_again() -> None:
    assert allowed("You asked for jobs above 7 minutes.", thread=[HumanMessage("Which jobs take > 7 minutes?")])


def test_a_question_back_may_name_what_no_report_has_named() -> None:
    thread: list[BaseMessage] = [HumanMessage("How is orders?")]

    assert allowed("- fct_orders_2", thread=thread)
    assert not allowed("- fct_orders_2", thread=about_jobs())


def test_it_speaks_of_what_was_named_before() -> None:
    assert allowed("Finance build comes second.", "It took 12 min 10 s.")
    assert not allowed("Finance build comes second.", "It took 1 h 18 min.")
    assert allowed("- Finance build\n", "  - average: 12 min 10 s\n")
    assert not allowed("- Finance build\n", "  - average: 29.7 s\n")


def test_the_head_of_a_table_tells_units_and_columns() -> None:
    head, rule = "| # | Job | Average (min) | Longest |\n", "|---|---|---:|---:|\n"

    assert allowed(head, rule, "| 1 | Growth nightly | 78.2 | 2 h 28 min |\n")
    assert not allowed(head, rule, "| 1 | Growth nightly | 4690 | 2 h 28 min |\n")
    assert not allowed(head, rule, "| 1 | Growth nightly | 78.2 | 1 h 18 min |\n")
    assert not allowed(head, rule, "| 1 | Finance build | 78.2 | 2 h 28 min |\n")
    assert not allowed(head, rule, "| 2 | Growth nightly | 78.2 | 2 h 28 min |\n")


def test_of_an_earlier_turn_counts_what_the_model_was_told() -> None:
    question, call, tool = about_jobs()
    assert isinstance(tool, ToolMessage)
    slim = tool.model_copy(
        update={
            "content": "Job | Project | Runs | Average\nFinance build | Finance | 40 | 12 min 10 s",
            "artifact": {**tool.artifact, "rows": [{"job_id": "70403103940001"}]},
        }
    )
    thread = [question, call, slim, AIMessage("Growth nightly."), HumanMessage("And the second?")]

    assert allowed("Finance build took 12 min 10 s.", thread=thread)
    assert allowed("Finance build took 730 s.", thread=thread)
    assert not allowed("Finance build took 12 min 40 s.", thread=thread)
    assert not allowed("Campaign sync took 29.7 s.", thread=thread)


def test_a_name_that_is_a_plain_word_names_its_row_only_as_it_is_written() -> None:
    question, call, tool = about_jobs()
    assert isinstance(tool, ToolMessage)
    rows = [*tool.artifact["rows"], {**tool.artifact["rows"][1], "job_name": "runs"}]
    thread = [question, call, tool.model_copy(update={"artifact": {**tool.artifact, "rows": rows}})]

    assert allowed("Runs of Growth nightly: 84.", thread=thread)
