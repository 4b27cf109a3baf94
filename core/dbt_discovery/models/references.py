"""References: what may stand for a project, a job, a model or a run, wherever one is asked for."""

from __future__ import annotations

from typing import Any

from dbt_discovery.exceptions import InvalidArgument

__all__ = ["checked_reference", "to_reference"]

_CALLED = {
    "project": "id, its name",
    "job": "id, its name",
    "model": "unique_id, its project_name.model_name, its name",
    "run": "id",
}


def to_reference(value: Any, kind: str | None = None) -> Any:
    """An id as text, and a handle as the reference to the thing of that kind that it means; all else as it is.

    Raises:
        ValueError: It is a handle of another kind.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    refer = getattr(value, "reference_as", None)
    if refer is None:
        return value
    if reference := refer(kind):
        return reference
    raise ValueError(f"{value!r} is no {kind}.")


def checked_reference(kind: str, value: object) -> str:
    """The reference that a caller gave for a thing of that kind: its id, a name, or the thing itself.

    Raises:
        InvalidArgument: It is none of these.
    """
    try:
        reference = to_reference(value, kind)
    except ValueError:
        reference = None
    if isinstance(reference, str):
        return reference
    called = _CALLED.get(kind, "id, its name")
    raise InvalidArgument("reference", f"A {kind} goes by its {called} or the {kind} itself, and not by {_cut(value)}.")


def _cut(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
