"""Threads with the reports that they are about, on the generated account and on real dbt runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.chat.conversation import ChatAnswer, Conversation
from dbt_discovery_web.chat.models import chat_model

ARTIFACTS = Path(__file__).parents[2] / "fixtures/artifacts"
WORLDS: dict[str, tuple[datetime, Path | None]] = {
    "generated": (datetime(2026, 11, 18, 10, 30, tzinfo=UTC), None),
    "real": (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), ARTIFACTS),
}


async def told(world: str, *questions: str) -> ChatAnswer:
    """The answer to the last of some questions."""
    now, artifacts = WORLDS[world]
    settings = Settings(fixed_now=now, chat_model="offline", _env_file=None)
    async with DbtAccount(
        transport=sandbox.transport(artifacts=artifacts, now=lambda: now), settings=settings
    ) as account:
        conversation = Conversation(account, chat_model(settings, account))
        answers = [await conversation.ask(question, "a thread") for question in questions]
    return answers[-1]


def calls(answer: ChatAnswer) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name.removeprefix("dbt_"), dict(call.args)) for call in answer.tool_calls]


THREADS: list[tuple[str, list[str], str, dict[str, Any]]] = [
    (
        "generated",
        ["how long did growth nightly take last week?", "same for marketing"],
        "longest_running_jobs",
        {"period": "last_week", "projects": ["Marketing"]},
    ),
    ("generated", ["show me growth nightly", "show me its last 5 runs"], "list_runs", {"limit": 5}),
    ("generated", ["which models are slowest in finance?", "who should I talk to about that?"], "model_details", {}),
    ("generated", ["failed runs this week", "by job"], "job_reliability", {"period": "this_week"}),
    ("generated", ["jobs in marketing", "how long do they take"], "longest_running_jobs", {"projects": ["Marketing"]}),
    ("generated", ["list projects", "show its jobs"], "list_jobs", {"projects": ["Finance Analytics"]}),
    ("generated", ["what failed last night", "for which project?"], "failed_runs", {}),
    ("generated", ["hey which models got slower", "ok and the jobs?"], "runtime_changes", {"of": "jobs"}),
    (
        "generated",
        ["what does dim_users depend on", "are those fresh?"],
        "source_freshness",
        {"model": "dim_users"},
    ),
    ("real", ["did everything run ok?", "why did the last one fail?"], "run_details", {}),
    (
        "real",
        ["list the runs of dbt build", "which one took longest"],
        "list_runs",
        {"order_by": "runtime", "limit": 1},
    ),
    ("real", ["is dbt build getting slower?", "since when?"], "runtime_anomalies", {"jobs": ["dbt build"]}),
    ("real", ["which models are there", "which is slowest"], "slowest_models", {}),
    ("real", ["list failed runs", "what happened in the second one?"], "run_details", {}),
]


@pytest.mark.parametrize(
    ("world", "questions", "report", "arguments"), THREADS, ids=[" | ".join(t[1]) for t in THREADS]
)
async def test_a_question_leans_on_what_the_thread_showed(
    world: str, questions: list[str], report: str, arguments: dict[str, Any]
) -> None:
    (made,) = calls(await told(world, *questions))

    assert made[0] == report
    assert {key: made[1].get(key) for key in arguments} == arguments


async def test_what_depends_on_a_failed_run_depends_on_what_failed_in_it() -> None:
    answer = await told("real", "did everything run ok?", "why did the last one fail?", "what depends on it?")

    assert calls(answer)[-1] == ("lineage", {"direction": "downstream", "model": "model.coffee_shop.stg_payments"})
    assert "payment_reconciliation" in answer.answer


async def test_the_error_is_shown_in_the_words_of_dbt() -> None:
    answer = await told("real", "did everything run ok?", "why did the last one fail?")

    assert "\n> accepted_values_stg_payments_method__card__cash__voucher: Got 1 result" in answer.answer


async def test_the_last_run_of_all_is_looked_for_where_no_job_is_named() -> None:
    listed, path = calls(await told("real", "critical path of the last run"))

    assert listed == ("list_runs", {"run_status": ["success", "failure"], "limit": 1})
    assert path == ("critical_path", {"run_id": "5570853699560538"})


async def test_the_figure_asked_for_is_said() -> None:
    answer = await told("generated", "how many models does each project have?")

    assert "- 52 (Finance Analytics)" in answer.answer


PARTS = [
    (
        "Longest jobs yesterday, and the 5 slowest models in Marketing",
        [
            ("longest_running_jobs", {"period": "yesterday"}),
            ("slowest_models", {"limit": 5, "projects": ["Marketing"]}),
        ],
    ),
    (
        "For marketing, which models failed and which tests are flaky?",
        [("failing_models", {"projects": ["Marketing"]}), ("flaky_tests", {"projects": ["Marketing"]})],
    ),
    (
        "which models are slow and which tests fail, both in growth",
        [("slowest_models", {"projects": ["Product Growth"]}), ("failing_tests", {"projects": ["Product Growth"]})],
    ),
    (
        "which models are slowest and which jobs failed last week",
        [("slowest_models", {}), ("failed_runs", {"period": "last_week"})],
    ),
    (
        "compare marketing and finance job run times last week",
        [("longest_running_jobs", {"period": "last_week", "projects": ["Marketing", "Finance Analytics"]})],
    ),
]


@pytest.mark.parametrize(("question", "made"), PARTS, ids=[part[0] for part in PARTS])
async def test_each_question_of_several_keeps_its_own_filters(question: str, made: list[Any]) -> None:
    assert calls(await told("generated", question)) == made
