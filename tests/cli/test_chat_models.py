from __future__ import annotations

import sys

import pytest
from dbt_discovery import ConfigurationError, DbtAccount, Settings
from dbt_discovery_web.chat.models import DEFAULT_OPENAI_MODEL, chat_model, model_name, online_model
from langchain_dbt_discovery import OfflineChatModel
from langchain_openai import ChatOpenAI

KEY = "sk-do-not-tell"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "offline"),
        ({"openai_api_key": KEY}, DEFAULT_OPENAI_MODEL),
        ({"openai_base_url": "http://127.0.0.1:1/v1"}, DEFAULT_OPENAI_MODEL),
        ({"openai_api_key": KEY, "chat_model": "Offline"}, "offline"),
        ({"openai_api_key": KEY, "chat_model": "openai:gpt-5"}, "openai:gpt-5"),
        ({"chat_model": "anthropic:claude-opus-4-5"}, "anthropic:claude-opus-4-5"),
    ],
)
def test_model_follows_from_the_settings(given: dict[str, str], name: str) -> None:
    assert model_name(Settings(**given)) == name


async def test_offline_model_needs_no_key(account: DbtAccount) -> None:
    assert isinstance(chat_model(Settings(), account), OfflineChatModel)


def test_values_of_the_settings_are_passed_on_and_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(openai_api_key=KEY, chat_model="openai:gpt-5")
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/elsewhere")
    model = online_model(settings)
    assert isinstance(model, ChatOpenAI)
    assert model.root_async_client.api_key == KEY
    assert str(model.root_async_client.base_url) == "https://api.openai.com/v1/"
    assert model.model_name == "gpt-5"
    assert model.request_timeout == 60
    assert model.max_retries == 2


def test_server_of_ones_own_gets_a_placeholder_for_a_key_and_the_older_protocol() -> None:
    model = online_model(Settings(openai_base_url="http://127.0.0.1:1/v1"))
    assert isinstance(model, ChatOpenAI)
    assert model.root_async_client.api_key
    assert str(model.root_async_client.base_url) == "http://127.0.0.1:1/v1/"
    assert model.use_responses_api is False
    assert f"openai:{model.model_name}" == DEFAULT_OPENAI_MODEL


@pytest.mark.parametrize("name", ["gpt-5", "nobody:nothing", "openai:"])
def test_name_that_means_no_model_says_what_a_name_looks_like(name: str) -> None:
    with pytest.raises(ConfigurationError, match="provider:model"):
        online_model(Settings(chat_model=name))


def test_missing_key_names_the_variable() -> None:
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY is missing"):
        online_model(Settings(chat_model="openai:gpt-5"))


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'dbt-discovery\[openai\]'"):
        online_model(Settings(openai_api_key=KEY))


def test_missing_package_of_another_provider_is_named() -> None:
    with pytest.raises(ConfigurationError, match="langchain-groq"):
        online_model(Settings(chat_model="groq:llama"))
