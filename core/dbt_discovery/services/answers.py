"""Answers: what memory knows of an account, and what becomes of what is brought to it."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import replace
from typing import Any, TypeVar, cast

from dbt_discovery.cache.strategy import CachingStrategy, Entry, Question
from dbt_discovery.cache.tier import SharedEntry
from dbt_discovery.exceptions import NotFound, UnexpectedResponse
from dbt_discovery.services.finished_run import FinishedRun
from dbt_discovery.services.operation import Answer, Operation
from dbt_discovery.services.promise import as_promised
from dbt_discovery.services.wire import Wire

__all__ = ["Answers"]

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Answers:
    """The entries of one account in the cache.

    Args:
        wire: Tells which account it is, and the time.
        caching: Holds them.
    """

    def __init__(self, wire: Wire, caching: CachingStrategy) -> None:
        self._wire = wire
        self._caching = caching

    def key(self, operation: Operation[Any]) -> Hashable:
        """What the entry of an operation is kept under."""
        return self._wire.access, operation.name, operation.variables

    def outdated(self, key: Hashable, run: FinishedRun) -> bool:
        """Whether an entry is this account's, and a run that is over made it old."""
        access, _, variables = cast("tuple[Hashable, str, tuple[tuple[str, Hashable], ...]]", key)
        return access == self._wire.access and run.outdates(variables)

    def question(self) -> Question:
        """A question that is asked now."""
        return self._caching.question(self._wire.now())

    def known(self, operation: Operation[Any]) -> Entry | None:
        """The entry of an operation, however old."""
        return self._caching.get(self.key(operation))

    def given(self, entry: Entry) -> Answer[Any]:
        """An entry as an answer.

        Raises:
            NotFound: The entry is that there is no such thing.
        """
        if not entry.there:
            raise entry.value.again()
        return Answer(entry.value, entry.question.as_of, stale=entry.stale, complete=entry.complete)

    def entry(self, operation: Operation[T], value: T, question: Question, *, complete: bool) -> Entry:
        """The value of an operation as an entry, not yet kept."""
        return self._caching.entry(
            self.key(operation),
            value,
            question,
            scope=operation.scope,
            complete=complete,
            lasts=operation.lasts(value),
        )

    def read(self, operation: Operation[Any], body: SharedEntry, question: Question) -> Entry | None:
        """What another process was answered, as an entry; None where it cannot be read, or is older than what is known.

        Args:
            operation: What is asked for.
            body: The answer.
            question: The question that this process asks now.
        """
        known = self.known(operation)
        if known and body.as_of < known.question.as_of:
            return None
        try:
            with as_promised(operation.name):
                value = operation.parse(body.body)
        except UnexpectedResponse as error:
            logger.info("What another process was answered is left aside: %s", error)
            return None
        asked = replace(question, as_of=body.as_of, age=body.age)
        return self.entry(operation, value, asked, complete=body.complete)

    def keep(self, operation: Operation[Any], entry: Entry) -> Answer[Any]:
        """Keeps an entry, unless the run store does, and gives it as an answer."""
        if operation.kept:
            self._caching.store(self.key(operation), entry)
        return self.given(entry)

    def remember_missing(self, operation: Operation[Any], error: NotFound, question: Question) -> None:
        """Keeps for a while that there is no such thing."""
        self._caching.update_timestamp(self.key(operation), error.again(), question, scope=operation.scope)

    def end_grace(self, operation: Operation[Any]) -> None:
        """Gives the answer of an operation no longer than it is fresh."""
        if entry := self.known(operation):
            self._caching.end_grace(self.key(operation), entry)

    def bridged(self, operation: Operation[Any], entry: Entry, error: Exception) -> Answer[Any]:
        """What was known before a refresh failed, marked stale."""
        logger.info("Showing what was known at %s: %s", entry.question.as_of.isoformat(timespec="seconds"), error)
        self._caching.count("bridged")
        self._caching.bridge(self.key(operation), entry)
        return replace(self.given(entry), stale=True)
