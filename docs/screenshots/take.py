"""Takes the screenshots that the documents show, from the real page on the sandbox. Run with `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import dbt_cloud_sandbox
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from dbt_discovery_web.chat_models import chat_model

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.servers.running import running  # noqa: E402
from tests.webapp.chromium import opened_page  # noqa: E402

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
QUESTION = "What were the longest-running jobs last week?"


def main() -> None:
    """Writes one picture for each way the page is seen."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{folder}/threads.db")
        account = DbtAccount(transport=dbt_cloud_sandbox.transport(now=lambda: NOW), settings=settings)
        app = create_app(settings, account=account, model=chat_model(settings, account))
        with running(app) as address:
            for name, width, scheme, question in (
                ("chat-empty", 1280, "light", None),
                ("chat-answer", 1280, "light", QUESTION),
                ("chat-answer-dark", 1280, "dark", QUESTION),
                ("chat-answer-phone", 360, "light", QUESTION),
                ("chat-failures", 1280, "light", "What failed in the last two days?"),
            ):
                take(address, name, width, scheme, question)


def take(address: str, name: str, width: int, scheme: str, question: str | None) -> None:
    """One picture: the page, and a question asked in it if there is one."""
    with tempfile.TemporaryDirectory() as profile, opened_page(Path(profile), width=width, scheme=scheme) as (page, _):
        page.goto(f"{address}/chat")
        if question:
            page.get_by_label("Your question").fill(question)
            page.keyboard.press("Enter")
            page.get_by_role("table").wait_for()
        page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main()
