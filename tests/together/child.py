"""A process with an account of its own: it does what it is told, a line of JSON at a time."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import asdict, is_dataclass
from typing import Any

from dbt_discovery import DbtAccount, DbtDiscoveryError, Report
from dbt_discovery.cache import redis_link
from dbt_discovery.history import store
from dbt_discovery_web.cli.session import log_to_stderr


async def main() -> None:
    """Opens the account that the environment names, and obeys until there is nothing more to do."""
    log_to_stderr("WARNING")
    logging.getLogger("dbt_discovery.cache.redis_link").setLevel(logging.INFO)  # also that Redis is back
    redis_link._LEFT_ALONE = store._AWAY = 0.5  # no test waits a minute for something to be back
    async with DbtAccount.from_env() as account:
        while line := await asyncio.to_thread(sys.stdin.readline):
            results = [await _done(account, *each) for each in json.loads(line)]
            print(json.dumps(results, default=str), flush=True)


async def _done(account: DbtAccount, what: str, given: list[Any], named: dict[str, Any]) -> Any:
    """What came of one call of a method, or the value of an attribute."""
    found = getattr(account, what)
    try:
        return _plain(await found(*given, **named) if callable(found) else found)
    except DbtDiscoveryError as error:
        return {"error": type(error).__name__, "message": str(error)}


def _plain(value: Any) -> Any:
    if isinstance(value, Report):
        return value.to_json()
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


if __name__ == "__main__":
    asyncio.run(main())
