"""Progress on a terminal: on stderr, only while a fetch takes a while, and gone afterwards."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import Progress
from dbt_discovery.progress import hearer, told
from dbt_discovery_web.cli.progress import progress_shown

from tests.conftest import NOW
from tests.servers.sandbox_server import SandboxServer, sandbox_server

END = "[that is all]"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
REPORT = ("report", "list_models", "--limit", "2")


class Terminal:
    """A terminal that somebody looks at: all that was written to it."""

    def __init__(self) -> None:
        self._master, self.end = pty.openpty()
        self.before = termios.tcgetattr(self.end)
        self._written = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._came = threading.Condition()
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                some = os.read(self._master, 4096)
            except OSError:
                return
            with self._came:
                self._written += some
                self._came.notify_all()
            if not some:
                return

    @property
    def text(self) -> str:
        return self._written.decode()

    def wait_for(self, words: str) -> None:
        with self._came:
            assert self._came.wait_for(lambda: words in self.text, 15), self.text

    def shown(self) -> str:
        """All that was written up to now."""
        os.write(self.end, END.encode())
        self.wait_for(END)
        return self.text.removesuffix(END)

    def close(self) -> None:
        os.close(self.end)
        self._reader.join(10)
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


@pytest.fixture(scope="module")
def large() -> Iterator[SandboxServer]:
    """An account whose models take several pages, each of which takes its time."""
    with sandbox_server(sandbox.generated_world(now=lambda: NOW, models=3000)) as server:
        server.world.runs()
        yield server


@contextmanager
def started(server: SandboxServer, terminal: Terminal, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command as a person runs it whose stdout goes into a pipe."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "XDG_DATA_HOME", "DBT_DISCOVERY_NOW", "PYTHONPATH")
        if name in os.environ
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dbt_discovery_web", *arguments],
        env=kept | server.environment() | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
        stdin=terminal.end,
        stdout=subprocess.PIPE,
        stderr=terminal.end,
        text=True,
        # Started in the background by a shell, the tests ignore Ctrl-C, and what they start would too.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


@pytest.mark.parametrize("arguments", [(*REPORT, "--json"), ("ask", "--json", "which models are slowest?")])
def test_a_long_fetch_is_shown_on_the_terminal_and_leaves_data_alone(
    arguments: tuple[str, ...], large: SandboxServer, terminal: Terminal
) -> None:
    large.faults.latency = 0.3
    with started(large, terminal, *arguments) as process:
        data, _ = process.communicate(timeout=60)
    shown = terminal.shown()
    assert process.returncode == 0, shown
    answer = json.loads(data)
    assert (answer["reports"][0] if "reports" in answer else answer)["name"] in ("list_models", "slowest_models")
    assert re.search(r"models: [\d,]+ of [\d,]+ models", shown)
    assert shown.count(HIDE) == shown.count(SHOW) == 1
    after = shown.rsplit(SHOW, 1)[1]
    assert "models" not in after
    assert "\x1b[2K" in shown  # the line of the bar is wiped


def test_stopping_in_the_middle_leaves_the_terminal_as_it_was(large: SandboxServer, terminal: Terminal) -> None:
    large.faults.latency = 0.5
    with started(large, terminal, *REPORT) as process:
        terminal.wait_for("models: ")
        process.send_signal(signal.SIGINT)
        data, _ = process.communicate(timeout=30)
    assert termios.tcgetattr(terminal.end) == terminal.before
    shown = terminal.shown()
    assert process.returncode == 130
    assert data == ""
    assert shown.count(HIDE) == shown.count(SHOW) == 1
    assert "Traceback" not in shown


def test_nothing_is_shown_where_stderr_is_no_terminal(
    large: SandboxServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_shown(patience=0):
        assert hearer() is None
    assert capsys.readouterr() == ("", "")


@contextmanager
def looked_at(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process writes its stderr to a terminal; pytest sets its own again for each test, after the fixtures."""
    with os.fdopen(os.dup(terminal.end), "w") as stderr, monkeypatch.context() as given:
        given.setenv("TERM", "xterm-256color")
        given.setenv("COLUMNS", "80")
        given.setattr(sys, "stderr", stderr)
        yield


def test_several_things_are_several_bars_and_an_unknown_total_is_a_count(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with looked_at(terminal, monkeypatch), progress_shown(patience=0):
        told("models", "model", 500, 1000)
        told("runs", "run", 4200)
        terminal.wait_for("runs: 4,200 runs")
        told("models", "model", 1000, 1000)
        terminal.wait_for("models: 1,000 of 1,000 models")
    assert re.search(r"models: 500 of 1,000 models *\r?\n[^\n]*runs: 4,200 runs", terminal.shown())


def test_what_is_over_soon_is_never_shown(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with looked_at(terminal, monkeypatch), progress_shown(patience=30):
        told("models", "model", 500, 1000)
        told("models", "model", 1000, 1000)
    assert terminal.shown() == ""


def test_a_step_that_comes_too_late_is_no_matter(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with looked_at(terminal, monkeypatch), progress_shown(patience=0):
        late = hearer()
    assert late is not None
    late(Progress("models", "model", 500, 1000))
    assert terminal.shown() == ""


def test_the_bar_is_taken_away_when_the_command_fails(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> None:
        with looked_at(terminal, monkeypatch), progress_shown(patience=0):
            told("models", "model", 500, 1000)
            terminal.wait_for("models: 500")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert SHOW in terminal.shown()


def test_what_is_logged_meanwhile_stands_on_a_line_of_its_own(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    import logging

    from dbt_discovery_web.cli.session import WhateverStderrIs

    log = logging.Logger("apart")
    log.addHandler(WhateverStderrIs())
    with looked_at(terminal, monkeypatch):
        with progress_shown(patience=0):
            told("models", "model", 500, 1000)
            terminal.wait_for("models: 500")
            log.warning("Redis is gone.")
        log.warning("Redis is back.")
    shown = terminal.shown()
    assert "\x1b[2KRedis is gone.\r\n" in shown
    assert shown.endswith("Redis is back.\r\n")
