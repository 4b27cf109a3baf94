"""An answer in a thread that stays."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dbt_discovery_web.cli.exits import Failure

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount, Settings
    from langchain_core.language_models import BaseChatModel

    from dbt_discovery_web.chat.conversation import ChatAnswer

__all__ = ["NEW", "kept_answer"]

logger = logging.getLogger(__name__)

NEW = "new"
"""Stands for the id of a thread that is to be begun."""


async def kept_answer(
    settings: Settings, account: DbtAccount, model: BaseChatModel, question: str, thread: str
) -> tuple[ChatAnswer, bool]:
    """The answer in a thread that stays, where the chat page finds it too; and whether it can be gone on with.

    Raises:
        NotFound: There is no such thread about this account.
        Failure: The database cannot be read or written.
    """
    from dbt_discovery import NotFound

    from dbt_discovery_web.chat.conversation import Conversation
    from dbt_discovery_web.database.storage import database_address, open_storage

    with _told():
        async with open_storage(database_address(settings)) as storage:
            threads = storage.threads.of(await account.aget_source())
            thread_id = (await threads.begin(question)).thread_id if thread == NEW else thread
            async with threads.turn(thread_id):
                if await threads.find(thread_id) is None:  # asked when it is our turn: it may be deleted before
                    raise NotFound("thread", thread_id, hint=f"Begin one with --thread {NEW}.")
                answer = await Conversation(account, model, storage.checkpointer).ask(question, thread_id)
                if answer.unasked and thread == NEW:
                    await storage.checkpointer.adelete_thread(thread_id)
                    await threads.remove(thread_id)
                    return answer, False
                if not answer.unasked:
                    with _answer_given_all_the_same():
                        await threads.add(thread_id, question, answer.model_dump(mode="json", exclude={"thread_id"}))
            return answer, storage.lasting


@contextmanager
def _told() -> Iterator[None]:
    from dbt_discovery_web.database.errors import DATABASE_ERRORS, reason

    try:
        yield
    except DATABASE_ERRORS as error:
        raise Failure(
            f"The thread cannot be read or written ({reason(error)}). Ask without --thread, or set "
            "DBT_DISCOVERY_DATABASE_URL to another database.",
            3,
        ) from error


@contextmanager
def _answer_given_all_the_same() -> Iterator[None]:
    from dbt_discovery_web.database.errors import DATABASE_ERRORS, reason

    try:
        yield
    except DATABASE_ERRORS as error:
        logger.warning("The answer could not be added to its thread: %s.", reason(error))
