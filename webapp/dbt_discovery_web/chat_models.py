"""Which chat model answers: the offline one, or whichever LangChain model the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbt_discovery import ConfigurationError, DbtAccount, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["DEFAULT_OPENAI_MODEL", "OFFLINE", "chat_model", "model_name", "online_model"]

OFFLINE = "offline"
"""Name of the model that needs no key and no network."""

DEFAULT_OPENAI_MODEL = "openai:gpt-5-mini"
"""The model when an OpenAI key or base URL is set and no model is named: quick, cheap, and good at calling tools."""

_OPENAI_URL = "https://api.openai.com/v1"
_NO_KEY_NEEDED = "not-needed"
_TIMEOUT = 60.0
_MAX_RETRIES = 2
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


def online_model(settings: Settings) -> BaseChatModel:
    """The model of a provider that the settings name.

    Settings may come from `.env`, which providers' libraries do not read: what they need is therefore passed to them
    explicitly, and never left to their own look at the environment. A timeout and few retries are set because the
    libraries' own would keep a person waiting for minutes.

    Raises:
        ConfigurationError: A package, a key or the model is missing; the message names it.
    """
    name = model_name(settings)
    provider, _, model = name.partition(":")
    if not model:
        raise _unusable(name)
    provider = provider.replace("-", "_").lower()
    return _openai(settings, model) if provider == "openai" else _any_provider(provider, model)


def _offline(settings: Settings, account: DbtAccount) -> BaseChatModel:
    try:
        from langchain_dbt_discovery import OfflineChatModel
    except ImportError as error:
        raise _not_installed("The offline chat model", "agent") from error
    return OfflineChatModel(clock=account.now, zone=settings.zone, vocabulary=account.avocabulary)


def _openai(settings: Settings, model: str) -> BaseChatModel:
    """OpenAI, or a server that speaks its protocol.

    Such servers on one's own machine want some key, whichever, and rarely know the newer Responses API.
    """
    base_url, key = settings.openai_base_url, settings.openai_api_key
    if not (base_url or key):
        raise ConfigurationError(
            f"OPENAI_API_KEY is missing, though DBT_DISCOVERY_CHAT_MODEL is openai:{model}. Set it (or "
            "OPENAI_BASE_URL for a server of your own), or set DBT_DISCOVERY_CHAT_MODEL=offline."
        )
    try:
        from langchain.chat_models import init_chat_model

        made: BaseChatModel = init_chat_model(
            model,
            model_provider="openai",
            api_key=key.get_secret_value() if key else _NO_KEY_NEEDED,
            base_url=base_url or _OPENAI_URL,
            stream_usage=base_url is None,
            use_responses_api=False if base_url else None,
            timeout=_TIMEOUT,
            max_retries=_MAX_RETRIES,
        )
    except ImportError as error:
        raise _not_installed(f"The chat model openai:{model}", "openai") from error
    return made


def _any_provider(provider: str, model: str) -> BaseChatModel:
    """A model of any provider that LangChain knows; its key comes from the provider's own variable."""
    name = f"{provider}:{model}"
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise _not_installed(f"The chat model {name}", "agent") from error
    limits: dict[str, Any] = {"timeout": _TIMEOUT, "max_retries": _MAX_RETRIES} if provider in _TAKE_LIMITS else {}
    try:
        made: BaseChatModel = init_chat_model(model, model_provider=provider, **limits)
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
