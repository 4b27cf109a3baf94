"""Flakiness, by hand and against plain loops over the same verdicts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from dbt_discovery.analysis.flakiness import Flakiness
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.results import RunResults
from dbt_discovery.services.parsing import parse_run

from tests.core.tiny import run

WORDS = {"p": NodeStatus.SUCCESS, "f": NodeStatus.FAIL, "e": NodeStatus.ERROR, "w": NodeStatus.WARN}
WORDS |= {"s": NodeStatus.SKIPPED, "u": NodeStatus.UNKNOWN}
TEST = "test.shop.a"


@dataclass
class Found:
    """What came of one test; runs are numbered from the oldest, from 1."""

    runs: int = 0
    failures: int = 0
    flips: int = 0
    commits: set[str] = field(default_factory=set)
    pair: tuple[int, int] | None = None
    flaky: bool = False


def record(number: int, commit: str, environment_id: int = 100) -> RunRecord:
    row = run(number, "2026-11-17 08:00", "2026-11-17 08:30", git_sha=commit, environment_id=environment_id)
    return parse_run(row, lambda *ids: "")


def judged(history: Sequence[str]) -> Found:
    """What is found of runs such as `A:p`, a commit and what became of the test, the oldest first."""
    flakiness = Flakiness()
    for number, (commit, word) in reversed(list(enumerate((each.split(":") for each in history), 1))):
        flakiness.add(record(number, commit), RunResults((TEST,), (WORDS[word],), (0.5,)))
    if not flakiness.tracks:
        return Found()
    track = flakiness.tracks["100", TEST]
    assert not (track.is_flaky and track.was_repaired)
    pair = (int(track.failed.run_id), int(track.passed.run_id)) if track.failed and track.passed else None
    assert (pair is not None) is (track.is_flaky or track.was_repaired)
    return Found(track.runs, track.failures, track.flips, track.commits, pair, track.is_flaky)


def recounted(history: Sequence[str]) -> Found:
    """The same by plain loops, from the oldest run on, as the definition says it."""
    parts = [each.split(":") for each in history]
    verdicts = [(number, commit, word) for number, (commit, word) in enumerate(parts, 1) if word in "pf"]
    found = Found(sum(word != "s" for _, word in parts), sum(word == "f" for _, word in parts))
    for place, (number, commit, word) in enumerate(verdicts):
        before = [each for each in verdicts[:place] if each[1] == commit]
        if not before or before[-1][2] == word:
            continue
        found.flips += 1
        found.commits.add(commit)
        if word == "p":
            found.pair = max(found.pair or (0, 0), (before[-1][0], number))  # of the latest failure
            failed = verdicts.index(before[-1])
            while failed >= 0 and verdicts[failed][1:] == (commit, "f"):
                failed -= 1
            found.flaky |= failed < 0 or verdicts[failed][2] == "p"
    return found


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("A:f A:p", Found(2, 1, 1, {"A"}, (1, 2), flaky=True)),
        ("A:p A:f", Found(2, 1, 1, {"A"})),
        ("A:p A:f A:p", Found(3, 1, 2, {"A"}, (2, 3), flaky=True)),
        ("A:f B:p", Found(2, 1)),
        ("A:p B:f B:f B:p", Found(4, 2, 1, {"B"}, (3, 4), flaky=True)),
        ("A:f B:f B:p", Found(3, 2, 1, {"B"}, (2, 3))),  # it had been failing before: repaired
        ("A:f B:f B:p B:f B:p", Found(5, 3, 3, {"B"}, (4, 5), flaky=True)),
        ("A:f B:p A:p", Found(3, 1, 1, {"A"}, (1, 3), flaky=True)),
        ("A:f A:p B:f B:p", Found(4, 2, 2, {"A", "B"}, (3, 4), flaky=True)),
        ("A:p A:p B:p", Found(3)),
        ("", Found()),
    ],
)
def test_flips_are_changes_of_verdict_on_one_commit(history: str, expected: Found) -> None:
    assert judged(history.split()) == expected == recounted(history.split())


@pytest.mark.parametrize("word", ["e", "w", "u", "s"])
def test_what_is_no_verdict_neither_makes_nor_breaks_a_flip(word: str) -> None:
    runs = 0 if word == "s" else 1
    assert judged([f"A:{word}", "A:p"]) == Found(1 + runs)
    assert judged(["A:p", f"A:{word}", "A:p"]) == Found(2 + runs)
    between = judged(["A:f", f"A:{word}", "A:p"])
    assert between == Found(2 + runs, 1, 1, {"A"}, (1, 3), flaky=True)


def test_environments_do_not_answer_for_each_other() -> None:
    flakiness = Flakiness()
    for number, (environment_id, word) in ((2, (200, "p")), (1, (100, "f"))):
        flakiness.add(record(number, "A", environment_id), RunResults((TEST,), (WORDS[word],), (None,)))
    assert {key: track.flips for key, track in flakiness.tracks.items()} == {("200", TEST): 0, ("100", TEST): 0}


def test_any_history_is_judged_as_the_definition_says() -> None:
    luck = random.Random(5)
    flaky = 0
    for _ in range(3_000):
        history = [f"{luck.choice('ABC')}:{luck.choice('pppffews')}" for _ in range(luck.randrange(9))]
        expected = recounted(history)
        assert judged(history) == expected, history
        flaky += expected.flaky
    assert 300 < flaky < 2_700
