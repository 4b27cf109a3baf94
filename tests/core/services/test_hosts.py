"""Where the two APIs live, for every kind of host that dbt Cloud has."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from dbt_discovery import ConfigurationError, DbtDiscoveryError
from dbt_discovery.services.hosts import Endpoints, endpoints_for, no_connection
from dbt_discovery.services.responses import admin_body, discovery_data

REGIONS = ["us1", "us2", "us3", "eu1", "eu2", "eu3", "eu4", "au1", "au2", "jp1"]


@pytest.mark.parametrize("region", REGIONS)
def test_an_account_prefix_stands_before_metadata(region: str) -> None:
    found = endpoints_for(f"abc123.{region}.dbt.com")
    assert found.host == f"abc123.{region}.dbt.com"
    assert found.admin == f"https://abc123.{region}.dbt.com"
    assert found.discovery == f"https://abc123.metadata.{region}.dbt.com/graphql"


@pytest.mark.parametrize(
    "host",
    ["cloud.getdbt.com", "emea.dbt.com", "au.dbt.com", "us1.dbt.com", "dbt.example.org", "cloud.corp.getdbt.com"],
)
def test_a_host_without_prefix_has_metadata_in_front(host: str) -> None:
    found = endpoints_for(host)
    assert (found.admin, found.discovery) == (f"https://{host}", f"https://metadata.{host}/graphql")


@pytest.mark.parametrize("host", ["127.0.0.1:9", "10.0.0.5", "[::1]:8443", "localhost:8000", "dbt.localhost"])
def test_an_ip_address_and_this_machine_have_both_apis_themselves(host: str) -> None:
    found = endpoints_for(host)
    assert (found.admin, found.discovery) == (f"https://{host}", f"https://{host}/graphql")
    text = reason(found, found.discovery, httpx.ConnectError("All connection attempts failed"))
    assert "Check DBT_HOST." in text
    assert "_URL" not in text


def test_default_is_the_old_multi_tenant_host() -> None:
    assert endpoints_for(None) == endpoints_for("cloud.getdbt.com")


@pytest.mark.parametrize(
    "typed",
    [
        "abc123.us1.dbt.com",
        "ABC123.US1.dbt.com",
        "https://abc123.us1.dbt.com",
        "https://abc123.us1.dbt.com/",
        "abc123.us1.dbt.com/deploy/1/projects/2",
        "https://abc123.us1.dbt.com/settings/accounts/1",
        "abc123.us1.dbt.com.",
        "https://abc123.us1.dbt.com/api/v2/accounts/1/",
        "abc123.metadata.us1.dbt.com",
        "https://abc123.metadata.us1.dbt.com/graphql",
        "metadata.abc123.us1.dbt.com",
    ],
)
def test_a_host_copied_from_the_browser_is_understood(typed: str) -> None:
    assert endpoints_for(typed) == endpoints_for("abc123.us1.dbt.com")


@pytest.mark.parametrize("host", ["cloud.getdbt.com", "emea.dbt.com", "us1.dbt.com", "cloud.corp.getdbt.com"])
def test_the_host_of_the_discovery_api_is_taken_for_the_access_host(host: str) -> None:
    assert endpoints_for(f"metadata.{host}") == endpoints_for(host)


def test_elsewhere_a_host_may_well_be_called_metadata() -> None:
    assert endpoints_for("metadata.example.org").admin == "https://metadata.example.org"


def test_a_discovery_address_without_a_path_is_that_of_its_graphql() -> None:
    found = endpoints_for("acme.getdbt.com", "https://acme.metadata.us9.dbt.com/")
    assert found.discovery == "https://acme.metadata.us9.dbt.com/graphql"


def test_a_full_discovery_address_overrides_the_derived_one() -> None:
    found = endpoints_for("acme.getdbt.com", "https://acme.metadata.us9.dbt.com/beta/graphql")
    assert found.discovery == "https://acme.metadata.us9.dbt.com/beta/graphql"
    assert found.admin == "https://acme.getdbt.com"


@pytest.mark.parametrize(
    "typed", ["", "/", "/api/", "/api/v2", "/api/v3/", "/api/v2/accounts", "/api/v2/accounts/70403103930001/"]
)
def test_the_admin_address_goes_without_api(typed: str) -> None:
    assert endpoints_for(None, None, f"https://acme.dbt.example{typed}").admin == "https://acme.dbt.example"


def test_the_admin_address_keeps_the_path_of_a_proxy() -> None:
    assert endpoints_for(None, None, "https://proxy.example/dbt/api/v2").admin == "https://proxy.example/dbt"


def test_without_a_host_it_is_the_admin_address_that_names_it() -> None:
    found = endpoints_for(None, "http://127.0.0.1:8580/graphql", "http://127.0.0.1:8580")
    assert (found.host, found.admin) == ("127.0.0.1:8580", "http://127.0.0.1:8580")
    assert found.discovery == "http://127.0.0.1:8580/graphql"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:8000", "[::1]:8000", "sandbox.localhost"])
def test_plain_http_is_for_this_machine(name: str) -> None:
    assert endpoints_for(None, f"http://{name}/graphql", f"http://{name}").admin == f"http://{name}"


@pytest.mark.parametrize("name", ["dbt.example.org", "10.0.0.5", "localhost.example.org", "127.0.0.1.nip.io"])
def test_plain_http_to_another_machine_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"DBT_ADMIN_URL .* in the clear. Use https"):
        endpoints_for(None, None, f"http://{name}")
    with pytest.raises(ConfigurationError, match=r"DBT_METADATA_URL .* in the clear. Use https"):
        endpoints_for(None, f"http://{name}/graphql")


@pytest.mark.parametrize(
    "url",
    [
        "metadata.example.org",
        "ftp://example.org",
        "https://",
        "http://[::1",
        "https://x.org:port",
        "https://x.org:70000",
    ],
)
def test_what_is_no_address_is_refused_by_the_name_of_its_setting(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DBT_METADATA_URL"):
        endpoints_for("cloud.getdbt.com", url)


@pytest.mark.parametrize("host", ["my host", "user@host.com", "host?x=1", "https://", "host:port"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match="DBT_HOST"):
        endpoints_for(host)


def test_credentials_in_an_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as refused:
        endpoints_for(None, None, "https://me:s3cret@example.org")
    assert "s3cret" not in str(refused.value)


def test_every_setting_that_is_no_address_is_named_before_what_to_do() -> None:
    with pytest.raises(ConfigurationError) as refused:
        endpoints_for("a b", "ftp://x", "http://example.com")
    what, _, advice = str(refused.value).partition(". ")
    assert what == (
        "DBT_HOST “a b” is not a host name; DBT_ADMIN_URL “http://example.com” would send the token in the clear; "
        "DBT_METADATA_URL “ftp://x” is not an address"
    )
    assert "Use https://" in advice


PREFIXED = endpoints_for("abc123.us1.dbt.com")
VANITY = endpoints_for("dbt.example.org")
GIVEN = endpoints_for("dbt.example.org", "https://meta.example.org/graphql", "https://admin.example.org")
TO_NO_HOST = httpx.ConnectError("[Errno -2] Name or service not known")
OTHER_NAME = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch")
STRANGER = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate")


def reason(endpoints: Endpoints, address: str, error: httpx.RequestError) -> str:
    error.request = httpx.Request("GET", address)
    return no_connection(endpoints, error)


@pytest.mark.parametrize("error", [TO_NO_HOST, OTHER_NAME], ids=["no such host", "certificate"])
@pytest.mark.parametrize("endpoints", [PREFIXED, VANITY], ids=["prefixed", "vanity"])
def test_a_derived_discovery_address_that_is_wrong_asks_for_the_full_one(
    endpoints: Endpoints, error: httpx.RequestError
) -> None:
    text = reason(endpoints, endpoints.discovery, error)
    assert httpx.URL(endpoints.discovery).host in text
    assert f"follows from DBT_HOST, {endpoints.host}" in text
    assert "abc123.us1.dbt.com" in text
    assert "DBT_METADATA_URL" in text


@pytest.mark.parametrize("error", [TO_NO_HOST, OTHER_NAME], ids=["no such host", "certificate"])
def test_an_address_out_of_reach_names_the_setting_that_gave_it(error: httpx.RequestError) -> None:
    assert "Check DBT_METADATA_URL" in reason(GIVEN, GIVEN.discovery, error)
    assert "Check DBT_ADMIN_URL" in reason(GIVEN, f"{GIVEN.admin}/api/v2/accounts/1/", error)
    text = reason(PREFIXED, f"{PREFIXED.admin}/api/v2/accounts/1/", error)
    assert "Check DBT_HOST" in text
    assert "METADATA" not in text


def test_capitals_and_the_usual_port_do_not_hide_which_setting_it_was() -> None:
    given = endpoints_for("dbt.example.org", "https://Meta.Example.org:443/graphql")
    assert "Check DBT_METADATA_URL" in reason(given, given.discovery, TO_NO_HOST)


def test_one_server_for_both_apis_names_both_settings() -> None:
    served = endpoints_for(None, "http://127.0.0.1:8580/graphql", "http://127.0.0.1:8580")
    text = reason(served, served.discovery, httpx.ConnectError("All connection attempts failed"))
    assert "DBT_ADMIN_URL and DBT_METADATA_URL" in text


def test_a_certificate_nobody_here_knows_is_not_blamed_on_the_host() -> None:
    text = reason(PREFIXED, PREFIXED.discovery, STRANGER)
    assert "SSL_CERT_FILE" in text
    assert "DBT_HOST" not in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ReadTimeout("slow"), "no answer in time"),
        (httpx.ConnectTimeout("slow"), "no answer in time"),
        (httpx.DecodingError("bad gzip"), "cut or garbled"),
        (httpx.ProxyError("407"), "HTTPS_PROXY"),
        (httpx.ConnectError("All connection attempts failed"), "cannot be reached. Check DBT_HOST"),
        (httpx.ReadError(""), "Check the network too"),
        (httpx.ConnectError("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert"), "no certificate that fits"),
    ],
)
def test_each_way_to_get_no_answer_has_its_words(error: httpx.RequestError, words: str) -> None:
    text = reason(PREFIXED, f"{PREFIXED.admin}/", error)
    assert text.startswith("abc123.us1.dbt.com ")
    assert words in text


HOST, ADMIN, METADATA = "DBT_HOST", "DBT_ADMIN_URL", "DBT_METADATA_URL"
ORIGINS = [
    (endpoints_for(None), HOST, HOST),
    (endpoints_for("dbt.example.org"), HOST, HOST),
    (endpoints_for("dbt.example.org", "https://metadata.dbt.example.org/graphql"), HOST, METADATA),
    (endpoints_for("dbt.example.org", None, "https://dbt.example.org"), ADMIN, HOST),
    (endpoints_for(None, "https://m.example.org", "https://dbt.example.org"), ADMIN, METADATA),
    (endpoints_for(None, None, "https://dbt.example.org"), ADMIN, ADMIN),
]


@pytest.mark.parametrize(("endpoints", "admin", "discovery"), ORIGINS)
def test_an_address_knows_the_setting_it_follows_from(endpoints: Endpoints, admin: str, discovery: str) -> None:
    assert (endpoints.setting("admin"), endpoints.setting("discovery")) == (admin, discovery)


def answered(status: int, **answer: Any) -> httpx.Response:
    return httpx.Response(status, request=httpx.Request("GET", "https://dbt.example.org/api/v2/accounts/1/"), **answer)


ANSWERS = [
    answered(401, json={"status": {"user_message": "Invalid token"}}),
    answered(404, json={"status": {"user_message": "Not found"}}),
    answered(404, text="<html>"),
    answered(200, text="<html>"),
    answered(302, headers={"location": "https://elsewhere.example"}),
    answered(418, json={}),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: str(answer.status_code))
@pytest.mark.parametrize(("endpoints", "admin", "discovery"), ORIGINS)
def test_advice_names_the_setting_in_force_and_no_other(
    endpoints: Endpoints, admin: str, discovery: str, answer: httpx.Response
) -> None:
    for setting, read in (
        (admin, lambda: admin_body(answer, "1", None, endpoints)),
        (discovery, lambda: discovery_data(answer, endpoints)),
    ):
        with pytest.raises(DbtDiscoveryError) as raised:
            read()
        text = str(raised.value)
        assert setting in text
        for other in {HOST, ADMIN, METADATA} - {setting, METADATA}:
            assert other not in text


def test_list_of_accounts_that_is_not_there_names_none_of_them() -> None:
    listing = httpx.Request("GET", "https://dbt.example.org/api/v3/accounts/")
    with pytest.raises(ConfigurationError) as raised:
        admin_body(httpx.Response(404, request=listing, json={}), "0", None, GIVEN)
    assert "does not list the accounts" in str(raised.value)
    assert "account 0" not in str(raised.value)
    assert "DBT_ADMIN_URL" in str(raised.value)


def test_a_port_and_white_space_do_not_hide_the_prefix() -> None:
    found = endpoints_for(" abc123.us1.dbt.com:443 ")
    assert found.discovery == "https://abc123.metadata.us1.dbt.com:443/graphql"


def test_a_password_in_the_host_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as refused:
        endpoints_for("me:s3cret@abc123.us1.dbt.com")
    assert "s3cret" not in str(refused.value)
