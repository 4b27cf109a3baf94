"""A process of its own that asks an account, as the environment names it, about sixty days.

It says `ready`, begins when it is told to on standard input, and prints what it found as JSON.
"""

from __future__ import annotations

import json
import sys

from dbt_discovery import DbtAccount
from dbt_discovery.services import run_lists

__all__ = ["ask"]

PERIOD = "last_60_days"
_TIMES = 3


def ask(times: int) -> list[dict[str, object]]:
    """The report as rows; asked several times, each time for what is newest."""
    with DbtAccount.from_env() as account:
        for _ in range(times):
            report = account.run_report("longest_running_jobs", period=PERIOD, limit=100, refresh=True)
            runs = account.get_runs(limit=100)
        return [*report.rows, {"coverage": report.coverage.considered}, {"newest": [run.run_id for run in runs]}]


if __name__ == "__main__":
    run_lists._RUNS = 500  # so that sixty days are several lists
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(ask(_TIMES if "often" in sys.argv else 1), default=str), flush=True)
