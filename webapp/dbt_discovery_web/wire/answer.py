"""Answers: whole ones, in every coding that they were asked for in, with the headers that go with each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from dbt_discovery_web.safety import safe
from dbt_discovery_web.wire.codings import PLAIN, compressed, is_compressible
from dbt_discovery_web.wire.entity_tags import digest_of, entity_tag, is_among
from dbt_discovery_web.wire.headers import RawHeaders, field_of, varying

__all__ = ["SMALL", "Answer"]

SMALL = 1024
"""Bytes that are not worth compressing: with their headers they fit into one packet."""
_LARGE = 128 * 1024
"""Bytes that take so long to compress that a thread does it, while other requests get their turn."""
_REPLACED = frozenset({b"content-length", b"etag", b"last-modified", b"accept-ranges"})
"""What is said anew, or not at all: an answer is compared by its tag, and given whole."""
_OF_UNCHANGED = frozenset({b"vary", b"cache-control", b"content-location"})


class Answer:
    """A whole answer.

    Args:
        headers: Those that its route gave it.
        body: Its bytes.

    Attributes:
        digest: Tells it from all others.
        compressible: Whether it is worth compressing.
    """

    __slots__ = ("_coded", "_headers", "_heads", "_unchanged", "compressible", "digest")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        own = [each for each in headers if each[0] not in _REPLACED]
        self.digest = digest_of(own, body)
        self.compressible = len(body) >= SMALL and is_compressible(field_of(own, b"content-type"))
        self._headers = safe(varying(own) if self.compressible else own)
        self._coded = {PLAIN: body}
        self._heads: dict[str, RawHeaders] = {}
        self._unchanged: dict[str, RawHeaders] = {}

    @property
    def weight(self) -> int:
        """Bytes that it takes, in all the codings that it is in."""
        return sum(map(len, self._coded.values()))

    def coding(self, wanted: str) -> str:
        """The coding in which it is given to who wants this one."""
        return wanted if self.compressible else PLAIN

    def is_in(self, coding: str) -> bool:
        """Whether its bytes are known in a coding."""
        return coding in self._coded

    async def compress(self, coding: str) -> None:
        """Makes its bytes known in a coding."""
        plain = self._coded[PLAIN]
        if len(plain) < _LARGE:
            self._coded[coding] = compressed(plain, coding)
        else:
            self._coded[coding] = await asyncio.to_thread(compressed, plain, coding)

    def body(self, coding: str) -> bytes:
        """Its bytes in a coding in which they are known."""
        return self._coded[coding]

    def tag(self, coding: str) -> bytes:
        """What tells its bytes in a coding from all others."""
        return entity_tag(self.digest, coding)

    def is_known(self, coding: str, known: bytes) -> bool:
        """Whether a client that has the answers of these tags has it in a coding."""
        return bool(known) and is_among(self.tag(coding), known)

    def head(self, coding: str) -> RawHeaders:
        """The headers that go with these bytes."""
        if (head := self._heads.get(coding)) is None:
            length = str(len(self._coded[coding])).encode()
            head = [*self._headers, (b"content-length", length), (b"etag", self.tag(coding))]
            if coding:
                head.append((b"content-encoding", coding.encode()))
            self._heads[coding] = head
        return head

    def head_of_unchanged(self, coding: str) -> RawHeaders:
        """The headers of the word that a client has it already (RFC 9110, 15.4.5)."""
        if (head := self._unchanged.get(coding)) is None:
            head = [each for each in self._headers if each[0] in _OF_UNCHANGED]
            self._unchanged[coding] = head = [*head, (b"etag", self.tag(coding))]
        return head
