"""What goes over the wire: tags and what is unchanged, codings, and what is left as it is."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import StreamingResponse

REPORT = "/reports/longest_running_jobs?period=last_week"
STYLE = "/static/style.css"
TAGGED = [REPORT, "/jobs", "/docs", "/openapi.json", "/chat", STYLE, "/static/chat.js"]


async def raw(client: httpx.AsyncClient, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """A response, and its bytes as they came."""
    async with client.stream(
        "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
    ) as got:
        return got, b"".join([piece async for piece in got.aiter_raw()])


@pytest.mark.parametrize("path", TAGGED)
async def test_same_bytes_have_the_same_tag_and_are_not_sent_again(path: str, client: httpx.AsyncClient) -> None:
    first = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    for name in ("etag", "vary", "cache-control"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["x-request-id"]
    assert not {"content-type", "content-length", "content-encoding", "last-modified"} & again.headers.keys()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ('"other",W/{tag} , "more"', 304),
        ("*", 304),
        ('"other"', 200),
        ('W/"other"', 200),
        ("{bare}", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("path", [REPORT, STYLE])
async def test_tags_are_compared_weakly_and_may_be_several(
    path: str, said: str, status: int, client: httpx.AsyncClient
) -> None:
    tag = (await client.get(path)).headers["etag"]
    answer = await client.get(path, headers={"If-None-Match": said.format(tag=tag, bare=tag.strip('"'))})
    assert answer.status_code == status


@pytest.mark.parametrize("path", [REPORT, STYLE, "/docs"])
@pytest.mark.parametrize("kept", [False, True])
async def test_each_coding_has_its_own_tag_and_the_same_content(
    path: str, kept: bool, client: httpx.AsyncClient
) -> None:
    tags, texts, sizes = set(), set(), {}
    for coding in ("identity", "gzip", "br", "zstd"):
        if kept:
            await client.get(path, headers={"Accept-Encoding": coding})
        answer, body = await raw(client, path, Accept_Encoding=coding)
        assert answer.headers.get("content-encoding", "identity") == coding
        assert int(answer.headers["content-length"]) == len(body)
        assert "Accept-Encoding" in answer.headers["vary"]
        tags.add(answer.headers["etag"])
        texts.add((await client.get(path, headers={"Accept-Encoding": coding})).text)
        sizes[coding] = len(body)
    assert len(tags) == 4
    assert len(texts) == 1
    assert sizes["br"] < sizes["gzip"] < sizes["identity"] / 2


async def test_a_tag_of_another_coding_does_not_count(client: httpx.AsyncClient) -> None:
    tag = (await client.get(REPORT, headers={"Accept-Encoding": "gzip"})).headers["etag"]
    answer = await client.get(REPORT, headers={"Accept-Encoding": "br", "If-None-Match": tag})
    assert answer.status_code == 200


async def test_both_ways_in_which_an_answer_varies_are_told(client: httpx.AsyncClient) -> None:
    assert (await client.get(REPORT)).headers["vary"] == "Accept, Accept-Encoding"
    assert (await client.get(STYLE)).headers["vary"] == "Accept-Encoding"


async def test_a_file_is_told_apart_by_its_tag_alone(client: httpx.AsyncClient) -> None:
    first = await client.get(STYLE)
    assert "last-modified" not in first.headers
    since = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert (await client.get(STYLE, headers=since)).status_code == 200
    part = await client.get(STYLE, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (200, first.content)


async def test_small_answers_are_sent_as_they_are(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers
    assert answer.headers["etag"]


async def test_problems_are_compressed_but_not_tagged(client: httpx.AsyncClient) -> None:
    answer, body = await raw(client, f"/{'x' * 2000}", Accept_Encoding="gzip")
    assert answer.status_code == 404
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(body)
    assert "etag" not in answer.headers


async def test_answers_to_changes_are_compressed_but_not_tagged(client: httpx.AsyncClient) -> None:
    answer = await client.post("/chat", json={"message": "Hello " * 500}, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "etag" not in answer.headers


async def test_events_are_sent_one_by_one_and_never_compressed(client: httpx.AsyncClient) -> None:
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip, br, zstd"}
    async with client.stream("POST", "/chat", json={"message": "Hi"}, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        pieces = [piece async for piece in answer.aiter_raw()]
    assert any(piece.startswith(b"event: done") or b"\nevent: done" in piece for piece in pieces)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "identity"])
async def test_a_stream_of_rows_is_compressed_as_it_comes(coding: str, client: httpx.AsyncClient) -> None:
    rows = [b"a,b,c\n" * 500] * 3

    async def written() -> AsyncIterator[bytes]:
        for piece in rows:
            yield piece

    async def answer() -> StreamingResponse:
        return StreamingResponse(written(), media_type="text/csv")

    client._transport.app.add_api_route("/rows", answer)  # type: ignore[attr-defined]
    answered, body = await raw(client, "/rows", Accept_Encoding=coding)
    assert answered.headers.get("content-encoding", "identity") == coding
    assert "content-length" not in answered.headers
    assert answered.headers["vary"] == "Accept-Encoding"
    assert len(body) < 500 or coding == "identity"
    assert (await client.get("/rows", headers={"Accept-Encoding": coding})).content == b"".join(rows)


async def test_the_log_has_a_line_with_the_id_of_each_request(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="dbt_discovery_web.access"):
        await client.get(REPORT, headers={"X-Request-ID": "long-way"})
        await client.get(REPORT, headers={"X-Request-ID": "short-way"})
        await client.get("/no%0Asuch", headers={"X-Request-ID": "nowhere"})
    lines = [record.getMessage() for record in caplog.records if record.name == "dbt_discovery_web.access"]
    assert [line.split(": ")[0] for line in lines] == [
        "GET /reports/longest_running_jobs",
        "GET /reports/longest_running_jobs",
        "GET /no%0Asuch",
    ]
    assert [line.split(": ")[1].split()[0] for line in lines] == ["200", "200", "404"]
    assert [line.rpartition(" ")[2] for line in lines] == ["long-way", "short-way", "nowhere"]
