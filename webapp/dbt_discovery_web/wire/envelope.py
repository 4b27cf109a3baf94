"""The envelope: every answer is tagged, compressed as its client likes it, and kept where it may be given again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbt_discovery.cache.freshness import freshness

from dbt_discovery_web.wire.answer import Answer
from dbt_discovery_web.wire.headers import UNCHANGED
from dbt_discovery_web.wire.kept_answers import KeptAnswers, Key, key_of
from dbt_discovery_web.wire.outgoing import Give, Outgoing
from dbt_discovery_web.wire.wishes import Wishes

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Envelope"]

_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since", b"if-range", b"range"})
"""What is decided here, of all answers alike, and not by files for themselves."""


class Envelope:
    """Puts what an app answers into the form for the wire, and keeps what may be given again.

    Args:
        app: The app behind.
        account: Whose answers these are.
        answers: What is kept.
    """

    def __init__(self, app: ASGIApp, account: DbtAccount, answers: KeptAnswers) -> None:
        self._app, self._account, self._answers = app, account, answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wishes = Wishes.of(scope["headers"])
        if scope["method"] != "GET":
            await self._app(scope, receive, Outgoing(send, wishes.coding).send)
            return
        if any(name in _CONDITIONS for name, _ in scope["headers"]):
            scope["headers"] = [each for each in scope["headers"] if each[0] not in _CONDITIONS]

        async def give(answer: Answer) -> None:
            await self._give(self._answers.same(answer), wishes, send)

        key = key_of(scope["path"], scope["query_string"], wishes.accept, (scope["scheme"], wishes.host))
        if key and self._account.caching_strategy.enable_caching:
            await self._keep(key, scope, receive, Outgoing(send, wishes.coding), give)
        else:
            await self._app(scope, receive, Outgoing(send, wishes.coding, give).send)

    async def _keep(self, key: Key, scope: Scope, receive: Receive, outgoing: Outgoing, give: Give) -> None:
        """Keeps the app's answer for as long as all that it rests on will do."""
        place = self._account.place

        async def keep(answer: Answer) -> None:
            await give(answer)
            seconds = min(lasting.left, self._account.caching_strategy.cache_ttl)
            if seconds and place == self._account.place:  # else something came meanwhile that it may not rest on
                self._answers.keep(key, answer, place, scope["route"].path_format, seconds)

        outgoing.give = keep
        with freshness() as lasting:
            await self._app(scope, receive, outgoing.send)

    async def _give(self, answer: Answer, wishes: Wishes, send: Send) -> None:
        coding = answer.coding(wishes.coding)
        if answer.is_known(coding, wishes.known):
            head = answer.head_of_unchanged(coding)
            await send({"type": "http.response.start", "status": UNCHANGED, "headers": head})
            await send({"type": "http.response.body", "body": b""})
            return
        if not answer.is_in(coding):
            await answer.compress(coding)
            self._answers.weigh(answer)
        await send({"type": "http.response.start", "status": 200, "headers": answer.head(coding)})
        await send({"type": "http.response.body", "body": answer.body(coding)})
