"""Puts every question to the agent on the sandbox, at a fixed moment, and tells how many answers are right.

Run it with `make evals`, or `python -m evals --model openai:gpt-5`. Wrong answers are listed, never an error: it exits
with 1 only if it could not ask.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

import dbt_cloud_sandbox as sandbox
from dbt_discovery import ConfigurationError, DbtAccount, Settings
from dbt_discovery_web.chat_models import chat_model
from dbt_discovery_web.conversation import Conversation

from evals.judging import fault
from evals.questions import Question, questions

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
"""The moment of every question: a Wednesday."""

_SANDBOX: dict[str, Any] = {
    "service_token": None,
    "account_id": None,
    "host": None,
    "metadata_url": None,
    "admin_url": None,
    "sandbox_artifacts": None,
    "environment": "production",
    "timezone": "UTC",
    "fixed_now": NOW,
}
"""What makes everybody's settings the same but for the chat model."""


@dataclass(frozen=True)
class Outcome:
    """What became of a question.

    Attributes:
        fault: What is wrong with the answer; empty if it is right.
        tool_calls: Calls that the last message brought about.
        characters: Length of the answer.
        tokens: Tokens read and written, or words for the offline model.
    """

    kind: str
    ask: tuple[str, ...]
    expected: str
    fault: str
    tool_calls: int
    characters: int
    tokens: int


async def ask_all(settings: Settings) -> tuple[str, list[Outcome]]:
    """The chat model's name, and the outcome of every question; each has a thread of its own.

    Raises:
        ConfigurationError: The chat model cannot be used.
    """
    world = sandbox.generated_world(now=settings.now)
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        conversation = Conversation(account, chat_model(settings, account))
        first = await conversation.ask(questions()[0].ask[0], "before the first question")
        if first.failed:
            raise ConfigurationError(f"The chat model cannot be asked. {first.answer}")
        asked = enumerate(questions())
        outcomes = [await _ask(question, str(number), conversation, account, world) for number, question in asked]
        return conversation.model, outcomes


async def _ask(
    question: Question, thread_id: str, conversation: Conversation, account: DbtAccount, world: sandbox.World
) -> Outcome:
    for message in question.ask:
        answer = await conversation.ask(message, thread_id)
    return Outcome(
        kind=question.kind,
        ask=question.ask,
        expected=question.expected,
        fault=await fault(question, answer, account, world),
        tool_calls=len(answer.tool_calls),
        characters=len(answer.answer),
        tokens=answer.usage.total_tokens,
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """Pass rate and means for each kind of question, and for all."""
    lines = [f"{'kind':18} {'right':>8} {'rate':>6} {'tool calls':>11} {'characters':>11} {'tokens':>8}"]
    groups = {
        kind: [each for each in outcomes if each.kind == kind] for kind in dict.fromkeys(o.kind for o in outcomes)
    }
    for name, group in {**groups, "all": outcomes}.items():
        right = sum(not each.fault for each in group)
        means = [fmean(getattr(each, key) for each in group) for key in ("tool_calls", "characters", "tokens")]
        rate, share = f"{right}/{len(group)}", right / len(group)
        lines.append(f"{name:18} {rate:>8} {share:6.0%} {means[0]:11.2f} {means[1]:11.0f} {means[2]:8.0f}")
    return "\n".join(lines)


def failures(outcomes: Sequence[Outcome]) -> str:
    """Each wrong answer: the question, what was expected, and what came."""
    return "\n".join(
        f"\n{' → '.join(each.ask)}\n  expected  {each.expected}\n  but       {each.fault}"
        for each in outcomes
        if each.fault
    )


def main() -> None:
    """Asks, and prints the table or the outcomes as JSON."""
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("--model", help="a LangChain model string such as openai:gpt-5; the settings' model otherwise")
    parser.add_argument("--json", action="store_true", help="print every outcome as JSON")
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    try:
        chosen = {"chat_model": options.model} if options.model else {}
        settings = Settings.load().model_copy(update={**_SANDBOX, **chosen})
        model, outcomes = asyncio.run(ask_all(settings))
    except ConfigurationError as error:
        sys.exit(str(error))
    if options.json:
        print(
            json.dumps({"model": model, "outcomes": [asdict(each) for each in outcomes]}, ensure_ascii=False, indent=2)
        )
        return
    print(f"{len(outcomes)} questions to {model}\n\n{table(outcomes)}\n{failures(outcomes)}")


if __name__ == "__main__":
    main()
