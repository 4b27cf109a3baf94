"""How a command ends: its exit code, and at most one sentence on stderr."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click

__all__ = ["CONDITION_HELD", "EXIT_CODES", "Command", "Failure", "exit_code", "exit_code_named", "one_sentence"]

CONDITION_HELD = 6
EXIT_CODES = {
    0: "fine",
    1: "something unexpected",
    2: "a bad argument or option",
    3: "configuration missing, half given or wrong",
    4: "dbt Cloud or the chat model did not answer as it should",
    5: "not found, or a name that several things carry",
    CONDITION_HELD: "a --fail-if condition held",
    130: "stopped with Ctrl-C",
}

logger = logging.getLogger(__name__)

_NO_ANSWER = 4


class Failure(Exception):
    """An end with one sentence and an exit code, where no error of the core says it.

    Attributes:
        code: The exit code.
    """

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


class Command(click.Command):
    """A command whose usage errors all know that they are its own: click leaves that out where a value is missing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is left of the arguments once its options are read."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


def exit_code(error: Exception) -> int:
    """The exit code that belongs to an error."""
    if isinstance(error, Failure):
        return error.code
    return 2 if isinstance(error, click.UsageError) else _code_of(type(error))


def exit_code_named(name: str) -> int:
    """The exit code of an answer that an error of that name kept from being made.

    A name that is not one of the core's belongs to an error of the chat model.
    """
    from dbt_discovery import exceptions

    kind = getattr(exceptions, name, None)
    return _code_of(kind) if isinstance(kind, type) else _NO_ANSWER


def _code_of(kind: type) -> int:
    from dbt_discovery import AmbiguousName, ConfigurationError, InvalidArgument, NotFound, UpstreamError

    codes: dict[type, int] = {
        InvalidArgument: 2,
        ConfigurationError: 3,
        UpstreamError: _NO_ANSWER,
        NotFound: 5,
        AmbiguousName: 5,
    }
    return next((code for family, code in codes.items() if issubclass(kind, family)), 1)


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turns whatever goes wrong inside into one sentence on stderr and an exit code, and Ctrl-C into a quiet end.

    A closed pipe and click's own endings, such as `--help`, pass through as they are.
    """
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        raise click.exceptions.Exit(130) from None
    except (click.exceptions.NoArgsIsHelpError, click.exceptions.Exit, BrokenPipeError):
        raise
    except Exception as error:
        logger.debug("The command ended with an error.", exc_info=error)
        click.echo(f"Error: {_sentence(error)}", err=True)
        raise click.exceptions.Exit(exit_code(error)) from None


def _sentence(error: Exception) -> str:
    from dbt_discovery import DbtDiscoveryError

    match error:
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else "dbt-discovery"
            said = error.format_message()
            text = f"{said}{'' if said.endswith(('.', '?')) else '.'} See “{path} --help”."
        case click.ClickException():
            text = error.format_message()
        case DbtDiscoveryError() | Failure():
            text = str(error)
        case _:
            text = (
                f"Something went wrong that should not have ({type(error).__name__}). Set "
                "DBT_DISCOVERY_LOG_LEVEL=DEBUG to see where, and please report it."
            )
    return " ".join(text.split())
