"""Chromium, driven by Playwright, without a network beyond this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

__all__ = ["chromium_path", "opened_page"]

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
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
def opened_page(
    profile: Path, *, width: int = 1280, height: int = 800, scheme: str = "light"
) -> Iterator[tuple[Page, list[str]]]:
    """A page in a browser with a fresh profile, and the complaints of its console, as they come."""
    with sync_playwright() as playwright:
        context: BrowserContext = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=chromium_path(),
            args=list(_FLAGS),
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        try:
            page = context.pages[0]
            complaints: list[str] = []
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.set_default_timeout(15_000)
            yield page, complaints
        finally:
            context.close()
