"""Moments as a page shows them: in the account's time zone, to the minute."""

from __future__ import annotations

from datetime import datetime, tzinfo

__all__ = ["local_moment", "zone_name"]


def local_moment(moment: datetime, zone: tzinfo) -> str:
    """A moment as `14 Nov 2026, 09:30`."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}"


def zone_name(zone: tzinfo) -> str:
    """What a zone is called beside a time."""
    return "UTC" if str(zone) == "Etc/UTC" else str(zone)
