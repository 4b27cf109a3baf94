"""What an honest model says of any report is never cut, and what a lying one says hardly ever comes through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, pairwise
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.reports import registry
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, create_reporting_agent
from langchain_dbt_discovery.content import artifact_of, content_of
from langchain_dbt_discovery.figures.evidence import Evidence
from langchain_dbt_discovery.figures.judge import Judge
from langchain_dbt_discovery.figures.reading import figures_in

from tests.conftest import NOW
from tests.toolkit.figures.speakers import Said, cells, sentence, tabled, thread_about, ways
from tests.webapp.scripted import Scripted, calling

Artifact = Mapping[str, Any]
FACTORS = (0.5, 0.9, 1.2, 2, 10)


@pytest.fixture(scope="module")
def shared_account(world: sandbox.World) -> Iterator[DbtAccount]:
    account = DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW))
    yield account
    account.close()


@pytest.fixture(scope="module")
def evidence(shared_account: DbtAccount) -> dict[str, tuple[Artifact, Evidence]]:
    """The worked example of every report, with the evidence that it is."""
    found: dict[str, tuple[Artifact, Evidence]] = {}
    for name, declaration in registry().items():
        report = shared_account.run_report(name, **declaration.sample)
        artifact = artifact_of(report)
        found[name] = artifact, Evidence.of(thread_about(name, content_of(report), artifact))
    return found


def answer(account: DbtAccount, name: str, speak: Callable[[Artifact], str]) -> tuple[str, AIMessage]:
    """What a model said after it called the tool of a report, and what became of it in the agent."""
    spoken: list[str] = []

    def say(messages: Sequence[BaseMessage]) -> AIMessage:
        (tool,) = [message for message in messages if isinstance(message, ToolMessage)]
        spoken.append(speak(tool.artifact))
        return AIMessage(spoken[-1])

    model = Scripted(steps=[calling(name, **registry()[name].sample), say])
    agent = create_reporting_agent(model, DbtDiscoveryToolkit(account))
    last = agent.invoke({"messages": [HumanMessage("Tell me.")]})["messages"][-1]
    assert isinstance(last, AIMessage)
    return spoken[0], last


def honest(artifact: Artifact) -> str:
    """The finding, every number in one of the ways to write it, and all of them as a table."""
    told = cells(artifact)
    turns = cycle(range(7))
    lines = [f"- {sentence(said, _nth(list(ways(said.unit, said.value)), next(turns)))}" for said in told]
    shown = {(said.row, said.label): next(ways(said.unit, said.value)) for said in told}
    prose = " ".join(sentence(said, words) for said in told[:12] for words in ways(said.unit, said.value))
    return f"{artifact['finding']}\n\n{prose}\n\n" + "\n".join(lines) + f"\n\n{tabled(artifact, shown)}"


def lying(artifact: Artifact) -> str:
    """Every number, and each of them wrong."""
    return "\n".join(f"- {sentence(said, words)}" for said in cells(artifact) for words in lies(said, (1.2,)))


def lies(said: Said, factors: Sequence[float] = FACTORS) -> Iterator[str]:
    """A number made wrong by more than rounding, in the ways to write it."""
    for factor in factors:
        value = said.value * factor
        if said.unit not in ("seconds", "ratio") and value != 0:
            value = said.value + max(1, round(said.value * (factor - 1)))
        for words in ways(said.unit, value):
            if value != said.value and not any(figure.holds(said.value) for figure in figures_in(words)):
                yield words


def _nth(items: Sequence[str], index: int) -> str:
    return items[index % len(items)]


@pytest.mark.parametrize("name", registry())
def test_an_honest_model_is_never_cut(name: str, shared_account: DbtAccount) -> None:
    spoken, message = answer(shared_account, name, honest)

    assert message.text == spoken
    assert "withheld" not in message.response_metadata


@pytest.mark.parametrize("name", registry())
def test_a_lying_model_is(name: str, shared_account: DbtAccount) -> None:
    spoken, message = answer(shared_account, name, lying)

    lines = spoken.splitlines()
    came_through = [line for line in message.text.splitlines() if line in lines]
    assert len(came_through) <= 0.02 * len(lines)
    assert len(message.response_metadata.get("withheld", [])) == len(lines) - len(came_through)


def test_of_lies_about_a_number_of_a_row_one_in_a_hundred_escapes_at_most(
    evidence: dict[str, tuple[Artifact, Evidence]],
) -> None:
    told = [
        (known, sentence(said, words))
        for artifact, known in evidence.values()
        for said in cells(artifact)[::3]
        for words in lies(said)
    ]

    assert len(told) > 3000
    escaped = [words for known, words in told if Judge(known).allows(words)]
    assert len(escaped) < 0.01 * len(told)


def test_units_that_are_taken_for_others_are_caught(evidence: dict[str, tuple[Artifact, Evidence]]) -> None:
    for artifact, known in evidence.values():
        for said in cells(artifact):
            if said.unit == "seconds" and said.value >= 60:
                assert not Judge(known).allows(sentence(said, f"{said.value:.0f} minutes"))
                assert not Judge(known).allows(sentence(said, f"{said.value / 60:.1f} seconds"))
                assert not Judge(known).allows(sentence(said, f"{said.value / 60:.1f} hours"))
                assert Judge(known).allows(sentence(said, f"{said.value / 60:.1f} minutes"))
            elif said.unit == "count":
                assert not Judge(known).allows(sentence(said, f"{said.value:.0f} min"))


def test_figures_of_two_rows_that_change_places_are_caught(evidence: dict[str, tuple[Artifact, Evidence]]) -> None:
    tried: Counter[bool] = Counter()
    for artifact, known in evidence.values():
        for one, two in pairwise(sorted(cells(artifact), key=lambda said: said.label)):
            first, second = (next(ways(said.unit, said.value)) for said in (one, two))
            if one.label != two.label or one.name == two.name or first == second:
                continue
            for words in (sentence(one, second), sentence(two, first)):
                tried[Judge(known).allows(words)] += 1
            both = f"{one.name}: {one.label} {second}, {two.name}: {two.label} {first}."
            tried[Judge(known).allows(both)] += 1
    assert tried[False] > 1000
    assert tried[True] == 0


def test_sums_that_no_report_holds_are_caught(evidence: dict[str, tuple[Artifact, Evidence]]) -> None:
    tried = 0
    for artifact, known in evidence.values():
        for label in {said.label for said in cells(artifact) if said.unit == "seconds"}:
            values = [said.value for said in cells(artifact) if said.label == label]
            right = next(ways("seconds", sum(values)))
            if len(values) > 1 and max(values) < 0.9 * sum(values) and right not in artifact["finding"]:
                tried += 1
                assert not Judge(known).allows(f"All of them together took {right}.")
                assert not Judge(known).allows(f"In total {next(ways('seconds', sum(values) * 1.1))}.")
    assert tried > 20


def test_a_verb_that_takes_the_figure_of_another_is_mostly_caught(
    evidence: dict[str, tuple[Artifact, Evidence]],
) -> None:
    kinds = {"took {}": ("Runtime", "Average"), "waited {}": ("Queued", "Average queued", "Waited before")}
    kinds |= {"ran {} times": ("Runs",), "failed {} times": ("Failures", "Failed")}
    tried: Counter[bool] = Counter()
    for artifact, known in evidence.values():
        told = cells(artifact)
        for verb, labels in kinds.items():
            for other in told:
                own = [said for said in told if said.row == other.row and said.label in labels]
                words = next(ways(other.unit, other.value))
                wrong = any(other.label in also for also in kinds.values()) and other.label not in labels
                if own and wrong and own[0].unit == other.unit and words != next(ways(own[0].unit, own[0].value)):
                    tried[Judge(known).allows(f"{other.name} {verb.format(words)}.")] += 1
                    right = next(ways(own[0].unit, own[0].value))
                    assert Judge(known).allows(f"{own[0].name} {verb.format(right)}.")
    assert tried.total() > 50
    assert tried[True] < 0.2 * tried.total()
