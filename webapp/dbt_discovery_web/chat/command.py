"""A command: `/longest_running_jobs period=last_week` names a report to run, and is no question."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from dbt_discovery import InvalidArgument
from dbt_discovery.reports import find_report

__all__ = ["NO_MODEL", "Command", "is_command"]

NO_MODEL = "no model"
"""What stands where the name of the chat model does."""

_NAME = re.compile(r"/([A-Za-z][\w-]*)(?=\s|$)")
_SPACE = re.compile(r"\s|^$")
_ARGUMENT = re.compile(r"([A-Za-z][\w-]*)=(.*)", re.DOTALL)


def is_command(message: str) -> bool:
    """Whether a message is a command."""
    return _NAME.match(message) is not None


@dataclass(frozen=True, slots=True)
class Command:
    """A report to run, and the arguments it is given: one that is given several times has all its values."""

    report: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        """The command as it is written."""
        return " ".join([f"/{self.report}", *self.written])

    @property
    def written(self) -> list[str]:
        """Its arguments as they are written, a list's one by one; a value that cannot be is left out."""
        given = [
            (name, str(value))
            for name, values in self.arguments.items()
            for value in (values if isinstance(values, list | tuple) else [values])
        ]
        plain = [(name, value) for name, value in given if '"' not in value]
        return [f'{name}="{value}"' if _SPACE.search(value) else f"{name}={value}" for name, value in plain]

    @classmethod
    def read(cls, message: str) -> Self:
        """The command that a message is.

        Raises:
            NotFound: There is no such report.
            InvalidArgument: What follows the name is no list of arguments.
        """
        match = _NAME.match(message)
        report = find_report(match[1] if match else message)
        given: dict[str, list[str]] = {}
        for part in _parts(message[match.end() :] if match else ""):
            argument = _ARGUMENT.fullmatch(part)
            if argument is None:
                raise InvalidArgument(
                    "arguments", f"“{part[:80]}” is no argument: write name=value, such as period=last_week."
                )
            given.setdefault(argument[1].replace("-", "_"), []).append(argument[2])
        return cls(report.name, {name: values[0] if len(values) == 1 else values for name, values in given.items()})


def _parts(words: str) -> list[str]:
    """What white space parts, but for that in double quotes."""
    lexer = shlex.shlex(words, posix=True)
    lexer.whitespace_split = True
    lexer.commenters, lexer.quotes, lexer.escape = "", '"', ""
    try:
        return list(lexer)
    except ValueError as error:
        raise InvalidArgument("arguments", 'A quote is not closed: write name="some words".') from error
