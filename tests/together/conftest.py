"""What processes that share something share: one dbt Cloud, a Redis, a PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from dbt_cloud_sandbox import World

from tests.servers.postgres_server import PASSWORD, PostgresDatabase
from tests.servers.redis_server import RedisServer, redis_server
from tests.together.cloud import Cloud, cloud_of
from tests.together.processes import QUESTIONS, Asker, asker

Start = Callable[..., Asker]
Alone = tuple[list[Any], dict[Any, int]]


@pytest.fixture(scope="session")
def cloud_of_all_tests(world: World) -> Iterator[Cloud]:
    with cloud_of(world) as cloud:
        yield cloud


@pytest.fixture
def cloud(cloud_of_all_tests: Cloud) -> Iterator[Cloud]:
    """The dbt Cloud that is asked, which has not been asked anything yet."""
    cloud_of_all_tests.begin_anew()
    yield cloud_of_all_tests
    cloud_of_all_tests.begin_anew()


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of the test's own, which asks for a password."""
    with redis_server(tmp_path_factory.mktemp("redis"), PASSWORD) as server:
        yield server


@pytest.fixture
def in_redis(redis: RedisServer) -> dict[str, str]:
    """The variable that lets processes share it."""
    return {"DBT_CACHE_URL": redis.url}


@pytest.fixture
def in_postgres(postgres: PostgresDatabase) -> dict[str, str]:
    """The variable that lets processes share a PostgreSQL."""
    return {"DBT_DISCOVERY_DATABASE_URL": postgres.url}


@pytest.fixture
def in_both(in_redis: dict[str, str], in_postgres: dict[str, str]) -> dict[str, str]:
    """The variables that let processes share both."""
    return in_redis | in_postgres


@pytest.fixture
def start(cloud: Cloud) -> Iterator[Start]:
    """Starts processes that ask; none of them tells a password, or shows a traceback."""
    with ExitStack() as stack:
        started: list[Asker] = []

        def begin(*variables: dict[str, str], token: str = "sandbox") -> Asker:
            environment = cloud.environment(token)
            for some in variables:
                environment |= some
            started.append(stack.enter_context(asker(environment)))
            return started[-1]

        yield begin
    for each in started:
        assert PASSWORD not in each.log
        assert "Traceback" not in each.log


@pytest.fixture(scope="session")
def alone(cloud_of_all_tests: Cloud) -> Alone:
    """What a process that shares nothing with any other is answered to all questions, and what it asks for that."""
    cloud_of_all_tests.begin_anew()
    with asker(cloud_of_all_tests.environment()) as one:
        answers = one.ask(*QUESTIONS)
    return answers, dict(cloud_of_all_tests.questions)
