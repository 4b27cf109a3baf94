from __future__ import annotations

import psycopg
import pytest

from tests.servers.postgres_server import PostgresDatabase, PostgresServer


def test_each_database_is_a_new_one(postgres: PostgresDatabase, postgres_of_all_tests: PostgresServer) -> None:
    assert postgres.url.startswith("postgresql://")
    postgres.execute("CREATE TABLE here (number INTEGER)")
    with postgres_of_all_tests.database() as other:
        assert other.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'here'") == [(0,)]
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        other.execute("SELECT 1")


def test_database_that_left_ends_its_connections_until_it_comes_back(postgres: PostgresDatabase) -> None:
    with psycopg.connect(postgres.url) as connection:
        postgres.leave()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.url)
    postgres.come_back()
    assert postgres.execute("SELECT 1") == [(1,)]
