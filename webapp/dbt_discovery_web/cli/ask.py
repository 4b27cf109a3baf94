"""`dbt-discovery ask`: one question to the reporting agent."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from dbt_discovery_web.cli.exits import Command, Failure, exit_code_named
from dbt_discovery_web.cli.kept import NEW, kept_answer
from dbt_discovery_web.cli.session import begin, with_account

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount, Settings

    from dbt_discovery_web.chat.conversation import ChatAnswer

__all__ = ["ask"]


@click.command(cls=Command)
@click.argument("question", nargs=-1, required=True)
@click.option(
    "--thread", metavar="ID", help=f"Go on with a kept thread; “{NEW}” begins one and tells its id on stderr."
)
@click.option("--json", "as_json", is_flag=True, help="The whole answer as JSON, as POST /chat gives it.")
def ask(question: tuple[str, ...], thread: str | None, as_json: bool) -> None:
    """Ask a question in your own words.

    The same agent as in the chat answers, with the same reports. The question is forgotten afterwards, unless
    --thread is given or DBT_DISCOVERY_DATABASE_URL is set.
    """
    text = _checked(" ".join(question))
    thread = None if thread is None else _text("The thread's id", thread)
    settings = begin()
    wanted = thread is not None or settings.database_url is not None
    with _failures_told_once():
        answer, kept = with_account(
            settings, lambda account: _answer(settings, account, text, (thread or NEW) if wanted else None)
        )
    if as_json:
        click.echo(json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, indent=2))
    else:
        _show(answer)
    if kept:
        click.echo(f"Thread {answer.thread_id}", err=True)
    if answer.failed:
        raise Failure(answer.answer, exit_code_named(answer.error or ""))


def _checked(question: str) -> str:
    """The question without blanks around it.

    Raises:
        click.UsageError: It says nothing, or is no text.
    """
    if not _text("The question", question).strip():
        raise click.UsageError("The question is empty: say what you want to know, such as “what failed last week?”")
    return question.strip()


def _text(what: str, given: str) -> str:
    try:
        given.encode()
    except UnicodeEncodeError:  # bytes of the command line that are not UTF-8 arrive as lone surrogates
        raise click.UsageError(f"{what} is not text in UTF-8") from None
    return given


@contextmanager
def _failures_told_once() -> Iterator[None]:
    """Keeps a chat model's failure out of the log meanwhile: the command tells it itself, in one sentence."""
    log = logging.getLogger("dbt_discovery_web.chat.conversation")
    before = log.level
    if log.getEffectiveLevel() == logging.WARNING:
        log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


async def _answer(
    settings: Settings, account: DbtAccount, question: str, thread: str | None
) -> tuple[ChatAnswer, bool]:
    """The answer, and whether its thread can be gone on with."""
    try:
        from dbt_discovery_web.chat.conversation import Conversation
    except ImportError as error:
        missing = error.name or str(error)
        raise Failure(f"The agent lacks {missing}: run pip install 'dbt-discovery[agent]'.", 3) from error
    from dbt_discovery_web.chat.models import chat_model, close_model

    model = chat_model(settings, account)
    try:
        await account.aget_source()  # a wrong token or host ends here, before a model is asked and paid for
        if thread:
            return await kept_answer(settings, account, model, question, thread)
        return await Conversation(account, model).ask(question, str(uuid4())), False
    finally:
        await close_model(model)


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
