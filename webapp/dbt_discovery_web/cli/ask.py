"""`dbt-discovery ask`: one question to the reporting agent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from dbt_discovery_web.cli.exits import Failure
from dbt_discovery_web.cli.session import begin, with_account

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount, Settings
    from langchain_core.language_models import BaseChatModel

    from dbt_discovery_web.conversation import ChatAnswer

__all__ = ["ask"]

_NEW = "new"


@click.command()
@click.argument("question", nargs=-1, required=True)
@click.option(
    "--thread", metavar="ID", help=f"Go on with a kept thread; “{_NEW}” begins one and tells its id on stderr."
)
@click.option("--json", "as_json", is_flag=True, help="The whole answer as JSON, as POST /chat gives it.")
def ask(question: tuple[str, ...], thread: str | None, as_json: bool) -> None:
    """Ask a question in your own words.

    The same agent as in the chat answers, with the same reports. The question is forgotten afterwards, unless
    --thread is given or DBT_DISCOVERY_DATABASE_URL is set.
    """
    settings = begin()
    kept = thread is not None or settings.database_url is not None
    with _failures_told_once():
        answer = with_account(
            settings, lambda account: _answer(settings, account, " ".join(question), thread or _NEW, kept)
        )
    if as_json:
        click.echo(json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        _show(answer)
    if kept:
        click.echo(f"Thread {answer.thread_id}", err=True)
    if answer.failed:
        raise Failure(answer.answer, 4)


@contextmanager
def _failures_told_once() -> Iterator[None]:
    """Keeps a chat model's failure out of the log meanwhile: the command tells it itself, in one sentence."""
    log = logging.getLogger("dbt_discovery_web.conversation")
    before = log.level
    if log.getEffectiveLevel() == logging.WARNING:
        log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


async def _answer(settings: Settings, account: DbtAccount, question: str, thread: str, kept: bool) -> ChatAnswer:
    try:
        from dbt_discovery_web.conversation import Conversation
    except ImportError as error:
        missing = error.name or str(error)
        raise Failure(f"The agent lacks {missing}: run pip install 'dbt-discovery[agent]'.", 3) from error
    from dbt_discovery_web.chat_models import chat_model

    model = chat_model(settings, account)
    await account.aget_source()  # a wrong token or host ends here, before a model is asked and paid for
    if kept:
        return await _kept_answer(settings, account, model, question, thread)
    return await Conversation(account, model).ask(question, str(uuid4()))


async def _kept_answer(
    settings: Settings, account: DbtAccount, model: BaseChatModel, question: str, thread: str
) -> ChatAnswer:
    """The answer in a thread that stays, where the chat page finds it too."""
    from dbt_discovery import NotFound

    from dbt_discovery_web.conversation import Conversation
    from dbt_discovery_web.storage import database_file, open_storage

    async with open_storage(database_file(settings)) as storage:
        threads = storage.threads
        found = await (threads.begin(question) if thread == _NEW else threads.find(thread))
        if found is None:
            raise NotFound("thread", thread, hint=f"Begin one with --thread {_NEW}.")
        answer = await Conversation(account, model, storage.checkpointer).ask(question, found.thread_id)
        await threads.add(found.thread_id, question, answer.model_dump(mode="json"))
        return answer


def _show(answer: ChatAnswer) -> None:
    """The words (those of a failure belong on stderr), the rows of the first report, and whose numbers they are.

    The source is added where the words do not name it.
    """
    from dbt_discovery import Report

    from dbt_discovery_web.rendering import one_line, print_table, source_line

    if not answer.failed:
        for line in answer.answer.splitlines():
            click.echo(one_line(line))
    if answer.reports:
        report = Report.model_validate(answer.reports[0])
        print_table(report)
        if report.source.label not in answer.answer:
            click.secho(source_line(report), dim=True)
