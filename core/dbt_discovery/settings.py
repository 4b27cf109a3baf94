"""Settings: every environment variable, read in one place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dbt_discovery.exceptions import ConfigurationError

__all__ = ["Settings"]


class Settings(BaseSettings):
    """What the environment and `.env` say. An empty value counts as unset.

    Each field is read from the variable named beside it; `docs/settings.md` explains them all.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    service_token: SecretStr | None = Field(default=None, validation_alias="DBT_SERVICE_TOKEN")
    account_id: str | None = Field(default=None, validation_alias="DBT_ACCOUNT_ID")
    host: str | None = Field(default=None, validation_alias="DBT_HOST")
    metadata_url: str | None = Field(default=None, validation_alias="DBT_METADATA_URL")
    admin_url: str | None = Field(default=None, validation_alias="DBT_ADMIN_URL")
    environment: Literal["production", "staging"] = Field(default="production", validation_alias="DBT_ENVIRONMENT")
    environment_ids: Annotated[tuple[str, ...], NoDecode] = Field(default=(), validation_alias="DBT_ENVIRONMENT_IDS")
    admin_requests_per_minute: int = Field(default=5000, ge=1, validation_alias="DBT_ADMIN_REQUESTS_PER_MINUTE")
    metadata_requests_per_minute: int = Field(default=500, ge=1, validation_alias="DBT_METADATA_REQUESTS_PER_MINUTE")
    cache_ttl: float = Field(default=300.0, ge=0, le=31_536_000, validation_alias="DBT_CACHE_TTL")
    enable_caching: bool = Field(default=True, validation_alias="DBT_ENABLE_CACHING")
    cache_url: SecretStr | None = Field(default=None, validation_alias="DBT_CACHE_URL")
    # It may hold a password, so that it is not shown with the rest.
    database_url: str | None = Field(default=None, repr=False, validation_alias="DBT_DISCOVERY_DATABASE_URL")
    warm: bool = Field(default=False, validation_alias="DBT_DISCOVERY_WARM")
    sandbox_artifacts: Path | None = Field(default=None, validation_alias="DBT_SANDBOX_ARTIFACTS")
    webhook_secret: SecretStr | None = Field(default=None, validation_alias="DBT_DISCOVERY_WEBHOOK_SECRET")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        default="WARNING", validation_alias="DBT_DISCOVERY_LOG_LEVEL"
    )
    timezone: str = Field(default="UTC", validation_alias="DBT_DISCOVERY_TIMEZONE")
    fixed_now: datetime | None = Field(default=None, validation_alias="DBT_DISCOVERY_NOW")
    chat_model: str | None = Field(default=None, validation_alias="DBT_DISCOVERY_CHAT_MODEL")
    tools_include: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), validation_alias="DBT_DISCOVERY_TOOLS_INCLUDE"
    )
    tools_exclude: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), validation_alias="DBT_DISCOVERY_TOOLS_EXCLUDE"
    )
    tools_groups: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), validation_alias="DBT_DISCOVERY_TOOLS_GROUPS"
    )
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")

    @field_validator("account_id", "host", "metadata_url", "admin_url", mode="before")
    @classmethod
    def _stripped(cls, value: object) -> object:
        return str(value).strip() if isinstance(value, str | int) else value

    @field_validator("account_id")
    @classmethod
    def _number(cls, value: str | None) -> str | None:
        if value is not None and not value.isdigit():
            raise ValueError("an account id is a number, as in the address of your account settings")
        return value

    @field_validator("environment_ids", "tools_include", "tools_exclude", "tools_groups", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("environment_ids")
    @classmethod
    def _numbers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := next((each for each in value if not each.isdigit()), None):
            raise ValueError(f"“{wrong}” is not an environment id; give numbers with commas between")
        return tuple(dict.fromkeys(value))

    @field_validator("cache_url")
    @classmethod
    def _redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _names_a_redis(value.get_secret_value()):
            raise ValueError(
                "not the address of a Redis; use redis://host:6379/0, rediss://… for TLS, or unix:///path/to/socket. "
                "In a password, write / as %2F, @ as %40, # as %23 and ? as %3F"
            )
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("not a time zone; use a name such as UTC or Europe/Berlin") from error
        return value

    @field_validator("fixed_now")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value

    @classmethod
    def load(cls) -> Settings:
        """The settings of this process.

        Raises:
            ConfigurationError: A value is not of its variable's form; the message names the variable.
        """
        try:
            return cls()
        except ValidationError as error:
            faults = "; ".join(
                f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()
            )
            raise ConfigurationError(f"Settings are not right: {faults}.") from None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin."""
        return ZoneInfo(self.timezone)

    @property
    def account_named(self) -> bool:
        """Whether anything points at a dbt Cloud account, so that the sandbox must not step in for it."""
        return any((self.service_token, self.account_id, self.host, self.metadata_url, self.admin_url))

    def now(self) -> datetime:
        """The moment it is: `DBT_DISCOVERY_NOW` where that is set."""
        return self.fixed_now or datetime.now(UTC)

    def check_account(self) -> None:
        """Makes sure that the settings point at an account as a whole.

        Raises:
            ConfigurationError: Half of a configuration is there; the message names the missing half.
        """
        present = {
            "DBT_SERVICE_TOKEN": self.service_token,
            "DBT_ACCOUNT_ID": self.account_id,
            "DBT_HOST": self.host,
            "DBT_METADATA_URL": self.metadata_url,
            "DBT_ADMIN_URL": self.admin_url,
        }
        named = [name for name, value in present.items() if value]
        if named and not self.service_token:
            raise ConfigurationError(
                f"DBT_SERVICE_TOKEN is missing, though {', '.join(named)} {'is' if len(named) == 1 else 'are'} set. "
                "Set it to a dbt Cloud token, or unset the rest to use the sandbox."
            )
        if bool(self.metadata_url) != bool(self.admin_url) and not self.host:
            given, missing = ("METADATA", "ADMIN") if self.metadata_url else ("ADMIN", "METADATA")
            raise ConfigurationError(
                f"DBT_{missing}_URL is missing, though DBT_{given}_URL is set: set both, or set DBT_HOST beside it, so "
                "that both requests and token go where you mean."
            )


def _names_a_redis(url: str) -> bool:
    """Whether a URL is one of Redis. A password that is not encoded would end up in other parts of it."""
    try:
        parts = urlsplit(url)
        port = parts.port  # raises where it is no number
    except ValueError:
        return False
    if parts.scheme == "unix":
        return len(parts.path) > 1
    database = parts.path.removeprefix("/")
    return (
        parts.scheme in ("redis", "rediss")
        and bool(parts.hostname)
        and port != 0
        and (not database or database.isdigit())
        and not parts.fragment
        and "@" not in parts.query
    )
