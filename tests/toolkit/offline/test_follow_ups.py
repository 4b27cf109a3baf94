"""Questions that lean on the one before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.toolkit.conftest import Ask

JOBS, MODELS, FAILED, LIST_JOBS = "dbt_longest_running_jobs", "dbt_slowest_models", "dbt_failed_runs", "dbt_list_jobs"

FIRST = "what were the longest-running jobs last week"
THREADS: list[tuple[list[str], str, dict[str, Any]]] = [
    ([FIRST, "and the week before?"], JOBS, {"period": "2026-11-02/2026-11-08"}),
    ([FIRST, "and the week before?", "and before that?"], JOBS, {"period": "2026-10-26/2026-11-01"}),
    ([FIRST, "only finance"], JOBS, {"period": "last_week", "projects": ["Finance Analytics"]}),
    ([FIRST, "what about max?"], JOBS, {"period": "last_week", "order_by": "max"}),
    ([FIRST, "top 3"], JOBS, {"period": "last_week", "limit": 3}),
    ([FIRST, "only finance", "same for marketing"], JOBS, {"period": "last_week", "projects": ["Marketing"]}),
    ([FIRST, "last month instead"], JOBS, {"period": "last_month"}),
    ([FIRST, "over the last 5 runs"], JOBS, {"last_n_runs": 5}),
    ([FIRST, "and the models?"], MODELS, {"period": "last_week"}),
    ([FIRST, "over 10 minutes"], JOBS, {"period": "last_week", "min_runtime": 600.0}),
    (
        [FIRST, "without marketing"],
        JOBS,
        {"period": "last_week", "projects": ["Marketing"], "include_or_exclude": "exclude"},
    ),
    ([FIRST, "what failed?"], FAILED, {}),
    ([FIRST, "and what failed?"], FAILED, {"period": "last_week"}),
    (["longest jobs last month", "and the month before?"], JOBS, {"period": "2026-09-01/2026-09-30"}),
    (["what failed yesterday", "and the day before?"], FAILED, {"period": "2026-11-16"}),
    (["slowest models", "in finance", "tagged pii"], MODELS, {"projects": ["Finance Analytics"], "tags": ["pii"]}),
    (["list jobs", "sort by runtime"], LIST_JOBS, {"order_by": "runtime"}),
    (["which models are failing", "which jobs are there"], LIST_JOBS, {}),
    ([FIRST, "thanks", "top 3"], JOBS, {"period": "last_week", "limit": 3}),
]


@pytest.mark.parametrize(("questions", "tool", "arguments"), THREADS, ids=[" | ".join(each[0]) for each in THREADS])
async def test_a_follow_up_changes_what_it_says_and_keeps_the_rest(
    ask: Ask, questions: list[str], tool: str, arguments: dict[str, Any]
) -> None:
    reply = await ask(*questions)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(tool, arguments)]


async def test_a_follow_up_with_nothing_before_it_is_not_understood(ask: Ask) -> None:
    reply = await ask("and the week before?")

    assert not reply.tool_calls
    assert "You can ask me for" in reply.text
