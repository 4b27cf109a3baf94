"""Progress on a terminal: what is being fetched, as bars on stderr for as long as it takes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt_discovery import Progress
    from rich.progress import Progress as Display
    from rich.progress import TaskID

__all__ = ["PATIENCE", "progress_shown"]

PATIENCE = 0.3
"""Seconds that a fetch goes on before it is shown: what is over sooner would only flicker."""

_BAR_WIDTH = 24


@contextmanager
def progress_shown(patience: float = PATIENCE) -> Iterator[None]:
    """Shows how far the fetches inside have come, if stderr is a terminal; nothing of it stays there afterwards."""
    if not sys.stderr.isatty():
        yield
        return
    from dbt_discovery import watch

    bars = _Bars(patience)
    try:
        with watch(bars.hear):
            yield
    finally:
        bars.close()


class _Bars:
    """A bar for each thing that is fetched.

    It hears from the account's loop, appears by a timer's thread, and ends on the command's: hence the lock.
    """

    def __init__(self, patience: float) -> None:
        self._changing = Lock()
        self._steps: dict[str, Progress] = {}
        self._bars: dict[str, TaskID] = {}
        self._display: Display | None = None
        self._timer = Timer(patience, self._appear)
        self._timer.daemon = True

    def hear(self, step: Progress) -> None:
        """Shows a step, or keeps it until bars are shown."""
        with self._changing:
            if not self._steps:
                self._timer.start()
            self._steps[step.what] = step
            if self._display:
                self._draw(self._display, step)

    def close(self) -> None:
        """Takes the bars away, and shows none any more."""
        self._timer.cancel()
        with self._changing:
            if self._display:
                self._display.stop()

    def _appear(self) -> None:
        display = _display()
        with self._changing:
            if self._timer.finished.is_set():
                return
            self._display = display
            display.start()
            for step in self._steps.values():
                self._draw(display, step)

    def _draw(self, display: Display, step: Progress) -> None:
        if step.what not in self._bars:
            self._bars[step.what] = display.add_task("")
        display.update(self._bars[step.what], description=str(step), completed=step.done, total=step.total)


def _display() -> Display:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Display

    columns = BarColumn(bar_width=_BAR_WIDTH), TextColumn("{task.description}", markup=False)
    # stdout carries data, which must not pass through here; what is logged meanwhile goes above the bars.
    return Display(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
