"""The weight of the chat page: all that a browser fetches before the first question can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx

from benchmarks.measuring import Row
from benchmarks.stage import Stage
from benchmarks.web import served_app

__all__ = ["fetched_by", "page_weight"]

_MOST = 150
_NAMED = re.compile(
    r"""(?:\b(?:src|href)\s*=\s*|\bfrom\s*|\bimport\s*\(?\s*|\burl\(\s*|@import\s*)["']?([^"'\s)>]+)["')\s>]"""
)
_FETCHED = re.compile(r"<(?:script|link|img|source|iframe)\b[^>]*>")
_BY_A_BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def page_weight(stage: Stage) -> Iterator[Row]:
    """Bytes over the wire, headers included, and how much of it comes from elsewhere."""
    with stage.ordinary.at_once(), served_app(stage.ordinary, stage.folder / "page.sqlite") as url:
        fetched, outside = fetched_by(f"{url}/chat")
    kilobytes = sum(fetched.values()) / 1000
    heaviest = sorted(fetched, key=lambda address: -fetched[address])[:4]
    shown = ", ".join(f"{urlsplit(each).path} {fetched[each] / 1000:.1f}" for each in heaviest)
    absolute = f"{len(fetched)} files: {shown}"
    yield Row("the chat page and all that it needs, in kB", kilobytes, target=_MOST, absolute=absolute)
    yield Row("the same: files from elsewhere", len(outside), "requests", 0, ", ".join(outside))


def fetched_by(page: str) -> tuple[dict[str, int], list[str]]:
    """What a page makes a browser fetch from its server, each with its bytes; and what from elsewhere."""
    waiting, fetched, outside = [page], dict[str, int](), list[str]()
    with httpx.Client(headers=_BY_A_BROWSER) as http:
        while waiting:
            address = waiting.pop()
            with http.stream("GET", address) as answer:
                body = b"".join(answer.iter_raw())
                head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
            fetched[address] = len(body) + head
            text = http.get(address).text
            kind = answer.headers["content-type"]
            named = _FETCHED.findall(text) if "html" in kind else [text] * ("css" in kind or "javascript" in kind)
            for name in [found for part in named for found in _NAMED.findall(part)]:
                found = urljoin(address, name)
                if urlsplit(found).scheme not in ("http", "https"):
                    continue
                if urlsplit(found).netloc != urlsplit(page).netloc:
                    outside.append(found)
                elif found not in fetched and found not in waiting and "." in urlsplit(found).path.rpartition("/")[2]:
                    waiting.append(found)
    return fetched, outside
