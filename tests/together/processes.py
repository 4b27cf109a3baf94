"""Processes that ask, each with an account of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["QUESTIONS", "Asker", "Call", "Named", "asker", "reports"]

Named = tuple[str, dict[str, Any]]
"""A report and its arguments."""
Call = tuple[str, Sequence[Any], dict[str, Any]]
"""A method of the account, or an attribute, and what it is given."""

QUESTIONS: list[Named] = [
    ("longest_running_jobs", {"period": "last_30_days"}),
    ("slowest_models", {}),
    ("slowest_models", {"period": "last_week"}),
    ("list_models", {}),
    ("failed_runs", {"period": "last_week"}),
]
"""A report of every kind: over days of runs, models of environments, results of runs, single runs."""

_PATIENCE = 60.0
_ROOT = Path(__file__).parents[2]


class Asker:
    """A process with an account of its own, which does as it is told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def log(self) -> str:
        """What it has said on stderr so far."""
        return "".join(self._lines)

    @property
    def warnings(self) -> list[str]:
        """What it has warned of so far."""
        return [line for line in self._lines if not line.startswith("INFO ")]

    def begin(self, *calls: Call) -> None:
        """Tells it what to call, one after the other; `end` brings what came of it."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(calls) + "\n")
        self._process.stdin.flush()

    def end(self) -> list[Any]:
        """What came of what was begun."""
        assert self._process.stdout
        late = threading.Timer(_PATIENCE, self._process.kill)
        late.start()
        try:
            line = self._process.stdout.readline()
        finally:
            late.cancel()
        assert line, self.log
        answer: list[Any] = json.loads(line)
        return answer

    def call(self, what: str, *given: Any, **named: Any) -> Any:
        """What one method gives."""
        self.begin((what, given, named))
        return self.end()[0]

    def ask(self, *questions: Named) -> list[Any]:
        """The reports that answer some questions, one after the other."""
        self.begin(*reports(*questions))
        return self.end()

    def meet(self) -> None:
        """Waits until it is there, so that it begins at once when it is told to."""
        self.call("account_id")

    def close(self) -> None:
        """Lets it end by itself, and makes it where it does not."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.close()
            self._process.wait(_PATIENCE)
        finally:
            self.kill()
            self._process.stdout.close()

    def kill(self) -> None:
        """Ends it with no time to say goodbye."""
        self._process.kill()
        self._process.wait()
        self._reading.join()

    def _read(self) -> None:
        assert self._process.stderr
        with self._process.stderr as stream:
            for line in stream:
                self._lines.append(line)


@contextmanager
def asker(variables: dict[str, str]) -> Iterator[Asker]:
    """A process that asks for as long as this is open, with no variables but those given."""
    paths = [str(_ROOT), *filter(None, sys.path)]
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths), "HOME": str(Path.cwd())}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.together.child"],
        env=kept | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    found = Asker(process)
    try:
        yield found
    finally:
        found.close()


def reports(*questions: Named) -> list[Call]:
    """The calls that ask for reports."""
    return [("arun_report", [name], arguments) for name, arguments in questions]
