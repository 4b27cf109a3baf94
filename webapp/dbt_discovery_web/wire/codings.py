"""Codings: how the bytes of an answer are compressed, and which way a client wants it (RFC 9110, 12.5.3)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import brotli
import zstandard

from dbt_discovery_web.rest.accepting import qualities

__all__ = ["CODINGS", "PLAIN", "Piecewise", "compressed", "is_compressible", "piecewise", "wanted_coding"]

PLAIN = ""
"""No coding: the bytes as they are."""
CODINGS = ("br", "zstd", "gzip")
"""What can be had, the smallest first: an answer that is kept is compressed once and given often."""

_GZIP_LEVEL, _BROTLI_QUALITY, _ZSTD_LEVEL = 6, 5, 6
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_TEXTUAL = frozenset(
    {b"application/json", b"application/javascript", b"application/x-ndjson", b"application/openmetrics-text"}
)


class Piecewise(Protocol):
    """Compresses a stream, piece by piece."""

    def add(self, piece: bytes) -> bytes:
        """A piece compressed, all of it: a client can read it before there is another."""

    def end(self) -> bytes:
        """What ends the stream."""


@lru_cache(maxsize=256)
def wanted_coding(accept_encoding: bytes) -> str:
    """The coding that a client prefers: the first of `CODINGS` among those it likes equally, as it is where it says so.

    A client that says nothing gets the answer as it is, and so does one that refuses everything: it can still read an
    error about that.
    """
    wanted = dict(qualities(accept_encoding.decode("latin-1")))
    best = max(CODINGS, key=lambda coding: wanted.get(coding, wanted.get("*", 0.0)))
    quality = wanted.get(best, wanted.get("*", 0.0))
    return best if quality > 0 and quality >= wanted.get("identity", 0.0) else PLAIN


def is_compressible(media_type: bytes) -> bool:
    """Whether answers of a type are text."""
    kind = media_type.partition(b";")[0].strip().lower()
    return kind in _TEXTUAL or kind.startswith(b"text/") or kind.endswith((b"+json", b"+xml"))


def compressed(body: bytes, coding: str) -> bytes:
    """A whole body in a coding; the same bytes each time."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
    return zlib.compress(body, _GZIP_LEVEL, _GZIP_WINDOW)


def piecewise(coding: str) -> Piecewise:
    """What compresses a stream."""
    kinds: dict[str, Callable[[], Piecewise]] = {"br": _Brotli, "zstd": _Zstd, "gzip": _Gzip}
    return kinds[coding]()


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Compressor(quality=_BROTLI_QUALITY)

    def add(self, piece: bytes) -> bytes:
        return bytes(self._stream.process(piece) + self._stream.flush())

    def end(self) -> bytes:
        return bytes(self._stream.finish())


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()

    def add(self, piece: bytes) -> bytes:
        return self._stream.compress(piece) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._stream.flush()


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW)

    def add(self, piece: bytes) -> bytes:
        return self._stream.compress(piece) + self._stream.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._stream.flush()
