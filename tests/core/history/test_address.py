"""Addresses of databases: every form in which people write one, and what is never told of it."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery import ConfigurationError
from dbt_discovery.history.address import MEMORY, parse_address

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///chat.db", "chat.db"),
        ("sqlite:////var/lib/chat.db", "/var/lib/chat.db"),
        ("sqlite+aiosqlite:///folder/chat.db", "folder/chat.db"),
        (" SQLite:///a b.db ", "a b.db"),
    ],
)
def test_sqlite_file_is_read_whatever_the_driver(url: str, file: str) -> None:
    address = parse_address(url)
    assert address is not None
    assert (address.kind, address.file, address.shown) == ("sqlite", Path(file), file)
    assert (str(address.sync_url()), str(address.async_url())) == (f"sqlite:///{file}", f"sqlite+aiosqlite:///{file}")


def test_tilde_is_the_persons_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    address = parse_address("sqlite:///~/chat.db")
    assert address is not None
    assert address.file == Path("/home/ada/chat.db")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_sqlite_without_a_file_is_memory(url: str) -> None:
    assert parse_address(url) == MEMORY
    assert (str(MEMORY.sync_url()), str(MEMORY.async_url())) == ("sqlite://", "sqlite+aiosqlite://")


@pytest.mark.parametrize("url", [None, ""])
def test_no_value_is_no_address(url: str | None) -> None:
    assert parse_address(url) is None


@pytest.mark.parametrize(
    "form", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg", "postgresql+psycopg2"]
)
def test_postgresql_is_reached_with_our_driver_whichever_is_named(form: str) -> None:
    address = parse_address(f"{form}://ada:{SECRET}@db.example:5433/discovery?sslmode=require")
    assert address is not None
    assert (address.kind, address.file) == ("postgresql", None)
    for url in (address.sync_url(), address.async_url()):
        assert url.drivername == "postgresql+psycopg"
        assert (url.username, url.password, url.host, url.port) == ("ada", SECRET, "db.example", 5433)
        assert (url.database, url.query["sslmode"]) == ("discovery", "require")


def test_password_is_given_as_it_is_meant() -> None:
    address = parse_address("postgresql://ada:p%40ss%2Fw%25+rd@db/discovery")
    assert address is not None
    assert address.sync_url().password == "p@ss/w%+rd"


@pytest.mark.parametrize(
    "url", ["postgresql:///discovery?host=/run/postgresql", "postgresql://%2Frun%2Fpostgresql/discovery"]
)
def test_folder_of_a_socket_is_a_host(url: str) -> None:
    address = parse_address(url)
    assert address is not None
    given = address.sync_url()
    assert (given.host, given.query["host"], given.database) == (None, "/run/postgresql", "discovery")
    assert address.shown == "postgresql:///discovery?host=/run/postgresql"


def test_a_host_that_says_nothing_is_given_up_unless_the_address_says_how_long_to_wait() -> None:
    first, second = parse_address("postgres://db/a"), parse_address("postgres://db/a?connect_timeout=3")
    assert first is not None
    assert second is not None
    assert (first.sync_url().query["connect_timeout"], second.sync_url().query["connect_timeout"]) == ("10", "3")


def test_what_is_shown_holds_no_secret() -> None:
    address = parse_address(f"postgresql://ada:{SECRET}@[::1]:5433/db?password={SECRET}&sslpassword={SECRET}")
    assert address is not None
    assert address.shown == str(address) == "postgresql://ada@[::1]:5433/db"
    assert SECRET not in f"{address!r}{address}{[address]}"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"mysql://ada:{SECRET}@db/discovery", "“mysql”, but only SQLite and PostgreSQL"),
        (f"ada:{SECRET}@db", "not the address of a database"),
        (f"postgresql://ada:x@{SECRET}@db/discovery", "%40"),
        (f"postgresql://ada:x@x/{SECRET}@db/discovery", "%2F"),
        (f"postgresql://ada:x@x:{SECRET}@db/discovery", "%3A"),
        (f"postgresql://db:{SECRET}/discovery", "full PostgreSQL address"),
        ("sqlite://chat.db", "three begin a relative path"),
        ("sqlite:///chat.db?mode=ro", "leave them out"),
    ],
)
def test_what_cannot_be_used_is_said_without_telling_the_rest(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match="DBT_DISCOVERY_DATABASE_URL") as raised:
        parse_address(url)
    assert says in str(raised.value)
    assert SECRET not in str(raised.value)
    assert raised.value.__context__ is None, "what went wrong inside may hold the address"


def test_missing_driver_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    get = builtins.__import__

    def without_psycopg(name: str, *rest: Any) -> Any:
        if name == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'")
        return get(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    with pytest.raises(ConfigurationError, match=r"pip install 'dbt-discovery\[postgres\]'"):
        parse_address("postgresql://db/discovery")
