"""Chromium, driven by Playwright, without a network beyond this machine: one for all tests of a process."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["chromium_path", "opened_page", "shared_chromium"]

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
)


def chromium_path() -> str:
    """Where Chromium is: `CHROMIUM`, else the system's; skips the test, or fails where a browser is required."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path and Path(path).exists():
        return path
    reason = "Chromium is not installed: install it, or set CHROMIUM to its path."
    if os.environ.get("DBT_DISCOVERY_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def shared_chromium() -> Iterator[None]:
    """Has each `opened_page` take one and the same Chromium, which starts only once."""
    global _shared
    with _chromium() as browser:
        _shared = browser, asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        try:
            yield
        finally:
            asyncio._set_running_loop(_shared[1])
            _shared = None


_shared: tuple[Browser, asyncio.AbstractEventLoop] | None = None


@contextmanager
def opened_page(*, width: int = 1280, height: int = 800, scheme: str = "light") -> Iterator[tuple[Page, list[str]]]:
    """A page in a fresh profile of a browser, and the complaints of its console, as they come."""
    with _at_hand() as browser:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        try:
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.set_default_timeout(15_000)
            yield page, complaints
        finally:
            context.close()


@contextmanager
def _at_hand() -> Iterator[Browser]:
    """The shared Chromium if there is one, else one for this page alone.

    Playwright leaves its event loop marked as the one that runs in this thread. For the shared Chromium this holds
    only while a page is open, as the tests between bring event loops of their own.
    """
    if _shared is None:
        with _chromium() as browser:
            yield browser
        return
    browser, loop = _shared
    asyncio._set_running_loop(loop)
    try:
        yield browser
    finally:
        asyncio._set_running_loop(None)


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
