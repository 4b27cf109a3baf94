"""Request ids: what a response, a problem and the log have in common."""

from __future__ import annotations

import logging
import re
import time
from random import getrandbits
from urllib.parse import quote

__all__ = ["log_request", "request_id"]

logger = logging.getLogger("dbt_discovery_web.access")

_PLAIN = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def request_id(given: bytes) -> bytes:
    """The client's own `X-Request-ID` where it is a plain word, else a new one."""
    return given if given and _PLAIN.fullmatch(given) else b"%032x" % getrandbits(128)


def log_request(method: str, path: str, status: int, began: float, request: bytes) -> None:
    """Writes the line of a request that began then, by `time.perf_counter`, where the log is kept from INFO on."""
    if logger.isEnabledFor(logging.INFO):
        took = 1000 * (time.perf_counter() - began)
        logger.info("%s %s: %d in %.1f ms, request %s", method, quote(path), status, took, request.decode())
