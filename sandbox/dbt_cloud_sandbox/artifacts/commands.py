"""The command of an invocation, without what differs from machine to machine: it names the job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dbt_cloud_sandbox.artifacts.values import text, words

VERBS = {"generate": "docs generate", "freshness": "source freshness", "source-freshness": "source freshness"}
BUILDS_NOTHING = frozenset({"generate", "docs generate", "compile", "parse", "list", "ls", "show", "debug", "deps"})
SHORT = {"-s": "--select", "-m": "--select", "--models": "--select", "--model": "--select", "-f": "--full-refresh"}

# Flags that say where and how loudly dbt works, not what it does: those with a value, and those without.
DROPPED = frozenset(
    """
    --vars --project-dir --profiles-dir --profile --target -t --target-path --log-path --log-level --log-level-file
    --log-format --log-format-file --log-file-max-bytes --printer-width --threads --state --defer-state
    --packages-install-path
    """.split()  # noqa: SIM905
)
SWITCHES = frozenset(
    """
    --debug -d --quiet -q --print --write-json --use-colors --use-colors-file --partial-parse --version-check
    --static-parser --send-anonymous-usage-stats --cache-selected-only --populate-cache --show-all-deprecations
    """.split()  # noqa: SIM905
)


def normalised(arguments: Mapping[str, Any], unique_ids: Iterable[str]) -> str:
    """The command, such as ``dbt build --select tag:daily``: from what was typed, else from dbt's own arguments.

    What was typed is not trusted when it does not name the command that ran, as when dbt is called from Python.
    """
    which = verb(arguments, unique_ids)
    typed = _cleaned((text(arguments, "invocation_command") or "").split())
    if typed[:1] == ["dbt"] and set(which.split()) <= set(typed):
        return " ".join(["dbt", *which.split(), *_without(typed[1:], which.split())])
    return " ".join(["dbt", which, *_rebuilt(arguments)])


def verb(arguments: Mapping[str, Any], unique_ids: Iterable[str]) -> str:
    """The command's name; guessed from the nodes it ran when dbt did not note it."""
    which = text(arguments, "which", "rpc_method", "command")
    if which:
        return VERBS.get(which, which)
    kinds = {unique_id.partition(".")[0] for unique_id in unique_ids}
    alone = {frozenset({"test"}): "test", frozenset({"seed"}): "seed", frozenset({"snapshot"}): "snapshot"}
    return alone.get(frozenset(kinds), "run" if kinds <= {"model", "operation"} else "build")


def _cleaned(typed: list[str]) -> list[str]:
    """The words without dropped flags and their values."""
    kept: list[str] = []
    left = list(typed)
    while left:
        word = left.pop(0)
        flag, _, value = word.partition("=") if word.startswith("-") else (word, "", "")
        if flag in DROPPED:
            _drop_value(value, left)
        elif flag.replace("--no-", "--", 1) not in SWITCHES:
            kept += [SHORT.get(flag, flag), *([value] if value else [])]
    return kept


def _drop_value(value: str, left: list[str]) -> None:
    """Takes a flag's value off the words. Vars are one value but, their quotes being lost, often several words."""
    value = value or (left.pop(0) if left else "")
    depth = value.count("{") - value.count("}")
    while depth > 0 and left:
        word = left.pop(0)
        depth += word.count("{") - word.count("}")


def _without(typed: list[str], which: list[str]) -> list[str]:
    rest = list(typed)
    for word in which:
        rest.remove(word)
    return rest


def _rebuilt(arguments: Mapping[str, Any]) -> list[str]:
    flags: list[str] = []
    chosen = words(arguments, "select") or words(arguments, "models")
    for flag, values in (("--select", chosen), ("--exclude", words(arguments, "exclude"))):
        flags += [flag, *values] if values else []
    selector = text(arguments, "selector", "selector_name")
    flags += ["--selector", selector] if selector else []
    return flags + (["--full-refresh"] if arguments.get("full_refresh") is True else [])
