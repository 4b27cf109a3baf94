"""Pages: answers given before, given again as they are while nothing has changed.

What an answer says follows from the question, the state of the world, the oddities of the deployment and, in the Admin
API, the time of day: the duration of an unfinished run grows, and "2 minutes, 5 seconds ago" grows old. That API
therefore tells time in whole seconds, and its pages are kept for the second they were made in; under a fixed clock
that is for good. The state of the world is the very object in which it shows its runs: a run that appears, changes or
finishes makes another.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime

from starlette.responses import Response

from dbt_cloud_sandbox.memory import Memory
from dbt_cloud_sandbox.world import World

KEPT_BYTES = 64 * 1024 * 1024


class Pages:
    """The answers of one API.

    Args:
        world: Whose answers they are.
        clock: The time an answer depends on besides the state; none when it does not.
    """

    def __init__(self, world: World, clock: Callable[[], datetime] | None = None) -> None:
        self._world, self._clock = world, clock
        self._state: tuple[object, datetime | None] = (None, None)
        self._kept: Memory[Response] = Memory(KEPT_BYTES, lambda response: len(response.body))

    def answer(self, key: Hashable, make: Callable[[], Response]) -> Response:
        """The answer to the question with that key: the bytes of before, or made now."""
        runs, moment = self._world.runs(), self._clock() if self._clock else None
        if runs is not self._state[0] or moment != self._state[1]:
            self._kept.forget()
            self._state = (runs, moment)
        kept = self._kept.get(key, make)
        return Response(kept.body, kept.status_code, media_type=kept.media_type)
