"""Where the two APIs live, for every kind of host that dbt Cloud has."""

from __future__ import annotations

import pytest
from dbt_discovery import ConfigurationError
from dbt_discovery.services.hosts import endpoints_for

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
    ],
)
def test_a_host_copied_from_the_browser_is_understood(typed: str) -> None:
    assert endpoints_for(typed) == endpoints_for("abc123.us1.dbt.com")


def test_a_full_discovery_address_overrides_the_derived_one() -> None:
    found = endpoints_for("acme.getdbt.com", "https://acme.metadata.us9.dbt.com/beta/graphql")
    assert found.discovery == "https://acme.metadata.us9.dbt.com/beta/graphql"
    assert found.admin == "https://acme.getdbt.com"


@pytest.mark.parametrize(
    "typed", ["https://acme.dbt.example", "https://acme.dbt.example/", "https://acme.dbt.example/api/"]
)
def test_the_admin_address_goes_without_api(typed: str) -> None:
    assert endpoints_for(None, None, typed).admin == "https://acme.dbt.example"


def test_without_a_host_it_is_the_admin_address_that_names_it() -> None:
    found = endpoints_for(None, "http://127.0.0.1:8580/graphql", "http://127.0.0.1:8580")
    assert (found.host, found.admin) == ("127.0.0.1:8580", "http://127.0.0.1:8580")
    assert found.discovery == "http://127.0.0.1:8580/graphql"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:8000", "[::1]:8000", "sandbox.localhost"])
def test_plain_http_is_for_this_machine(name: str) -> None:
    assert endpoints_for(None, f"http://{name}/graphql", f"http://{name}").admin == f"http://{name}"


@pytest.mark.parametrize("name", ["dbt.example.org", "10.0.0.5", "localhost.example.org", "127.0.0.1.nip.io"])
def test_plain_http_to_another_machine_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"DBT_ADMIN_URL .* in the clear: use https"):
        endpoints_for(None, None, f"http://{name}")
    with pytest.raises(ConfigurationError, match=r"DBT_METADATA_URL .* in the clear: use https"):
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
