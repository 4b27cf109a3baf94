"""Where an account is: what is passed, and else what the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt_cloud_sandbox import World, transport
from dbt_discovery import ConfigurationError, DbtAccount, MissingToken, Settings

from tests.core.tiny import TinyCloud

TOKEN = "dbtc_of_where"
ADMIN, METADATA = "https://admin.example", "https://metadata.example/graphql"


def places(account: DbtAccount) -> tuple[str, str]:
    endpoints = account._connection.wire.endpoints
    account.close()
    return endpoints.admin, endpoints.discovery


def test_a_token_that_is_passed_goes_to_the_host_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_HOST", "abc123.us1.dbt.com")
    account = DbtAccount(token=TOKEN, account_id="7")
    assert account.account_id == "7"
    assert places(account) == ("https://abc123.us1.dbt.com", "https://abc123.metadata.us1.dbt.com/graphql")


def test_a_token_that_is_passed_goes_to_the_addresses_of_dotenv() -> None:
    Path(".env").write_text(f"DBT_ADMIN_URL={ADMIN}\nDBT_METADATA_URL={METADATA}\n")
    assert places(DbtAccount(TOKEN)) == (ADMIN, METADATA)


def test_half_of_the_addresses_is_refused_before_a_token_goes_astray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ADMIN_URL", ADMIN)
    with pytest.raises(ConfigurationError, match="DBT_METADATA_URL is missing"):
        DbtAccount(TOKEN)


@pytest.mark.parametrize("given", [{"host": "emea.dbt.com"}, {"admin_url": ADMIN, "metadata_url": METADATA}], ids=str)
def test_what_is_passed_leaves_the_environment_out(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    monkeypatch.setenv("DBT_HOST", "abc123.us1.dbt.com")
    monkeypatch.setenv("DBT_ADMIN_URL", "https://other.example")
    admin, discovery = places(DbtAccount(TOKEN, **given))  # type: ignore[arg-type]
    assert admin == given.get("admin_url", "https://emea.dbt.com")
    assert discovery == given.get("metadata_url", "https://metadata.emea.dbt.com/graphql")


def test_a_transport_needs_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setenv("DBT_HOST", "abc123.us1.dbt.com")
    monkeypatch.setenv("DBT_SERVICE_TOKEN", "invalid")
    with DbtAccount(transport=transport(world), settings=Settings()) as account:
        assert account._connection.wire.endpoints.host == "sandbox.localhost"
        assert account.get_source().kind == "sandbox"


def test_no_token_passed_is_no_token_though_the_environment_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_SERVICE_TOKEN", TOKEN)
    with pytest.raises(MissingToken):
        DbtAccount()
    monkeypatch.setenv("DBT_HOST", "abc123.us1.dbt.com")
    with pytest.raises(MissingToken):
        DbtAccount(account_id="7")


def test_settings_that_are_passed_bring_their_token_and_account_id() -> None:
    settings = Settings(service_token=TOKEN, account_id="7", host="emea.dbt.com")
    account = DbtAccount(settings=settings)
    assert account.account_id == "7"
    assert places(account)[0] == "https://emea.dbt.com"
    other = DbtAccount(account_id="8", settings=settings)
    assert other.account_id == "8"
    other.close()


def test_a_token_that_is_passed_does_not_take_the_account_id_of_another() -> None:
    account = DbtAccount("dbtc_another", settings=Settings(service_token=TOKEN, account_id="7"))
    assert account.account_id is None
    account.close()


def test_an_account_shows_its_id_and_host_and_never_its_token() -> None:
    account = DbtAccount(TOKEN, 7, host="abc123.us1.dbt.com")
    assert repr(account) == str(account) == "<DbtAccount 7 at abc123.us1.dbt.com>"
    account.close()
    unknown = DbtAccount(TOKEN, host="emea.dbt.com")
    assert repr(unknown) == "<DbtAccount at emea.dbt.com>"
    unknown.close()
    with TinyCloud().account() as tiny:
        assert repr(tiny) == "<DbtAccount 1 at cloud.getdbt.com>"


def test_half_of_the_addresses_is_refused_as_an_argument_too() -> None:
    with pytest.raises(ConfigurationError, match="DBT_ADMIN_URL is missing"):
        DbtAccount("t0ken", 1, metadata_url="https://abc.metadata.eu1.dbt.com/graphql")
