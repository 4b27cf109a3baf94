"""The table of rates, and what is said of wrong answers."""

from __future__ import annotations

from evals.asking import Outcome
from evals.tables import failures, table


def outcome(part: str, kind: str, fault: str = "", **more: int) -> Outcome:
    cost = {"tool_calls": 1, "characters": 100, "tokens": 40, "withheld": 0} | more
    return Outcome(part=part, kind=kind, ask=(f"{kind}?",), expected="list_jobs", fault=fault, seconds=0.5, **cost)


OUTCOMES = [
    outcome("tuned", "lists"),
    outcome("tuned", "runs", "came with queue_times()", tool_calls=3),
    outcome("untouched", "runs", withheld=2),
]


def test_rates_are_told_by_kind_and_by_part() -> None:
    head, lists, runs, together = (line.split() for line in table(OUTCOMES).splitlines())
    assert head == ["kind", "tuned", "untouched", "all", "calls", "characters", "tokens", "withheld", "slowest"]
    assert lists[:6] == ["lists", "1/1", "100.0%", "–", "1/1", "100.0%"]
    assert runs[:7] == ["runs", "0/1", "0.0%", "1/1", "100.0%", "1/2", "50.0%"]
    assert runs[7:11] == ["2.00", "100", "40", "2"]
    assert together[:7] == ["all", "1/2", "50.0%", "1/1", "100.0%", "2/3", "66.7%"]


def test_a_wrong_answer_is_listed_with_what_was_expected() -> None:
    assert failures(OUTCOMES) == "\nruns?\n  expected  list_jobs\n  but       came with queue_times()"
