"""Codings: which one a client gets, and that it can read it with a decoder that is not ours."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from dbt_discovery_web.wire.codings import CODINGS, PLAIN, compressed, is_compressible, piecewise, wanted_coding

TEXT = b"".join(b"job %d took %d s\n" % (n, n * n) for n in range(500))


def decoded(body: bytes, coding: str) -> bytes:
    if coding == "br":
        return bytes(brotli.decompress(body))
    if coding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return gzip.decompress(body)


@pytest.mark.parametrize(
    ("said", "coding"),
    [
        (b"", PLAIN),
        (b"gzip", "gzip"),
        (b"GZIP", "gzip"),
        (b"gzip, deflate, br, zstd", "br"),
        (b"gzip, zstd", "zstd"),
        (b"br;q=0.5, gzip;q=0.8", "gzip"),
        (b"br;q=0, gzip", "gzip"),
        (b"*", "br"),
        (b"*;q=0.1, zstd", "zstd"),
        (b"br;q=0, *", "zstd"),
        (b"identity", PLAIN),
        (b"identity;q=1, gzip;q=0.5", PLAIN),
        (b"identity;q=0.5, gzip;q=0.5", "gzip"),
        (b"identity;q=0, *;q=0", PLAIN),
        (b"gzip;q=0", PLAIN),
        (b"gzip;q=nan", PLAIN),
        (b"compress, x-gzip", PLAIN),
        (b"\xff;q=\xff,,;;", PLAIN),
    ],
)
def test_client_gets_what_it_likes_best(said: bytes, coding: str) -> None:
    assert wanted_coding(said) == coding


@pytest.mark.parametrize("coding", CODINGS)
def test_whole_body_can_be_read_again_and_is_the_same_each_time(coding: str) -> None:
    body = compressed(TEXT, coding)
    assert decoded(body, coding) == TEXT
    assert len(body) < len(TEXT) / 3
    assert compressed(TEXT, coding) == body


@pytest.mark.parametrize("coding", CODINGS)
def test_each_piece_of_a_stream_can_be_read_before_there_is_another(coding: str) -> None:
    stream, sent, pieces = piecewise(coding), b"", (TEXT, b"and one more\n", TEXT)
    reading = {
        "br": lambda: brotli.Decompressor().process(sent),
        "zstd": lambda: zstandard.ZstdDecompressor().decompressobj().decompress(sent),
        "gzip": lambda: zlib.decompressobj(31).decompress(sent),
    }[coding]
    for n, piece in enumerate(pieces, 1):
        sent += stream.add(piece)
        assert reading() == b"".join(pieces[:n])
    assert decoded(sent + stream.end(), coding) == b"".join(pieces)


@pytest.mark.parametrize(
    ("media_type", "compressible"),
    [
        (b"application/json", True),
        (b"application/problem+json", True),
        (b"text/html; charset=utf-8", True),
        (b"Text/CSV", True),
        (b"image/svg+xml", True),
        (b"image/png", False),
        (b"application/zip", False),
        (b"", False),
    ],
)
def test_text_is_compressed_and_nothing_else(media_type: bytes, compressible: bool) -> None:
    assert is_compressible(media_type) is compressible
