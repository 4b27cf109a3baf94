"""The table of quirks names a test for each, and every test it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/quirks.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|") and not line.startswith(("| quirk", "| ---"))]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def functions_of(file: str) -> set[str]:
    """The names of the tests in a file, which is read and not imported."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: cells(row)[0][:50])
def test_every_quirk_has_its_tests(row: str) -> None:
    quirk, answer, tests = cells(row)
    assert quirk
    assert answer
    named = NAMED.findall(tests)
    assert named, "the row names no test"
    assert not NAMED.sub("", tests).strip(), "the last cell holds something that is no test"
    for file, name in named:
        assert (ROOT / file).exists(), file
        assert name in functions_of(file), f"{file} has no {name}"


def test_no_quirk_stands_there_twice() -> None:
    quirks = [cells(row)[0] for row in ROWS]
    assert len(quirks) > 50
    assert len(set(quirks)) == len(quirks)
