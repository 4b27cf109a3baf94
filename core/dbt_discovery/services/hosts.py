"""Where dbt Cloud's two APIs live for an account."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from dbt_discovery.exceptions import ConfigurationError

DEFAULT_HOST = "cloud.getdbt.com"

__all__ = ["DEFAULT_HOST", "Endpoints", "endpoints_for"]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of an account.

    Attributes:
        host: The access host, as in the address of dbt Cloud's own pages.
        admin: Base address of the Admin API, up to and without `/api`.
        discovery: Full address of the Discovery API.
    """

    host: str
    admin: str
    discovery: str


def endpoints_for(host: str | None, metadata_url: str | None = None, admin_url: str | None = None) -> Endpoints:
    """The addresses that belong to an access host; full addresses override those derived from it.

    Without a host, it is the one of `admin_url`, else `cloud.getdbt.com`.

    `abc123.us1.dbt.com` has its Discovery API at `abc123.metadata.us1.dbt.com`: the account prefix stands before
    `metadata`; hosts without a prefix have it at `metadata.<host>` (quirks, *Hosts*).

    Raises:
        ConfigurationError: An address is no http(s) address, or plain http to another machine.
    """
    admin_base = _checked("DBT_ADMIN_URL", admin_url) if admin_url else None
    host = host or (urlsplit(admin_base).netloc if admin_base else DEFAULT_HOST)
    name = host.partition("://")[2 if "://" in host else 0].split("/")[0].lower()
    if not name or any(character.isspace() or character in "@?#" for character in name):
        raise ConfigurationError(f"DBT_HOST “{host}” is not a host name. Use the one your browser shows for dbt Cloud.")
    labels = name.split(".")
    prefixed = name.endswith(".dbt.com") and len(labels) > 3
    metadata = ".".join([labels[0], "metadata", *labels[1:]]) if prefixed else f"metadata.{name}"
    admin = (admin_base or _checked("DBT_HOST", f"https://{name}")).removesuffix("/api")
    discovery = _checked("DBT_METADATA_URL", metadata_url or f"https://{metadata}/graphql")
    return Endpoints(host=name, admin=admin, discovery=discovery)


def _checked(setting: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it checks it
    except ValueError as error:
        raise ConfigurationError(f"{setting} “{url}” is not an address: {error}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{setting} “{url}” is not an address: it should begin with https://.")
    if parts.username or parts.password:
        raise ConfigurationError(f"{setting} holds a user name or password: leave them out.")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ConfigurationError(f"{setting} “{url}” would send the token in the clear: use https://.")
    return url.rstrip("/")


def _loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
