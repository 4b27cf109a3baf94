"""Variables: the settings as they were given, with those that are not right set aside instead of ending everything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from dbt_discovery import ConfigurationError, Settings
from dbt_discovery.words import count
from pydantic import SecretStr, ValidationError

from dbt_discovery_web.doctor.findings import Check, Group

__all__ = ["Variables"]

_SETTINGS = Group("Settings")
_OF_AN_ACCOUNT = frozenset({"DBT_SERVICE_TOKEN", "DBT_ACCOUNT_ID", "DBT_HOST", "DBT_METADATA_URL", "DBT_ADMIN_URL"})


@dataclass(frozen=True, slots=True)
class Variables:
    """The settings of this process, as far as they are right.

    Attributes:
        settings: What the variables say; those that are not right count as unset.
        wrong: What was given for those, and why that is not right.
    """

    settings: Settings
    wrong: Mapping[str, tuple[str, str]]

    @classmethod
    def read(cls) -> Variables:
        """The variables of the environment and of `.env`."""
        try:
            return cls(Settings(), {})
        except ValidationError as error:
            wrong = {str(fault["loc"][0]): _fault(fault) for fault in error.errors()}
        defaults: dict[str, Any] = {name: field.get_default() for name, field in _fields().items() if name in wrong}
        return cls(Settings(**defaults), wrong)

    @property
    def given(self) -> frozenset[str]:
        """The names of the variables that are set."""
        aliases = {name: alias for alias, name in _names().items()}
        return frozenset(aliases[name] for name in self.settings.model_fields_set)

    @property
    def shown(self) -> dict[str, str]:
        """Every setting by its variable's name: secrets only as `set`, addresses without user and password."""
        values = {alias: getattr(self.settings, name) for alias, name in _names().items()}
        return {alias: self.wrong[alias][0] if alias in self.wrong else _shown(each) for alias, each in values.items()}

    @property
    def told(self) -> str:
        """What is wrong with those that are not right."""
        return "; ".join(f"{name} “{value}”: {reason}" for name, (value, reason) in self.wrong.items()) + "."

    def check_account(self) -> None:
        """Makes sure that the settings say whom to ask.

        Raises:
            ConfigurationError: Half of a configuration is there, or what named the account is not right.
        """
        self.settings.check_account()
        if not self.settings.account_named and (unusable := sorted(_OF_AN_ACCOUNT & set(self.wrong))):
            raise ConfigurationError(f"Only {', '.join(unusable)} says whom to ask, and that is not right. Mend it.")

    def check(self) -> Check:
        """Whether every variable is of its form."""
        if not self.wrong:
            given = count(len(self.given), "variable")
            return _SETTINGS.ok("Settings", f"{given} set, of the right form." if self.given else "None set.")
        advice = "Mend or unset it." if len(self.wrong) == 1 else "Mend or unset them."
        return _SETTINGS.fault("Settings", ConfigurationError(self.told), f"{advice} Until then no other command runs.")


def _fields() -> dict[str, Any]:
    return {str(field.validation_alias): field for field in Settings.model_fields.values()}


def _names() -> dict[str, str]:
    """The fields' names by their variables'."""
    return {str(field.validation_alias): name for name, field in Settings.model_fields.items()}


def _fault(fault: Any) -> tuple[str, str]:
    """What was given for a variable, and why that is not right."""
    name, reason = str(fault["loc"][0]), str(fault["msg"]).removeprefix("Value error, ")
    annotation = _fields()[name].annotation
    secret = SecretStr in (annotation, *get_args(annotation))
    return "…" if secret else _shown(fault["input"]), reason[:1].lower() + reason[1:]


def _shown(value: object) -> str:
    if value is None or value == ():
        return "not set"
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    text = re.sub(r"(password=)[^&]*", r"\1…", str(value), flags=re.IGNORECASE)
    if not isinstance(value, str) or value.startswith("sqlite"):
        return text
    # Whatever stands before an @ may be a password, also where the address is not written as it ought to be.
    return re.sub(r"^([\w+.-]+://)?.*@", r"\1…@", text, flags=re.DOTALL)
