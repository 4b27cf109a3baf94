"""Who may ask what: any token may ask everything, but three well-known ones."""

from __future__ import annotations

from starlette.requests import Request

INVALID = "invalid"
METADATA_ONLY = "metadata-only"
ADMIN_ONLY = "admin-only"
PREFIXES = ("token", "bearer")


def token(request: Request) -> str | None:
    """The request's token; None when there is none or its ``Token`` or ``Bearer`` prefix is missing."""
    prefix, _, value = request.headers.get("Authorization", "").strip().partition(" ")
    return value.strip() or None if prefix.lower() in PREFIXES else None
