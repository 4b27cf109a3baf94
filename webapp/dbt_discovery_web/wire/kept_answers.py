"""Kept answers: bytes of answers about the account, given again while nothing that they rest on has changed.

Each is kept under its address, with the query in one order, and what the request accepts; for no longer than anything
that it rests on is fresh, and for a minute at most: rolling periods end now. It is given only at the standpoint from
which it was worked out: of the same projects, on the same day, and after the same renewals and invalidations.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from urllib.parse import parse_qsl

from dbt_discovery_web.wire.answer import Answer

__all__ = ["Kept", "KeptAnswers", "Key", "key_of"]

Origin = tuple[str, str]
"""A scheme and a host."""
Key = tuple[str, Hashable, bytes, Origin]

_PATHS = ("/reports/", "/projects", "/jobs", "/models", "/runs", "/account/", "/cards/")
"""What every path begins with that answers out of the account, and of nothing else."""
_OWN_EACH_TIME = frozenset({"refresh", "statistics"})
"""Parameters that ask for an answer of one's own: a new one, or one that says what it took."""
_KEY_LENGTH = 2048
_LONGEST = 60.0
"""Seconds for which an answer is given again at most."""
_MAX_BYTES = 32 * 2**20
_MOST = 2048
"""Requests whose answers are known."""
_OVERHEAD = 4096
"""Bytes that an answer takes beside its own: its headers in each coding, and its place."""
_by_name = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """That an answer may be given again.

    Attributes:
        digest: Which.
        standpoint: What it depends on besides the request.
        route: The path of the route that gave it, for whoever counts requests.
        since: When it was given first.
        until: Until when it may be given.
    """

    digest: str
    standpoint: Hashable
    route: str
    since: float
    until: float


class KeptAnswers:
    """The latest answers, in the codings that they were asked for in, and which of them may be given again.

    Args:
        max_bytes: Most memory for them, near enough; the least recently used go first.
        timer: Seconds that only go forward.

    Attributes:
        bytes: What they take, near enough.
        given: How often one was given again.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES, timer: Callable[[], float] = time.monotonic) -> None:
        self.bytes = self.given = 0
        self._max_bytes, self._timer = max_bytes, timer
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._answers: OrderedDict[str, tuple[Answer, int]] = OrderedDict()

    def find(self, key: Key) -> tuple[Answer, Kept] | None:
        """The answer to a request, if its time has not come."""
        kept = self._kept.get(key)
        if kept is None or self._timer() >= kept.until or kept.digest not in self._answers:
            return None
        self._answers.move_to_end(kept.digest)
        return self._answers[kept.digest][0], kept

    def keep(self, key: Key, answer: Answer, standpoint: Hashable, route: str, seconds: float) -> None:
        """Lets an answer be given again to a request for so many seconds."""
        now = self._timer()
        self._kept.pop(key, None)
        self._kept[key] = Kept(answer.digest, standpoint, route, now, now + min(seconds, _LONGEST))
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def age(self, kept: Kept) -> int:
        """Whole seconds since an answer was given first."""
        return int(self._timer() - kept.since)

    def same(self, answer: Answer) -> Answer:
        """The answer that is equal to a new one, with what was compressed of it before; itself, where there is none."""
        if (known := self._answers.get(answer.digest)) is not None:
            self._answers.move_to_end(answer.digest)
            return known[0]
        self.weigh(answer)
        return answer

    def weigh(self, answer: Answer) -> None:
        """Finds room for an answer that is new, or known in one more coding."""
        _, before = self._answers.pop(answer.digest, (answer, 0))
        weight = answer.weight + _OVERHEAD
        self.bytes -= before
        if weight > self._max_bytes:
            return
        self._answers[answer.digest] = answer, weight
        self.bytes += weight
        while self.bytes > self._max_bytes:
            _, (_, freed) = self._answers.popitem(last=False)
            self.bytes -= freed


def key_of(path: str, query: bytes, accept: bytes, origin: Origin = ("", "")) -> Key | None:
    """What the answer to a request is kept under: parameters by name, the values of one in their order.

    None where it is not to be kept.

    Args:
        path: What is asked for.
        query: With which parameters.
        accept: In which forms.
        origin: Where, for an answer may hold its own address.
    """
    if not path.startswith(_PATHS) or len(path) + len(query) + len(accept) + len(origin[1]) > _KEY_LENGTH:
        return None
    return _key(path, query, accept, origin)


@lru_cache(maxsize=_MOST)
def _key(path: str, query: bytes, accept: bytes, origin: Origin) -> Key | None:
    parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    if any(name in _OWN_EACH_TIME for name, _ in parameters):
        return None
    return path, tuple(sorted(parameters, key=_by_name)), accept, origin
