"""Where dbt Cloud's two APIs live for an account, and why they may be out of reach there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal
from urllib.parse import urlsplit

import httpx

from dbt_discovery.exceptions import ConfigurationError

DEFAULT_HOST = "cloud.getdbt.com"

__all__ = ["DEFAULT_HOST", "Api", "Endpoints", "Origin", "endpoints_for", "no_connection", "should_be"]

Api = Literal["admin", "discovery"]
_Fault = tuple[str, str]
"""What is wrong with a setting, and what to do."""

_DOMAINS = (".getdbt.com", ".dbt.com")
"""Where dbt Labs names the hosts, so that `metadata` in front can only be the Discovery API's."""
_SHOULD_BE = {
    "DBT_HOST": "It is the host your browser shows for dbt Cloud, such as abc123.us1.dbt.com.",
    "DBT_ADMIN_URL": "It is dbt Cloud's address as your browser shows it, without a path.",
    "DBT_METADATA_URL": "It is the full address that your account settings show, and ends in /graphql.",
}
_API_PATH = re.compile(r"/api(/v\d+)?(/accounts(/\d*)?)?/*$")
_STRANGER = re.compile(r"self[- ]signed|local issuer", re.IGNORECASE)
_WRONG_NAME = re.compile(r"certificate|alert|unrecognized.name", re.IGNORECASE)
_NO_NAME = re.compile(r"name or service|nodename|getaddrinfo|name resolution|does not resolve", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of an account.

    Attributes:
        host: The access host, as in the address of dbt Cloud's own pages.
        admin: Base address of the Admin API, up to and without `/api`.
        discovery: Full address of the Discovery API.
        settings: The settings from which the addresses of the Admin API and of the Discovery API follow.
    """

    host: str
    admin: str
    discovery: str
    settings: tuple[str, str] = field(default=("DBT_HOST", "DBT_HOST"), compare=False)

    def setting(self, api: Api) -> str:
        """The setting from which the address of an API follows: the one to check when the address is wrong."""
        return self.settings[api == "discovery"]


@dataclass(frozen=True, slots=True)
class Origin:
    """What the address of an API follows from; as text, the name of the setting.

    Attributes:
        api: Which API it is.
        endpoints: The account's addresses; without them, the setting may be either of two.
    """

    api: Api
    endpoints: Endpoints | None

    def __str__(self) -> str:
        own = "DBT_ADMIN_URL" if self.api == "admin" else "DBT_METADATA_URL"
        return self.endpoints.setting(self.api) if self.endpoints else f"DBT_HOST (or {own}, if that is set)"

    @property
    def should_be(self) -> str:
        """What the setting's value should be."""
        return should_be(self.endpoints.setting(self.api) if self.endpoints else "DBT_HOST")

    @property
    def to_check(self) -> str:
        """What to do about a wrong address."""
        return f"Check {self}. {self.should_be}"

    @property
    def to_check_or_set(self) -> str:
        """What to do about an address of the Discovery API that may be another than the host lets expect."""
        if self.endpoints and self.endpoints.setting("discovery") == "DBT_METADATA_URL":
            return self.to_check
        whole = f"or set DBT_METADATA_URL. {should_be('DBT_METADATA_URL')}"
        return f"Check {self}, from which the address follows, {whole}"


def endpoints_for(host: str | None, metadata_url: str | None = None, admin_url: str | None = None) -> Endpoints:
    """The addresses that belong to an access host; full addresses override those derived from it.

    Without a host, it is the one of `admin_url`, else `cloud.getdbt.com`. What people copy is taken for what it means:
    a whole address of a page, the Discovery API's host for the access host, an Admin address with `/api/v2`.

    `abc123.us1.dbt.com` has its Discovery API at `abc123.metadata.us1.dbt.com`: the account prefix stands before
    `metadata`; hosts without a prefix have it at `metadata.<host>` (quirks, *Hosts*). An IP address and `localhost`
    have it themselves: there is no name in front of which `metadata` could stand.

    Raises:
        ConfigurationError: An address is no http(s) address, or plain http to another machine; every such one is named.
    """
    given = {"DBT_ADMIN_URL": admin_url, "DBT_METADATA_URL": metadata_url}
    faults = [_host_fault(host)] if host else []
    _refuse([*faults, *(_fault(setting, url) for setting, url in given.items() if url)])
    origin = "DBT_ADMIN_URL" if admin_url and not host else "DBT_HOST"
    name = _access_host(host or (urlsplit(admin_url).netloc if admin_url else DEFAULT_HOST))
    discovery = (metadata_url or _derived(name)).rstrip("/")
    if not urlsplit(discovery).path:
        discovery += "/graphql"
    admin = _API_PATH.sub("", (admin_url or f"https://{name}").rstrip("/"))
    settings = ("DBT_ADMIN_URL" if admin_url else "DBT_HOST", "DBT_METADATA_URL" if metadata_url else origin)
    return Endpoints(name, admin, discovery, settings)


def should_be(setting: str) -> str:
    """What the value of a setting that holds an address should be."""
    return _SHOULD_BE[setting]


def no_connection(endpoints: Endpoints, error: httpx.RequestError) -> str:
    """Why a request that got no answer got none: what happened, to which host, and the setting that is to blame."""
    host = error.request.url.netloc.decode()
    said = str(error)
    if isinstance(error, httpx.TimeoutException):
        return f"{host} gave no answer in time. Try again, or check the network between here and dbt Cloud."
    if isinstance(error, httpx.DecodingError):
        return f"{host} sent an answer that was cut or garbled on its way. Try again."
    if isinstance(error, httpx.ProxyError):
        return f"{host} cannot be reached through the proxy. Check HTTPS_PROXY and NO_PROXY."
    if _STRANGER.search(said):
        return (
            f"{host} shows a certificate of an authority that this machine does not know, as a company's proxy does. "
            "Set SSL_CERT_FILE to a file with its certificate."
        )
    if _NO_NAME.search(said):
        return f"{host} cannot be reached: there is no such host, or no network. {_to_check(endpoints, host)}"
    if _WRONG_NAME.search(said):
        return f"{host} shows no certificate that fits it. {_to_check(endpoints, host)}"
    return f"{host} cannot be reached. {_to_check(endpoints, host)} Check the network too."


def _to_check(endpoints: Endpoints, host: str) -> str:
    """The setting from which an address came, and what it should look like."""
    admin, discovery = (httpx.URL(url).netloc.decode() for url in (endpoints.admin, endpoints.discovery))
    if admin == discovery and len(set(endpoints.settings)) > 1:
        return f"Check {' and '.join(endpoints.settings)}."
    setting = endpoints.setting("discovery" if host == discovery else "admin")
    if host == discovery != admin and setting == "DBT_HOST":
        return (
            f"This address of the Discovery API follows from DBT_HOST, {endpoints.host}. For an account with a prefix "
            "that is like abc123.us1.dbt.com; a single-tenant account or one with an address of its own needs "
            "DBT_METADATA_URL as well."
        )
    return f"Check {setting}. {should_be(setting)}"


def _access_host(host: str) -> str:
    """The access host in what was given for it: an address of a page, or the host of the Discovery API."""
    name, colon, port = host.strip().partition("://")[2 if "://" in host else 0].split("/")[0].lower().partition(":")
    labels = name.rstrip(".").split(".")
    if name.rstrip(".").endswith(_DOMAINS) and "metadata" in labels[:2]:
        labels.remove("metadata")
    return ".".join(labels) + colon + port


def _derived(name: str) -> str:
    """The address of the Discovery API that belongs to an access host."""
    if _of_one_name(urlsplit(f"//{name}").hostname or ""):
        return f"https://{name}/graphql"
    host, colon, port = name.partition(":")
    labels = host.split(".")
    prefixed = host.endswith(".dbt.com") and len(labels) > 3
    metadata = ".".join([labels[0], "metadata", *labels[1:]]) if prefixed else f"metadata.{host}"
    return f"https://{metadata}{colon}{port}/graphql"


def _refuse(faults: Iterable[_Fault | None]) -> None:
    """Makes sure that there is no fault.

    Raises:
        ConfigurationError: There are some; it names all of them, and then says what to do.
    """
    if found := [fault for fault in faults if fault]:
        advice = " ".join(dict.fromkeys(advice for _, advice in found))
        raise ConfigurationError(f"{'; '.join(what for what, _ in found)}. {advice}")


def _host_fault(host: str) -> _Fault | None:
    """What is wrong with a host, and what to do; None where it can be used."""
    name = _access_host(host)
    if "@" in host:
        return "DBT_HOST holds a user name or password", "Leave user name and password out."
    if not name or any(character.isspace() or character in "@?#" for character in name):
        return f"DBT_HOST “{host}” is not a host name", "Use the one your browser shows for dbt Cloud."
    return _fault("DBT_HOST", f"https://{name}")


def _fault(setting: str, url: str) -> _Fault | None:
    """What is wrong with an address, and what to do; None where it can be used."""
    should_begin = "An address begins with https://, then names a host."
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it checks it
    except ValueError as error:
        return f"{setting} “{url}” is not an address: {str(error)[:1].lower()}{str(error)[1:]}", should_begin
    if parts.username or parts.password:
        return f"{setting} holds a user name or password", "Leave user name and password out."
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"{setting} “{url}” is not an address", should_begin
    if parts.scheme == "http" and not _loopback(parts.hostname):
        return f"{setting} “{url}” would send the token in the clear", "Use https://: http:// is for this machine only."
    return None


def _of_one_name(name: str) -> bool:
    """Whether a host is an IP address or this machine, so that nothing can stand in front of its name."""
    return name == "localhost" or name.endswith(".localhost") or _ip(name) is not None


def _loopback(name: str) -> bool:
    address = _ip(name)
    return name == "localhost" or name.endswith(".localhost") or bool(address and address.is_loopback)


def _ip(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None
