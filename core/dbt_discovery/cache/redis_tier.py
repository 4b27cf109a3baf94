"""Redis as the second tier of the cache.

Keys, in which accounts and questions are digests:

    dbt-discovery:1:<account>:dropped            when each scope was last invalidated, and `since` when that is known
    dbt-discovery:1:<account>:<scope>:<digest>   an answer; with `:turn` behind it, who asks for it

All moments are Redis's own. An answer counts if it was asked for after its scope was last invalidated, and since Redis
last lost its memory, or evicted that key of it: what had been invalidated before is lost with it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dbt_discovery.cache.packing import Packed, pack, unpack
from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.cache.redis_turn import RedisTurns
from dbt_discovery.cache.tier import SharedEntry, SharedKey

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["PREFIX", "RedisTier"]

PREFIX = "dbt-discovery:1"
"""What the names of all keys begin with; the number is that of the form in which answers are kept."""
_SINCE = "since"
_LONGEST = 86_400.0
"""Most seconds for which an answer is kept. An invalidation is remembered for twice as long."""
_LARGEST = 16 * 2**20
"""Most bytes of an answer, packed."""
_AT_ONCE = 100
"""Most answers in one round trip."""
_LOOK = 1.0
"""Seconds between two looks for what other processes invalidated."""

_REMEMBER = f"""
local function now()
  local t = redis.call('TIME')
  return t[1] + t[2] / 1000000
end
local function text(moment) return string.format('%.17g', moment) end
local remembered = {int(2 * _LONGEST)}
"""
_NOW = f"""{_REMEMBER}
local moment = now()
local since = tonumber(redis.call('HGET', KEYS[1], '{_SINCE}') or '')
if not since or since > moment then -- new, or its clock was set back
  redis.call('HSET', KEYS[1], '{_SINCE}', text(moment))
end
redis.call('EXPIRE', KEYS[1], remembered)
return text(moment)
"""
_INVALIDATE = f"""{_REMEMBER}
local before = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '') or 0
local moment = text(math.max(now(), before + 0.000001)) -- also where Redis's clock was set back
redis.call('HSET', KEYS[1], ARGV[1], moment)
redis.call('EXPIRE', KEYS[1], remembered)
return moment
"""
_PUT = f"""{_REMEMBER}
local asked = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local head = redis.call('GETRANGE', key, 0, 7)
  local known = #head == 8 and struct.unpack('>d', head) or 0
  if not (known > asked and known <= now()) then redis.call('SET', key, ARGV[i + 2], 'PX', ARGV[2]) end
