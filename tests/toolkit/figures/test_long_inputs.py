"""Long and odd texts cost no more than their length: a process of its own reads them, in a time for many times that."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LONGEST = 240.0
"""Seconds for what takes about five: only a time that grows with more than the length comes near."""

ODD = {
    "digits": "7",
    "blanks": " ",
    "commas": ",",
    "dots": ".",
    "quotes": '"',
    "open quotes": "“a ",
    "quotes in quotes": "„“”",
    "dates": "12.11.2026 ",
    "moments": "2026-11-12T14:00",
    "digits and commas": "1,",
    "numbers of lists": "1. ",
    "items": "- 4\n",
    "durations": "4 min and ",
    "clocks": "2:05:",
    "sums": "+1",
    "words of numbers": "hundred and ",
    "bars": "| 1 ",
    "ellipses": "… ",
    "entities": "&#56;",
    "versions": "1.1.1.",
    "paths": "/a",
    "names": "Growth nightly 4 min, ",
    "claims": "is about the ",
    "wishes": "than all the ",
    "commits": "a1",
    "invisible": "\u200b1",
    "thousands": "1\u202f000",
}

GUARD = """
from langchain_core.messages import AIMessage
from langchain_dbt_discovery.figures.middleware import released
from tests.toolkit.figures.jobs import about_jobs

def read(text):
    released(AIMessage(text), about_jobs())
    released(AIMessage("It took 9 min, I say."), about_jobs(text))
"""
OFFLINE = """
from datetime import UTC, datetime
from langchain_core.messages import HumanMessage
from langchain_dbt_discovery import OfflineChatModel
from dbt_cloud_sandbox import transport
from dbt_discovery import DbtAccount, Settings
from langchain_dbt_discovery import DbtDiscoveryToolkit

now = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
account = DbtAccount(transport=transport(now=lambda: now), settings=Settings(fixed_now=now))
model = OfflineChatModel(clock=account.now).bind_tools(DbtDiscoveryToolkit(account).get_tools())

def read(text):
    model.invoke([HumanMessage(text)])
"""


LONG = ("digits", "blanks", "commas", "quotes", "digits and commas")
READ = ("digits", "commas", "open quotes", "dates", "digits and commas", "sums", "entities", "claims")


@pytest.mark.parametrize(
    ("reader", "kinds", "length"),
    [(GUARD, tuple(ODD), 5_000), (GUARD, LONG, 100_000), (OFFLINE, READ, 100_000)],
    ids=["guard", "guard at length", "offline model"],
)
def test_the_time_that_reading_takes_grows_with_the_length(reader: str, kinds: tuple[str, ...], length: int) -> None:
    lines = (
        f"for odd in {[ODD[kind] for kind in kinds]!r}: read((odd * {length})[:{length}]); print(repr(odd), flush=True)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        ended = subprocess.run(
            [sys.executable, "-c", f"{reader}\n{lines}"],
            env=environment,
            timeout=LONGEST,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"It took too long after {error.output or 'the beginning'!s}")
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == len(kinds)
