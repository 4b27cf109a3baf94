"""Unique ids: what dbt's own ids of nodes tell."""

from __future__ import annotations

import re

__all__ = ["NodeKey", "name_in"]

NodeKey = tuple[str, str]
"""Environment id and unique_id: a node has a life of its own in each environment."""


def name_in(unique_id: str) -> str:
    """The name in a unique_id; a model's version (`model.shop.orders.v2`) or a test's hash may stand after it."""
    suffixed = re.fullmatch(r"model\.[^.]+\.(.+)\.v\d+|test\.[^.]+\.(.+)\.[0-9a-f]{10}", unique_id)
    return suffixed[1] or suffixed[2] if suffixed else unique_id.rsplit(".", 1)[-1]
