"""What a database does when it cannot be used, whichever kind it is."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

__all__ = ["DATABASE_ERRORS", "UnusableDatabase", "reason"]

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error)
"""Raised when a database cannot be read or written: threads go through SQLAlchemy, SQLite's checkpoints do not."""


class UnusableDatabase(Exception):
    """A database that can be reached, but not hold conversations; the message says why."""


def reason(error: Exception) -> str:
    """Why a database could not be used, in the first line of its own words."""
    words = str(getattr(error, "orig", None) or error).strip()
    return words.splitlines()[0].rstrip(".: ") if words else type(error).__name__
