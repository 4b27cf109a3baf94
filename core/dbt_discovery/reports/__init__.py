"""Every report: one file each, found on first use."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from dbt_discovery.exceptions import NotFound
from dbt_discovery.reports.declaration import ReportDeclaration

__all__ = ["find_report", "registry"]


@cache
def registry() -> MappingProxyType[str, ReportDeclaration[Any]]:
    """Every report by name, in alphabetical order.

    A report is a module of this package that holds a declaration of its own name.
    """
    found = {}
    for module in sorted(iter_modules(__path__), key=lambda each: each.name):
        declaration = getattr(import_module(f"{__name__}.{module.name}"), module.name, None)
        if isinstance(declaration, ReportDeclaration):
            found[declaration.name] = declaration
    return MappingProxyType(found)


def find_report(name: str) -> ReportDeclaration[Any]:
    """The report called `name`.

    Raises:
        NotFound: There is none; the error holds the names that are near.
    """
    reports = registry()
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted not in reports:
        raise NotFound("report", name, get_close_matches(wanted, reports, 3, 0.5), f"There are {', '.join(reports)}.")
    return reports[wanted]
