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
from dataclasses import asdict
from pathlib import Path

from dbt_discovery import ConfigurationError, Settings

from evals.asking import ask_all, sandbox_account, sandbox_settings
from evals.judging import ExpectationError, Judge
from evals.questions import PARTS, Question, questions, read
from evals.tables import failures, table


def main() -> None:
    """Asks, and prints the table or the outcomes as JSON."""
    options = _parser().parse_args()
    logging.basicConfig(level=logging.ERROR)
    try:
        asked = _chosen(options)
        settings = sandbox_settings(**({"chat_model": options.model} if options.model else {}))
        if options.check:
            sys.exit(asyncio.run(_check(asked, settings)))
        model, outcomes = asyncio.run(ask_all(asked, settings))
    except (ConfigurationError, ExpectationError, OSError, ValueError) as error:
        sys.exit(str(error))
    if options.json:
        print(
            json.dumps({"model": model, "outcomes": [asdict(each) for each in outcomes]}, ensure_ascii=False, indent=2)
        )
        return
    print(f"{len(outcomes)} questions to {model}\n\n{table(outcomes)}\n{failures(outcomes)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("--model", help="a LangChain model string such as openai:gpt-5; the settings' model otherwise")
    parser.add_argument("--part", action="append", choices=PARTS, help="ask only the questions of this part")
    parser.add_argument("--kind", action="append", help="ask only the questions of this kind; may be repeated")
    parser.add_argument("--file", action="append", type=Path, help="ask the questions of this file instead")
    parser.add_argument("--check", action="store_true", help="ask nobody: tell which expectations are wrong")
    parser.add_argument("--json", action="store_true", help="print every outcome as JSON")
    return parser


def _chosen(options: argparse.Namespace) -> list[Question]:
    """The questions to ask.

    Raises:
        ValueError: There are none.
    """
    found = read(options.file) if options.file else questions(options.part or PARTS)
    chosen = [each for each in found if not options.kind or each.kind in options.kind]
    if not found:
        raise ValueError("There are no such questions.")
    if not chosen:
        raise ValueError(f"No question is of this kind. Kinds: {', '.join(sorted({each.kind for each in found}))}.")
    return chosen


async def _check(asked: Sequence[Question], settings: Settings) -> int:
    """Prints what is wrong with the expectations, and says as exit code whether anything is."""
    wrong = 0
    async with sandbox_account(settings) as (account, world):
        judge = Judge(account, world)
        for question in asked:
            try:
                await judge.check(question)
            except ExpectationError as error:
                print(error)
                wrong += 1
    print(f"{wrong} of {len(asked)} expectations are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    main()
