"""Settings: what the environment says, and the sentence for each way in which it may be wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery import ConfigurationError, DbtAccount, MissingToken, Settings
from pydantic import SecretStr, ValidationError

TOKEN = "dbtc_s3cr3t-t0ken"

VARIABLES: dict[str, tuple[str, str, Any]] = {
    "DBT_ACCOUNT_ID": ("account_id", "7", "7"),
    "DBT_HOST": ("host", "abc123.us1.dbt.com", "abc123.us1.dbt.com"),
    "DBT_METADATA_URL": ("metadata_url", "https://m.example/graphql", "https://m.example/graphql"),
    "DBT_ADMIN_URL": ("admin_url", "https://a.example", "https://a.example"),
    "DBT_ENVIRONMENT": ("environment", "staging", "staging"),
    "DBT_CACHE_TTL": ("cache_ttl", "10.5", 10.5),
    "DBT_ENABLE_CACHING": ("enable_caching", "false", False),
    "DBT_CACHE_URL": ("cache_url", "redis://:pw@cache.example/1", SecretStr("redis://:pw@cache.example/1")),
    "DBT_DISCOVERY_DATABASE_URL": ("database_url", "sqlite:///x.db", "sqlite:///x.db"),
    "DBT_SANDBOX_ARTIFACTS": ("sandbox_artifacts", "target", Path("target")),
    "DBT_DISCOVERY_LOG_LEVEL": ("log_level", "debug", "DEBUG"),
    "DBT_DISCOVERY_TIMEZONE": ("timezone", "Europe/Berlin", "Europe/Berlin"),
    "DBT_DISCOVERY_NOW": ("fixed_now", "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    "DBT_DISCOVERY_CHAT_MODEL": ("chat_model", "offline", "offline"),
    "OPENAI_BASE_URL": ("openai_base_url", "http://localhost:1/v1", "http://localhost:1/v1"),
}


@pytest.mark.parametrize("variable", VARIABLES)
def test_variable_is_read(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    field, text, value = VARIABLES[variable]
    assert getattr(Settings.load(), field) != value
    monkeypatch.setenv(variable, text)
    assert getattr(Settings.load(), field) == value


@pytest.mark.parametrize("variable", [*VARIABLES, "DBT_SERVICE_TOKEN", "OPENAI_API_KEY"])
def test_empty_value_counts_as_unset(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = Settings.load()
    monkeypatch.setenv(variable, "")
    assert Settings.load() == unset


def test_defaults() -> None:
    settings = Settings.load()
    assert (settings.environment, settings.cache_ttl, settings.enable_caching) == ("production", 300.0, True)
    assert (settings.log_level, settings.timezone, settings.fixed_now) == ("WARNING", "UTC", None)
    assert not settings.account_named


def test_env_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DBT_ACCOUNT_ID=1\nDBT_HOST=\nDBT_CACHE_TTL=20\nSOMETHING_ELSE=x\n")
    monkeypatch.setenv("DBT_ACCOUNT_ID", "2")
    settings = Settings.load()
    assert (settings.account_id, settings.host, settings.cache_ttl) == ("2", None, 20.0)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("DBT_ACCOUNT_ID", "acme"),
        ("DBT_ENVIRONMENT", "qa"),
        ("DBT_CACHE_TTL", "soon"),
        ("DBT_CACHE_TTL", "-1"),
        ("DBT_CACHE_TTL", "inf"),
        ("DBT_ENABLE_CACHING", "perhaps"),
        ("DBT_DISCOVERY_LOG_LEVEL", "LOUD"),
        ("DBT_DISCOVERY_TIMEZONE", "Mars/Olympus"),
        ("DBT_DISCOVERY_TIMEZONE", "../etc/passwd"),
        ("DBT_DISCOVERY_NOW", "yesterday"),
    ],
)
def test_bad_value_names_its_variable(variable: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigurationError, match=variable):
        Settings.load()


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://user:s3cret@cache.example:6379/0",
        "rediss://:s%2F%40%23%3Fcret@cache.example:6380?ssl_cert_reqs=none",
        "redis://[::1]:6379",
        "unix:///run/redis.sock?db=1",
        "unix://user:s3cret@/run/redis@home.sock",
    ],
)
def test_address_of_a_redis_is_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_CACHE_URL", url)
    settings = Settings.load()
    assert settings.cache_url == SecretStr(url)
    assert "s3cret" not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    "url",
    [
        "s3cret",
        "localhost:6379/s3cret",
        "http://user:s3cret@cache.example",
        "memcached://user:s3cret@cache.example",
        "redis://",
        "redis:///0",
        "redis://:s3cret@",
        "redis://:s3cret@cache.example:port",
        "redis://:s3cret@cache.example:0",
        "redis://:s3cret@cache.example:99999",
        "redis://:s3cret@cache.example/database",
        "redis://user:1/s3cret@cache.example",
        "redis://user:1#s3cret@cache.example",
        "redis://user:1?s3cret@cache.example",
        "redis://:s3cret@[::1",
        "unix://",
        "unix:///",
    ],
)
def test_address_of_anything_else_is_refused_without_showing_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_CACHE_URL", url)
    with pytest.raises(ConfigurationError, match=r"DBT_CACHE_URL: not the address of a Redis; use redis://") as refused:
        Settings.load()
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(ValidationError) as shown:
        Settings(cache_url=url)
    assert "s3cret" not in str(shown.value)


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_CACHE_TTL", "soon")
    monkeypatch.setenv("DBT_ENVIRONMENT", "qa")
    with pytest.raises(ConfigurationError, match=r"(?s)DBT_ENVIRONMENT.*DBT_CACHE_TTL"):
        Settings.load()


def test_token_is_in_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_SERVICE_TOKEN", TOKEN)
    monkeypatch.setenv("OPENAI_API_KEY", TOKEN)
    settings = Settings.load()
    assert settings.service_token is not None
    assert settings.service_token.get_secret_value() == TOKEN
    for text in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert TOKEN not in text


def test_token_is_not_in_the_error_for_another_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_SERVICE_TOKEN", TOKEN)
    monkeypatch.setenv("DBT_CACHE_TTL", "soon")
    with pytest.raises(ConfigurationError) as refused:
        Settings.load()
    assert TOKEN not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("variable", ["DBT_ACCOUNT_ID", "DBT_HOST", "DBT_METADATA_URL", "DBT_ADMIN_URL"])
def test_half_a_configuration_without_token_names_both_halves(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, VARIABLES[variable][1])
    settings = Settings.load()
    assert settings.account_named
    with pytest.raises(ConfigurationError, match=f"DBT_SERVICE_TOKEN is missing.*{variable} is set") as refused:
        settings.check_account()
    assert not isinstance(refused.value, MissingToken)


@pytest.mark.parametrize(
    ("given", "missing"), [("DBT_METADATA_URL", "DBT_ADMIN_URL"), ("DBT_ADMIN_URL", "DBT_METADATA_URL")]
)
def test_one_address_without_the_other_names_the_missing_one(
    given: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_SERVICE_TOKEN", TOKEN)
    monkeypatch.setenv(given, VARIABLES[given][1])
    with pytest.raises(ConfigurationError, match=f"{missing} is missing"):
        Settings.load().check_account()
    monkeypatch.setenv("DBT_HOST", "abc123.us1.dbt.com")
    Settings.load().check_account()


def test_a_token_alone_is_a_whole_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_SERVICE_TOKEN", TOKEN)
    Settings.load().check_account()


def test_nothing_at_all_is_a_whole_configuration_too() -> None:
    Settings.load().check_account()


def test_account_from_an_empty_environment_names_both_ways_out() -> None:
    with pytest.raises(MissingToken, match=r"DBT_SERVICE_TOKEN.*dbt_cloud_sandbox\.transport\(\)"):
        DbtAccount.from_env()


def test_account_from_half_an_environment_names_the_missing_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ACCOUNT_ID", "7")
    with pytest.raises(ConfigurationError, match="DBT_SERVICE_TOKEN is missing"):
        DbtAccount.from_env()


def test_account_from_the_environment_takes_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_SERVICE_TOKEN", TOKEN)
    monkeypatch.setenv("DBT_ACCOUNT_ID", "7")
    monkeypatch.setenv("DBT_HOST", "abc123.us1.dbt.com")
    monkeypatch.setenv("DBT_CACHE_TTL", "12")
    account = DbtAccount.from_env()
    assert account.get_account_id() == "7"
    assert account.caching_strategy.cache_ttl == 12
    assert TOKEN not in repr(account)
    account.close()


@pytest.mark.parametrize("token", [None, "", "  "])
def test_no_token_and_no_transport_is_refused(token: str | None) -> None:
    with pytest.raises(MissingToken):
        DbtAccount(token=token, account_id="7")


@pytest.mark.parametrize("token", ["tökén", "dbtc_…", "two words", "dbtc_a\nb"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(ConfigurationError, match="token") as refused:
        DbtAccount(token=token, account_id="7")
    assert token not in str(refused.value)


def test_an_account_id_that_is_no_number_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="account"):
        DbtAccount(token=TOKEN, account_id="1/../2")


def test_fixed_clock_without_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_DISCOVERY_NOW", "2026-01-02T03:04:05")
    assert Settings.load().now() == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_clock_runs_unless_it_is_fixed() -> None:
    before = datetime.now(UTC)
    assert before <= Settings.load().now() <= datetime.now(UTC)
