"""Handles: a record together with the view of the account it came from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, overload

from dbt_discovery.home import HomeLoop
from dbt_discovery.models.report import iso

if TYPE_CHECKING:
    from dbt_discovery.view import AccountView

__all__ = ["Handle", "recorded"]

R = TypeVar("R")
T = TypeVar("T")


class recorded(Generic[T]):  # noqa: N801 - it stands where `property` would
    """A field of a handle that its record holds under the same name.

    Args:
        doc: What the field is.
    """

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, handle: None, owner: type) -> recorded[T]: ...
    @overload
    def __get__(self, handle: Handle[Any], owner: type) -> T: ...
    def __get__(self, handle: Handle[Any] | None, owner: type) -> recorded[T] | T:
        return self if handle is None else cast(T, getattr(handle.record, self._name))


class Handle(Generic[R]):
    """A thing of the account that can be asked more.

    Two handles are equal when they mean the same thing of the same account, whenever they were fetched.

    Attributes:
        record: What is known of it.
    """

    KIND: ClassVar[str]
    FIELDS: ClassVar[tuple[str, ...]]
    """The public fields, in the order in which they are shown."""

    __slots__ = ("record", "view")

    def __init__(self, record: R, view: AccountView) -> None:
        self.record = record
        self.view = view

    @property
    def home(self) -> HomeLoop:
        """The loop that does the asking."""
        return self.view.home

    @property
    def reference(self) -> str:
        """The reference that means exactly this thing, wherever one is asked for."""
        raise AttributeError("reference")

    def reference_as(self, kind: str | None) -> str | None:
        """The reference that means what of this kind it stands for, or itself; None where it stands for none."""
        return self.reference if kind in (None, self.KIND) else None

    def to_json(self) -> dict[str, Any]:
        """The public fields as JSON values."""
        return {field: _json(getattr(self, field)) for field in self.FIELDS}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._called()} ({self.reference})>"

    def _called(self) -> str:
        """What people call it."""
        return str(self.record.name)  # type: ignore[attr-defined]

    def _identity(self) -> tuple[object, ...]:
        return self.view.identity, self.KIND, self.reference


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Handle):
        return value.to_json()
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value
