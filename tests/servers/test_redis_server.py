from __future__ import annotations

from pathlib import Path

import pytest

from .redis_server import redis_server


def test_answers_and_is_gone_afterwards(tmp_path_factory: pytest.TempPathFactory) -> None:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        assert server.command("PING") == b"+PONG\r\n"
        assert Path(server.socket).exists()
    with pytest.raises(OSError, match="refused"):
        server.command("PING")


def test_forgets_when_it_is_emptied_or_killed_and_comes_back_on_the_same_port(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with redis_server(tmp_path_factory.mktemp("redis"), "s3cret") as server:
        for forget in (server.flush, lambda: (server.kill(), server.start())):
            server.command("SET", "key", "value")
            assert server.command("EXISTS", "key") == b":1\r\n"
            port = server.port
            forget()
            assert (server.port, server.command("EXISTS", "key")) == (port, b":0\r\n")


def test_can_be_ended_while_it_is_held_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        server.pause()
    with pytest.raises(OSError, match="refused"):
        server.command("PING")