end
return 1
"""
"""Keeps what is no older than the entry there is; one of the future was written before the clock was set back."""

logger = logging.getLogger(__name__)


class RedisTier:
    """Answers and flights in Redis, for all processes that share it: see `SharedTier` for what each method promises.

    Args:
        link: The Redis; closed with the tier.
        timer: Seconds that only go forward.
    """

    def __init__(self, link: RedisLink, *, timer: Callable[[], float] = time.monotonic) -> None:
        self._link = link
        self._timer = timer
        self._turns = RedisTurns(link, timer)
        self._owed: set[tuple[str, str]] = set()
        self._seen: dict[str, dict[str, float]] = {}
        self._looked: dict[str, float] = {}

    async def now(self, account: str) -> float | None:
        """Seconds on Redis's clock; None while it is away."""
        moment = await self._link.run(_NOW, [_dropped(account)], [], None)
        return None if moment is None else float(moment)

    async def get(self, keys: Sequence[SharedKey]) -> Mapping[SharedKey, SharedEntry]:
        """The entries that Redis has of those keys, in one round trip for each hundred."""
        await self._settle()
        found: dict[SharedKey, SharedEntry] = {}
        trusted = [key for key in keys if not {(key.account, key.scope), (key.account, "all")} & self._owed]
        for account, own in _by_account(trusted).items():
            for some in _portions(own):
                found |= await self._get(account, some)
        return found

    async def put(
        self, entries: Mapping[SharedKey, tuple[Any, bool]], as_of: datetime, asked_at: float | None, keep: float
    ) -> None:
        """Keeps bodies for so many seconds, a day at most.

        Not kept is what was asked for while Redis was away, since nobody knows what was invalidated meanwhile; what is
        older than the entry there is; and what takes more than 16 MiB. `get` leaves out what was invalidated since.
        """
        milliseconds = int(min(keep, _LONGEST) * 1000)
        if asked_at is None or milliseconds < 1:
            return
        await self._settle()
        data = await asyncio.to_thread(_packed, entries, as_of, asked_at)
        for some in _portions(list(data)):
            values = [data[key] for key in some]
            await self._link.run(_PUT, [_name(key) for key in some], [repr(asked_at), milliseconds, *values], None)

    def flight(self, key: SharedKey) -> AbstractAsyncContextManager[None]:
        """The turn to ask for something, waited for up to a minute; it is free ten seconds after its process died."""
        return self._turns.turn(f"{_name(key)}:turn")

    async def invalidated(self, account: str) -> frozenset[str]:
        """What other processes invalidated since this was last asked. It looks once a second at most."""
        now = self._timer()
        if now < self._looked.get(account, now - _LOOK) + _LOOK:
            return frozenset()
        self._looked[account] = now
        await self._settle()
        dropped = await self._link.ask(lambda redis: redis.hgetall(_dropped(account)), None)
        if dropped is None:  # whatever is invalidated before Redis is back is news
            self._seen.setdefault(account, {})
            return frozenset()
        moments = _moments(dropped)
        seen = self._seen.setdefault(account, dict(moments))
        news = {scope: moment for scope, moment in moments.items() if moment > seen.get(scope, 0.0)}
        seen |= news
        return frozenset(news)

    async def invalidate(self, account: str, scope: str) -> None:
        """Drops a scope, or all, for every process; while Redis is away, as soon as it is back."""
        self._owed.add((account, scope))
        await self._settle()

    async def aclose(self) -> None:
        """Gives back every turn that is over, and closes every connection."""
        await self._turns.aclose()
        await self._link.aclose()

    async def _settle(self) -> None:
        """Tells Redis what was invalidated here and it does not know yet: before that, it may give what was dropped."""
        for account, scope in tuple(self._owed):
            moment = await self._link.run(_INVALIDATE, [_dropped(account)], [scope], None)
            if moment is not None:
                self._owed.discard((account, scope))
                seen = self._seen.setdefault(account, {})
                seen[scope] = max(float(moment), seen.get(scope, 0.0))

    async def _get(self, account: str, keys: Sequence[SharedKey]) -> dict[SharedKey, SharedEntry]:
        async def read(redis: Redis) -> list[Any]:
            async with redis.pipeline(transaction=False) as pipeline:
                pipeline.mget([_name(key) for key in keys])  # first: what is invalidated after it is seen all the same
                pipeline.hgetall(_dropped(account))
                pipeline.time()
                return await pipeline.execute()

        answer = await self._link.ask(read, None)
        if answer is None or not any(answer[0]):
            return {}
        values, dropped, (seconds, microseconds) = answer
        moments, since = _moments(dropped), float(dropped.get(_SINCE.encode(), math.inf))
        now = seconds + microseconds / 1_000_000
        found = {}
        for key, packed in zip(keys, await asyncio.to_thread(_unpacked, values), strict=True):
            gone = max(moments.get("all", 0.0), moments.get(key.scope, 0.0))
            if packed is not None and since <= packed.asked_at <= now and packed.asked_at > gone:
                age = now - packed.asked_at
                found[key] = SharedEntry(packed.body, packed.complete, packed.as_of, packed.asked_at, age)
        return found


def _packed(entries: Mapping[SharedKey, tuple[Any, bool]], as_of: datetime, asked_at: float) -> dict[SharedKey, bytes]:
    """The bytes of all bodies that can be shared."""
    every = {key: pack(Packed(body, complete, as_of, asked_at)) for key, (body, complete) in entries.items()}
    shared = {key: data for key, data in every.items() if data is not None and len(data) <= _LARGEST}
    if len(shared) < len(every):
        logger.debug("Not shared for their size or their form: %d of %d answers", len(every) - len(shared), len(every))
    return shared


def _unpacked(values: Iterable[bytes | None]) -> list[Packed | None]:
    return [unpack(value) if value else None for value in values]


def _by_account(keys: Iterable[SharedKey]) -> dict[str, list[SharedKey]]:
    """The keys of each account, each once."""
    accounts: dict[str, list[SharedKey]] = defaultdict(list)
    for key in dict.fromkeys(keys):
        accounts[key.account].append(key)
    return accounts


def _portions(keys: Sequence[SharedKey]) -> Iterator[Sequence[SharedKey]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


def _moments(dropped: Mapping[Any, Any]) -> dict[str, float]:
    """When each scope was last invalidated."""
    return {name: float(moment) for scope, moment in dropped.items() if (name := scope.decode()) != _SINCE}


def _name(key: SharedKey) -> str:
    return f"{PREFIX}:{key.account}:{key.scope}:{key.digest}"


def _dropped(account: str) -> str:
    return f"{PREFIX}:{account}:dropped"
