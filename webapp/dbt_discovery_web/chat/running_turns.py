"""Running turns: each belongs to the server and not to a connection, and goes on only as long as somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dbt_discovery_web.chat.outbox import Outbox, drop_step
from dbt_discovery_web.chat.turn_events import Listener, Stopped, Token, TurnEvent, Withdrawn

if TYPE_CHECKING:
    from dbt_discovery_web.chat.conversation import ChatAnswer

__all__ = ["GRACE", "RunningTurn", "RunningTurns", "Work"]

GRACE = 15.0
"""Seconds that a turn goes on when nobody follows it any more: long enough to load its page again."""

Work = Callable[["RunningTurn"], "Awaitable[ChatAnswer]"]
"""Works an answer out, and tells the turn what happens."""


class RunningTurn:
    """One turn, what has happened in it so far, and who follows it.

    When its last follower has left, it is ended as a time limit ends it, with what is there already kept; one that
    still waits for the turns before it leaves nothing.

    Args:
        work: Works the answer out.
        grace: Seconds that it goes on without a follower.

    Attributes:
        listener: Hears of the turn for all who follow it.
        task: Gives what came of it: the answer, or what went wrong.
    """

    def __init__(self, work: Work, grace: float) -> None:
        self.listener = Listener(self.hear)
        self._grace = grace
        self._told: list[TurnEvent] = []
        self._outcome: ChatAnswer | Exception | None = None
        self._outboxes: set[Outbox] = set()
        self._ending: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[ChatAnswer | Exception] = asyncio.create_task(self._run(work))

    @contextmanager
    def followed(self) -> Iterator[Outbox]:
        """All that happens in the turn, from its beginning, for as long as somebody takes it."""
        outbox = Outbox(self._told)
        if self._outcome:
            outbox.close(self._outcome)
        self._outboxes.add(outbox)
        if self._ending:
            self._ending.cancel()
        try:
            yield outbox
        finally:
            self._outboxes.discard(outbox)
            if not self._outboxes:
                self._leave_alone()

    def hear(self, event: TurnEvent) -> None:
        """Tells all who follow, and all who will."""
        drop_step(self._told, event)
        last = self._told[-1] if self._told else None
        if isinstance(event, Token) and isinstance(last, Token):
            self._told[-1] = Token(text=last.text + event.text)
        else:
            self._told.append(event)
        for outbox in self._outboxes:
            outbox.put(event)

    async def stop(self, cause: type[Withdrawn] = Stopped) -> None:
        """Ends the turn and waits until it has ended, with all that was fetched for it."""
        self._end(cause)
        await asyncio.wait([self.task])

    def _leave_alone(self) -> None:
        if self.task.done():
            return
        if self._grace and self.listener.begun:
            self._ending = asyncio.get_running_loop().call_later(self._grace, self._end, Withdrawn)
        else:
            self._end(Withdrawn)

    def _end(self, cause: type[Withdrawn]) -> None:
        self.listener.leave(cause)
        if not self.listener.begun:
            self.task.cancel()  # nothing of it is in the thread

    async def _run(self, work: Work) -> ChatAnswer | Exception:
        outcome: ChatAnswer | Exception = Withdrawn()  # if it is cancelled
        try:
            outcome = await work(self)
        except Exception as error:
            outcome = error
        finally:
            self._outcome = outcome
            for outbox in self._outboxes:
                outbox.close(outcome)
            if self._ending:
                self._ending.cancel()
        return outcome


class RunningTurns:
    """The turns that run in this process."""

    def __init__(self) -> None:
        self._turns: set[RunningTurn] = set()
        self._in_threads: dict[str, RunningTurn] = {}

    def start(self, work: Work, grace: float = 0.0) -> RunningTurn:
        """Begins a turn; whoever does so follows it from the first."""
        turn = RunningTurn(work, grace)
        self._turns.add(turn)
        turn.task.add_done_callback(lambda task: self._turns.discard(turn))
        return turn

    def of(self, thread_id: str) -> RunningTurn | None:
        """The turn that a thread is in the middle of."""
        return self._in_threads.get(thread_id)

    @contextmanager
    def in_thread(self, thread_id: str, turn: RunningTurn) -> Iterator[None]:
        """Makes a turn the one that a thread is in the middle of."""
        self._in_threads[thread_id] = turn
        try:
            yield
        finally:
            del self._in_threads[thread_id]

    async def close(self) -> None:
        """Ends every turn."""
        await asyncio.gather(*(turn.stop(Withdrawn) for turn in tuple(self._turns)))
