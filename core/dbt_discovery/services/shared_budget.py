"""Budgets that several processes share: what all of them ask of an API in a minute, and its silence after a 429."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Protocol

from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.cache.redis_tier import PREFIX
from dbt_discovery.services.budget import MINUTE

__all__ = ["RedisBudget", "Room", "SharedBudget"]

_ENTER = """
local rest = redis.call('PTTL', KEYS[2])
if rest > 0 then return {0, rest * 1000} end
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local last = tonumber(redis.call('LINDEX', KEYS[1], 0) or '')
if last and last > now + window then redis.call('DEL', KEYS[1]) end -- Redis's clock was set back
while tonumber(redis.call('LINDEX', KEYS[1], -1) or now) <= now - window do redis.call('RPOP', KEYS[1]) end
local blocking = redis.call('LINDEX', KEYS[1], most - 1)
if blocking then return {blocking + window - now, 0} end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], window / 1000)
return {0, 0}
"""
_SILENCE = """
if redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1
"""


@dataclass(frozen=True, slots=True)
class Room:
    """Whether a request may go.

    Attributes:
        wait: How long to wait before asking again; no time where it may go, and then it counts as sent.
        silence: For how much longer the API is to be left alone altogether, since some process got a 429.
    """

    wait: timedelta = timedelta()
    silence: timedelta = timedelta()


class SharedBudget(Protocol):
    """What all processes ask of an API. None of its methods raises: out of reach, it lets everything go."""

    async def enter(self, address: str, per_minute: int) -> Room:
        """Whether one more request may go to the API at an address, which takes so many in any one minute."""

    async def silence(self, address: str, wait: timedelta) -> None:
        """Lets all processes leave the API at an address alone, for so long at least."""


class RedisBudget:
    """Budgets in Redis: a list of the moments at which requests went, newest first, on Redis's clock.

    Processes may have been given different numbers: each keeps to its own, and counts what all have sent.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def enter(self, address: str, per_minute: int) -> Room:
        """Whether one more request may go."""
        window = MINUTE // timedelta(microseconds=1)
        wait, silence = await self._link.run(_ENTER, [_sent(address), _silence(address)], [per_minute, window], (0, 0))
        return Room(timedelta(microseconds=wait), timedelta(microseconds=silence))

    async def silence(self, address: str, wait: timedelta) -> None:
        """Lets all processes leave the API alone; a shorter silence does not end a longer one."""
        milliseconds = wait // timedelta(milliseconds=1)
        if milliseconds > 0:
            await self._link.run(_SILENCE, [_silence(address)], [milliseconds], None)


def _sent(address: str) -> str:
    return f"{_name(address)}:sent"


def _silence(address: str) -> str:
    return f"{_name(address)}:silence"


def _name(address: str) -> str:
    return f"{PREFIX}:api:{sha256(address.encode()).hexdigest()}"
