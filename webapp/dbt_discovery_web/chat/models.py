"""Which chat model answers: the offline one, or whichever LangChain model the settings name."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from dbt_discovery import ConfigurationError, DbtAccount, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["DEFAULT_OPENAI_MODEL", "OFFLINE", "chat_model", "close_model", "model_name", "online_model"]

OFFLINE = "offline"
"""Name of the model that needs no key and no network."""

DEFAULT_OPENAI_MODEL = "openai:gpt-5-mini"
"""The model when an OpenAI key or base URL is set and no model is named: quick, cheap, and good at calling tools."""

TIMEOUT = 60.0
"""Seconds without a word after which a model counts as silent."""

_OPENAI_URL = "https://api.openai.com/v1"
_NO_KEY_NEEDED = "not-needed"
_MAX_RETRIES = 2
_MAX_TOKENS = 16_000
"""The most a reply may cost, a model's silent reasoning included: twenty times what an answer needs."""
_TAKE_LIMITS = frozenset({"anthropic", "deepseek", "fireworks", "google_genai", "groq", "mistralai", "together", "xai"})
"""Providers whose LangChain classes take `timeout` and `max_retries`; some others refuse what they do not know."""


def model_name(settings: Settings) -> str:
    """The chat model's name as a LangChain model string, or `offline`."""
    if settings.chat_model:
        name = settings.chat_model.strip()
        return OFFLINE if name.lower() == OFFLINE else name
    return DEFAULT_OPENAI_MODEL if settings.openai_api_key or settings.openai_base_url else OFFLINE


def chat_model(settings: Settings, account: DbtAccount) -> BaseChatModel:
    """The chat model that the settings name.

    Args:
        settings: They name the model and hold its key.
        account: Gives the offline model its clock and the names it recognises.

    Raises:
        ConfigurationError: A package, a key or the model is missing; the message names it.
    """
    return _offline(settings, account) if model_name(settings) == OFFLINE else online_model(settings)


def online_model(settings: Settings, *, timeout: float = TIMEOUT) -> BaseChatModel:
    """The model of a provider that the settings name.

    Settings may come from `.env`, which providers' libraries do not read: what they need is therefore passed to them
    explicitly, and never left to their own look at the environment. A timeout and few retries are set because the
    libraries' own would keep a person waiting for minutes.

    Args:
        settings: They name the model and hold its key.
        timeout: Seconds without a word after which the model counts as silent.

    Raises:
        ConfigurationError: A package, a key or the model is missing; the message names it.
    """
    name = model_name(settings)
    provider, _, model = name.partition(":")
    if not model:
        raise _unusable(name)
    provider = provider.replace("-", "_").lower()
    limits = {"timeout": timeout, "max_retries": _MAX_RETRIES}
    return _openai(settings, model, limits) if provider == "openai" else _any_provider(provider, model, limits)


async def close_model(model: BaseChatModel) -> None:
    """Closes the connections of a model that was made here."""
    client = getattr(model, "http_async_client", None)
    if client:
        await client.aclose()


def _offline(settings: Settings, account: DbtAccount) -> BaseChatModel:
    try:
        from langchain_dbt_discovery import OfflineChatModel
    except ImportError as error:
        raise _not_installed("The offline chat model", "agent") from error
    return OfflineChatModel(clock=account.now, zone=settings.zone, vocabulary=account.avocabulary)


def _openai(settings: Settings, model: str, limits: dict[str, Any]) -> BaseChatModel:
    """OpenAI, or a server that speaks its protocol."""
    base_url, key = settings.openai_base_url, settings.openai_api_key
    if not (base_url or key):
        raise ConfigurationError(
            f"OPENAI_API_KEY is missing, though DBT_DISCOVERY_CHAT_MODEL is openai:{model}. Set it (or "
            "OPENAI_BASE_URL for a server of your own), or set DBT_DISCOVERY_CHAT_MODEL=offline."
        )
    given = {
        "api_key": key.get_secret_value() if key else _NO_KEY_NEEDED,
        "stream_chunk_timeout": limits["timeout"],
        **limits,
    }
    try:
        from openai import DefaultAsyncHttpxClient

        given["http_async_client"] = DefaultAsyncHttpxClient()  # LangChain's own would be shared, and never closed
        return _compatible(model, base_url, given) if base_url else _openai_itself(model, given)
    except ImportError as error:
        raise _not_installed(f"The chat model openai:{model}", "openai") from error


def _openai_itself(model: str, given: dict[str, Any]) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    made: BaseChatModel = init_chat_model(
        model, model_provider="openai", base_url=_OPENAI_URL, stream_usage=True, max_tokens=_MAX_TOKENS, **given
    )
    return made


def _compatible(model: str, base_url: str, given: dict[str, Any]) -> BaseChatModel:
    """A server of one's own: it wants some key, whichever, and rarely knows the newer Responses API.

    A name and a password in its address become a header, as they would stand in logs otherwise. It is not told how much
    it may write: some do not know the argument, and small models have less room than that.
    """
    from dbt_discovery_web.chat.compatible_model import CompatibleModel

    address, credentials = _without_credentials(base_url)
    headers = {"Authorization": credentials} if credentials else None
    return CompatibleModel(model=model, base_url=address, default_headers=headers, use_responses_api=False, **given)


def _without_credentials(url: str) -> tuple[str, str | None]:
    """An address without the name and password in it, and those as an `Authorization` header, if there are any."""
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    encoded = b64encode(unquote(credentials).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), f"Basic {encoded}"


def _any_provider(provider: str, model: str, limits: dict[str, Any]) -> BaseChatModel:
    """A model of any provider that LangChain knows; its key comes from the provider's own variable."""
    name = f"{provider}:{model}"
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise _not_installed(f"The chat model {name}", "agent") from error
    try:
        made: BaseChatModel = init_chat_model(
            model, model_provider=provider, **(limits if provider in _TAKE_LIMITS else {})
        )
    except ImportError as error:
        raise ConfigurationError(f"The chat model {name} needs a package that is not installed. {error}.") from error
    except Exception as error:  # each provider's library has its own, and a message of theirs may hold the key
        raise _unusable(name) from error
    return made


def _unusable(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"DBT_DISCOVERY_CHAT_MODEL “{name}” cannot be used. Set it to offline, or to provider:model such as "
        "openai:gpt-5, and set the key that the provider asks for."
    )


def _not_installed(what: str, extra: str) -> ConfigurationError:
    return ConfigurationError(f"{what} is not installed: run pip install 'dbt-discovery[{extra}]'.")
