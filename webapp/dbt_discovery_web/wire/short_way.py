"""The short way: a request whose answer is kept gets its bytes before any route is looked for.

On it stand the same checks as on the long way, and its responses have the same headers: the host has to be ours, the
request gets its id, is counted under the route that would have answered, and has its line in the log.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from dbt_discovery_web.hosts import Hosts
from dbt_discovery_web.request_ids import log_request, request_id
from dbt_discovery_web.wire.headers import UNCHANGED
from dbt_discovery_web.wire.kept_answers import KeptAnswers, Key, key_of
from dbt_discovery_web.wire.wishes import Wishes

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount
    from starlette.types import Scope, Send

    from dbt_discovery_web.request_figures import RequestFigures

__all__ = ["ShortWay"]

_REMEMBERED = 128
"""Requests that need not be read again: clients ask for the same in the same words."""


class ShortWay:
    """Answers GET and HEAD from what is kept.

    Args:
        account: Says from which standpoint it answers now.
        answers: What is kept.
        hosts: What the server answers to.
        figures: Where requests are counted.
    """

    def __init__(self, account: DbtAccount, answers: KeptAnswers, hosts: Hosts, figures: RequestFigures) -> None:
        self._account, self._answers, self._hosts, self._figures = account, answers, hosts, figures
        self._read = lru_cache(maxsize=_REMEMBERED)(self._read_anew)

    async def answers(self, scope: Scope, send: Send) -> bool:
        """Answers a request, if that can be done here."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return False
        began = time.perf_counter()
        read = self._read(scope["scheme"], scope["path"], scope["query_string"], tuple(map(tuple, scope["headers"])))
        found = self._answers.find(read[0]) if read else None
        if read is None or found is None:
            return False
        (answer, kept), wishes = found, read[1]
        coding = answer.coding(wishes.coding)
        if not answer.is_in(coding) or kept.standpoint != await self._account.standpoint():
            return False
        own = request_id(wishes.request_id)
        if answer.is_known(coding, wishes.known):
            status, head, body = UNCHANGED, answer.head_of_unchanged(coding), b""
        else:
            status, head, body = 200, answer.head(coding), answer.body(coding)
        headers = [*head, (b"age", b"%d" % self._answers.age(kept)), (b"x-request-id", own)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})
        self._answers.given += 1
        self._figures.count(scope["method"], kept.route, status, began)
        log_request(scope["method"], scope["path"], status, began, own)
        return True

    def _read_anew(
        self, scheme: str, path: str, query: bytes, headers: tuple[tuple[bytes, bytes], ...]
    ) -> tuple[Key, Wishes] | None:
        """Under what the answer to a request is kept, and how it is wanted; None where it has to go the long way."""
        wishes = Wishes.of(headers)
        key = key_of(path, query, wishes.accept, (scheme, wishes.host))
        return (key, wishes) if key and self._hosts.answers_to(wishes.host) else None
