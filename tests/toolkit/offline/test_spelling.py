"""Typos in fixed words and in names, and words that only look like typos."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.spelling import mend
from langchain_dbt_discovery.offline.vocabulary import lexicon_of

from tests.toolkit.conftest import VOCABULARY, Ask

JOBS, MODELS, FAILED = "dbt_longest_running_jobs", "dbt_slowest_models", "dbt_failed_runs"
LIST_MODELS = "dbt_list_models"

TYPOS: list[tuple[str, str, dict[str, Any]]] = [
    ("lognest jbos ths mnth", JOBS, {"period": "this_month"}),
    ("wich modles are slwoest in marketng", MODELS, {"projects": ["Marketing"]}),
    ("what fialed tody in financ", FAILED, {"projects": ["Finance Analytics"], "period": "today"}),
    ("avrage runtme of jobs in octobr", JOBS, {"order_by": "avg", "period": "2026-10-01/2026-10-31"}),
    ("failurs since mondy", FAILED, {"period": "this_week"}),
    ("incremntal models", LIST_MODELS, {"materialization": ["incremental"]}),
]


@pytest.mark.parametrize(("question", "tool", "arguments"), TYPOS, ids=[each[0] for each in TYPOS])
async def test_a_question_with_typos_is_the_question_that_was_meant(
    ask: Ask, question: str, tool: str, arguments: dict[str, Any]
) -> None:
    reply = await ask(question)

    assert [(call["name"], call["args"]) for call in reply.tool_calls] == [(tool, arguments)]


@pytest.mark.parametrize("words", ["we lost the star product", "what the company paused", "filed under media modes"])
def test_a_word_of_its_own_is_left_alone(words: str) -> None:
    phrase = Phrase(words)

    mend(phrase, lexicon_of(VOCABULARY))

    assert phrase.text == words


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("slowest models in project Lasts", {"projects": ["lasts"]}),
        ("slowest models of group modles", {"group": ["modles"]}),
        ('slowest models in "Jbos"', {"projects": ["jbos"]}),
    ],
)
async def test_what_is_called_a_name_is_not_righted_to_a_fixed_word(
    ask: Ask, question: str, arguments: dict[str, Any]
) -> None:
    reply = await ask(question)

    assert reply.tool_calls[0]["args"] == arguments


@pytest.mark.parametrize("question", ["slowest models tagged faild", "list all models with the tag faild"])
async def test_a_tag_that_is_none_is_named_and_not_left_out(ask: Ask, question: str) -> None:
    reply = await ask(question)

    assert not reply.tool_calls
    assert "no tag “faild”" in reply.text
