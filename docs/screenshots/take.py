"""Takes the screenshots that the documents show, from the real pages on the sandbox. Run with `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import dbt_cloud_sandbox
import httpx
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from dbt_discovery_web.chat.models import chat_model
from playwright.sync_api import Page

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.servers.running import running  # noqa: E402
from tests.webapp.chromium import opened_page  # noqa: E402

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
WAYS = {
    "": (1280, 800, "light"),
    "-dark": (1280, 800, "dark"),
    "-phone": (360, 720, "light"),
    "-phone-dark": (360, 720, "dark"),
}
"""How a page is seen: the end of the picture's name, the window and the colours."""
FIRST = {"report", "run", "chat-answer"}
"""Pages that are shown in each way; the others wide and light, and narrow and dark."""
CONVERSATIONS = {
    "flaky": ["Which tests are flaky?"],
    "failures": ["What failed in the last two days?", "and what depends on it?"],
    "trend": ["How has the runtime of Finance nightly build developed over the last 14 days?"],
    "answer": ["What were the longest-running jobs last week?"],
}


def asked(address: str) -> dict[str, str]:
    """The address of each conversation, after its questions have been asked."""
    threads: dict[str, str] = {}
    for name, questions in CONVERSATIONS.items():
        message: dict[str, str] = {}
        for question in questions:
            answer = httpx.post(f"{address}/chat", json=message | {"message": question}, timeout=60).raise_for_status()
            message = {"thread_id": answer.json()["thread_id"]}
        threads[name] = f"/chat?thread={message['thread_id']}"
    return threads


def show(page: Page, part: str) -> None:
    """Scrolls to a part of the page."""
    page.locator(part).first.evaluate("part => part.scrollIntoView()")


def show_fault(page: Page) -> None:
    """A narrow page has the fault at its field, which lies further down."""
    if page.evaluate("innerWidth < 700"):
        page.locator(".field-fault").scroll_into_view_if_needed()


def latest_run(page: Page) -> None:
    """From a job to its latest run, down to its Gantt chart."""
    page.goto(
        page.evaluate("new URL([...document.querySelectorAll('svg.strip a')].at(-1).href.baseVal, location).href")
    )
    show(page, "section:has(.gantt-bars)")


def open_conversations(page: Page) -> None:
    """The list of conversations, which a narrow page folds."""
    summary = page.locator(".drawer > summary")
    if summary.is_visible():
        summary.click()


def scenes(threads: dict[str, str]) -> dict[str, tuple[str, Callable[[Page], None] | None]]:
    """Of each picture: its page, and what is done on it."""
    return {
        "index": ("/", lambda page: page.locator("#attention .concern").first.wait_for()),
        "report": ("/browse/longest_running_jobs?period=last_week&limit=5", None),
        "trend": (threads["trend"], lambda page: show(page, ".card")),
        "error": ("/browse/failed_runs?jobs=Finance%20nigthly%20build", show_fault),
        "job": ("/browse/jobs/Finance%20nightly%20build", lambda page: show(page, "#runs")),
        "run": ("/browse/jobs/Finance%20nightly%20build", latest_run),
        "chat-empty": ("/chat", None),
        "chat-answer": (threads["answer"], None),
        "chat-threads": (threads["failures"], open_conversations),
    }


def main(folder: Path = HERE) -> None:
    """Writes each picture in each of the ways."""
    with tempfile.TemporaryDirectory() as kept:
        settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{kept}/threads.db")
        account = DbtAccount(transport=dbt_cloud_sandbox.transport(now=lambda: NOW), settings=settings)
        with running(create_app(settings, account=account, model=chat_model(settings, account))) as address:
            pictures = scenes(asked(address))
            for ending, (width, height, scheme) in WAYS.items():
                with opened_page(width=width, height=height, scheme=scheme) as (page, _):
                    for name, (path, prepare) in pictures.items():
                        if name not in FIRST and ending in ("-dark", "-phone"):
                            continue
                        page.goto(address + path)
                        if prepare:
                            prepare(page)
                        page.evaluate("document.activeElement.blur()")  # no caret that blinks
                        page.screenshot(path=folder / f"{name}{ending}.png", animations="disabled")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
