"""The question set: well formed, broad enough, and expecting what the raw records say."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio
from dbt_discovery.reports import registry

from evals.asking import sandbox_account, sandbox_settings
from evals.judging import ExpectationError, Judge
from evals.questions import Question, questions, read
from tests.conftest import isolate

ALL = questions()


def reports_of(asked: Iterable[Question]) -> Counter[str]:
    return Counter(report for each in asked for report in {call.report for call in (*each.calls, *each.steps)})


def test_there_are_enough_questions_of_enough_kinds() -> None:
    assert len(ALL) >= 250
    assert len({each.kind for each in ALL}) >= 24


def test_every_report_is_asked_for_by_three_questions_at_least() -> None:
    asked = reports_of(ALL)
    assert {report: asked[report] for report in registry() if asked[report] < 3} == {}


def test_answers_of_every_sort_are_expected() -> None:
    sorts = Counter(
        sort
        for each in ALL
        for sort in ("report", "both", "asks", "unknown", "cannot", "steps", "also", "says", "silent")
        if getattr(each, sort)
    )
    assert len(sorts) == 9
    assert min(sorts.values()) >= 5
    assert sum(len(each.ask) > 1 for each in ALL) >= 15


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def judge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Judge]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        isolate(monkeypatch, tmp_path_factory.mktemp("judge"))
        settings = sandbox_settings()
    async with sandbox_account(settings) as (account, world):
        yield Judge(account, world)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("first", range(4))
async def test_expectations_are_what_the_raw_records_say(first: int, judge: Judge) -> None:
    """A twelfth of them each time; `python -m evals --check` looks at all."""
    for question in ALL[first * 3 :: 12]:
        await judge.check(question)


async def test_a_wrong_expectation_is_told() -> None:
    question = Question(kind="wrong", ask="how many?", report="list_jobs", arguments={"projects": ["Logistics"]})
    unknown = Question(kind="wrong", ask="how many?", report="list_jobs", says=[{"from": "list_jobs", "key": "colour"}])
    async with sandbox_account(sandbox_settings()) as (account, world):
        with pytest.raises(ExpectationError, match="Logistics"):
            await Judge(account, world).check(question)
        with pytest.raises(ExpectationError, match="no colour"):
            await Judge(account, world).check(unknown)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ('ask = "what?"', "should expect one of"),
        ('ask = "what?"\nreport = "list_jobs"\nunknown = "it"', "should expect one of"),
        ('ask = "what?"\ncannot = true\narguments = { limit = 1 }', "no report"),
        ('ask = "what?"\nboth = [{ report = "list_jobs" }]', "one report in both"),
        ('ask = ""\ncannot = true', "at least 1 character"),
        ('ask = "what?"\ncannot = true\nreprot = "list_jobs"', "reprot"),
        ('ask = "what?"\nreport = "list_jobs"\nsays = [{ from = "list_jobs" }]', "key"),
    ],
    ids=["nothing", "two things", "arguments alone", "one of both", "empty", "misspelt", "no key"],
)
def test_a_question_that_is_not_well_formed_is_refused(tmp_path: Path, table: str, complaint: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'[[question]]\nkind = "bad"\n{table}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read([file])


def test_a_long_message_is_written_as_a_filler(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[[question]]\nkind = "long"\nask = { text = "a {filler}b", filler = "xy", times = 3 }\ncannot = true\n',
        encoding="utf-8",
    )
    (question,) = read([file])
    assert question.ask == ("a xyxyxyb",)
