"""Writes `docs/conversations.md`: two conversations with the offline chat model, as they come out.

A test says when the page is out of date.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import dbt_cloud_sandbox as sandbox
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.chat.conversation import ChatAnswer, Conversation
from dbt_discovery_web.chat.models import chat_model

HERE = Path(__file__).parent
ARTIFACTS = HERE.parent / "tests/fixtures/artifacts"

HEAD = """# Conversations

Two conversations with the offline chat model: no key, no network, no word of it edited. Below each answer stand the
calls that it rests on; the web page shows the reports themselves there, with their tables and charts.
"""

GENERATED = (
    "## On the sandbox account",
    "The account that is there without any setting, on Wednesday, 18 November 2026, at 10:30 UTC.",
    datetime(2026, 11, 18, 10, 30, tzinfo=UTC),
    None,
    (
        "what were the longest running jobs last week",
        "and the week before?",
        "only finance, sort by total",
        "which models are slowest in the first one?",
        "who owns the slowest model of the longest job last week?",
        "is it getting slower",
        "what failed last night and what depends on it?",
        "which sources are stale?",
        "how much does the nightly build cost us?",
        "fct_ordrs runs > 4s since 9.11.",
    ),
)
REAL = (
    "## On real dbt runs",
    "A shop's project that dbt Core ran on DuckDB, read from its `target` folders (`DBT_SANDBOX_ARTIFACTS`).",
    datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
    ARTIFACTS,
    (
        "what do we have here?",
        "which jobs are there",
        "did everything run ok?",
        "why did the last one fail?",
        "what depends on it?",
        "slowest models of the last run",
        "compare the last two runs of dbt build",
        "is my data fresh?",
        "which models have no tests",
        "start the build again please",
    ),
)


def page() -> str:
    """The whole page."""
    return asyncio.run(_page())


async def _page() -> str:
    parts = [HEAD]
    for title, about, now, artifacts, questions in (GENERATED, REAL):
        parts += [title, about, *(await _conversation(now, artifacts, questions))]
    return "\n\n".join(part.strip() for part in parts) + "\n"


async def _conversation(now: datetime, artifacts: Path | None, questions: tuple[str, ...]) -> list[str]:
    """The turns of one thread."""
    settings = Settings(fixed_now=now, chat_model="offline", _env_file=None)
    transport = sandbox.transport(artifacts=artifacts, now=lambda: now)
    async with DbtAccount(transport=transport, settings=settings) as account:
        conversation = Conversation(account, chat_model(settings, account))
        return [_turn(question, await conversation.ask(question, "a thread")) for question in questions]


def _turn(question: str, answer: ChatAnswer) -> str:
    calls = "".join(
        f"\n- `{call.name}({', '.join(f'{key}={value!r}' for key, value in call.args.items())})`"
        for call in answer.tool_calls
    )
    return f"**{question}**\n\n{_quoted(answer.answer)}\n{calls}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


if __name__ == "__main__":
    (HERE / "conversations.md").write_text(page(), encoding="utf-8")
