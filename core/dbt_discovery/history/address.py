"""The address of a database, as `DBT_DISCOVERY_DATABASE_URL` gives it: people name a database, never a driver."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from dbt_discovery.exceptions import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["MEMORY", "DatabaseAddress", "parse_address"]

_FORM = re.compile(r"\s*(?P<kind>[a-z0-9.-]+)(?:\+\w+)?://(?P<rest>.*?)\s*", re.IGNORECASE | re.DOTALL)
_TAKEN = "Set it to sqlite:///path/to/file.sqlite or postgresql://user:password@host/database, or unset it."
_PATIENCE = {
    "connect_timeout": "10",
    "tcp_user_timeout": "30000",
    "fallback_application_name": "dbt-discovery",
}
"""What libpq is told unless the address says otherwise: a host that does not answer at all is given up (s, ms)."""


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a database is. Its text form has no password.

    Attributes:
        kind: What sort of database it is; `memory` is one that ends with the process.
        file: The file it is in, if it is an SQLite database.
    """

    kind: Literal["sqlite", "postgresql", "memory"]
    file: Path | None = None
    _server: URL | None = field(default=None, repr=False)

    def sync_url(self) -> URL:
        """The address for an engine of SQLAlchemy's."""
        return self._url("sqlite")

    def async_url(self) -> URL:
        """The address for an asynchronous engine of SQLAlchemy's."""
        return self._url("sqlite+aiosqlite")

    @property
    def shown(self) -> str:
        """The address for people to read: nothing in it is secret."""
        from sqlalchemy import URL

        if self._server is None:
            return str(self.file or "memory")
        url = self._server
        place = {name: value for name, value in url.query.items() if name in ("host", "port")}
        return unquote(str(URL.create("postgresql", url.username, None, url.host, url.port, url.database, place)))

    def __str__(self) -> str:
        return self.shown

    def _url(self, sqlite: str) -> URL:
        from sqlalchemy import URL

        return self._server or URL.create(sqlite, database=str(self.file) if self.file else None)


MEMORY = DatabaseAddress("memory")
"""A database that ends with the process."""


def parse_address(url: str | None) -> DatabaseAddress | None:
    """The address that the value of `DBT_DISCOVERY_DATABASE_URL` gives; None for no value.

    Raises:
        ConfigurationError: It is of no database that can be used, or what PostgreSQL needs is not installed. The
            message holds nothing of the address but its kind, as the rest may be a password in the wrong place.
    """
    if not url:
        return None
    form = _FORM.fullmatch(url)
    if form is None:
        raise ConfigurationError(f"DBT_DISCOVERY_DATABASE_URL is not the address of a database. {_TAKEN}")
    kind, rest = form["kind"].lower(), form["rest"]
    if kind == "sqlite":
        return _sqlite(rest)
    if kind in ("postgresql", "postgres"):
        return _postgresql(rest)
    raise ConfigurationError(
        f"DBT_DISCOVERY_DATABASE_URL names a database of kind “{kind}”, but only SQLite and PostgreSQL can be used. "
        f"{_TAKEN}"
    )


def _sqlite(rest: str) -> DatabaseAddress:
    if rest in ("", "/", "/:memory:"):
        return MEMORY
    if not rest.startswith("/"):
        raise ConfigurationError(
            "DBT_DISCOVERY_DATABASE_URL names an SQLite file after two slashes: three begin a relative path "
            "(sqlite:///file.sqlite), four an absolute one (sqlite:////folder/file.sqlite)."
        )
    if "?" in rest:
        raise ConfigurationError(
            "DBT_DISCOVERY_DATABASE_URL names an SQLite file with options (what follows the “?”), which cannot be "
            "given: leave them out."
        )
    return DatabaseAddress("sqlite", Path(rest[1:]).expanduser())


def _postgresql(rest: str) -> DatabaseAddress:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(f"postgresql+psycopg://{rest}")
    except (ArgumentError, ValueError):  # its own words may hold what stands in the place of the port
        url = None
    if url is None or "@" in f"{url.host}{url.database}":
        raise ConfigurationError(
            "DBT_DISCOVERY_DATABASE_URL is not a full PostgreSQL address, which is "
            "postgresql://user:password@host:5432/database. "
            "In the password, “@”, “:”, “/” and “%” are written %40, %3A, %2F and %25."
        )
    _check_driver()
    if url.host and (host := unquote(url.host)).startswith("/"):  # a folder with a socket, as libpq has it
        url = url._replace(host=None).update_query_dict({"host": host})
    return DatabaseAddress(
        "postgresql",
        _server=url.update_query_dict({key: _PATIENCE[key] for key in _PATIENCE.keys() - url.query.keys()}),
    )


def _check_driver() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            "DBT_DISCOVERY_DATABASE_URL names a PostgreSQL database, which needs more to be installed: "
            f"pip install 'dbt-discovery[postgres]'. ({error})"
        ) from error
