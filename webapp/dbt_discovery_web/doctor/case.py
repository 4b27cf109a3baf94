"""The case: all that was asked and answered, and the judgements that several checks share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dbt_discovery import ConfigurationError, DbtDiscoveryError, Settings
from dbt_discovery.exceptions import PermissionDenied, RateLimited, Unauthorized, UnexpectedResponse, Unreachable

from dbt_discovery_web.doctor.probes import Probes

__all__ = ["Case", "no_api_there"]


def no_api_there(error: DbtDiscoveryError | None) -> bool:
    """Whether an error says that no dbt Cloud answers at an address."""
    return isinstance(error, Unreachable | UnexpectedResponse | ConfigurationError)


@dataclass(frozen=True, slots=True)
class Case:
    """One account's settings, and what both APIs said.

    Attributes:
        settings: The settings as far as they are right.
        probes: What came of every question.
        in_process: Whether the sandbox of this process is asked, so that there is no network and no token.
        malformed: The variables that count as unset because they are not of their form.
    """

    settings: Settings
    probes: Probes
    in_process: bool
    malformed: Collection[str] = ()

    @property
    def unseen(self) -> tuple[str, ...]:
        """The environments that a setting names and the token does not see."""
        states = self.probes.states
        return tuple(each for each in self.settings.environment_ids if each in states and states[each].value is None)

    @property
    def admin_silence(self) -> str | None:
        """Why no resource of the Admin API was to be had; None where each can be judged by itself."""
        error = self.probes.accounts.error
        if no_api_there(error):
            return "Not asked: the Admin API is not to be reached."
        if isinstance(error, Unauthorized):
            return "Not asked: the Admin API does not accept the token."
        if isinstance(error, RateLimited):
            return "Not asked: the Admin API asks to wait."
        return None

    @property
    def discovery_silence(self) -> str | None:
        """Why nothing of the Discovery API was to be had; None where it answers."""
        error = self.probes.discovery.error
        if error is None:
            return None
        return f"Not asked: the Discovery API {_why(error)}."

    @property
    def admin_refusal(self) -> DbtDiscoveryError | None:
        """The error with which the Admin API refuses everything to a token that it knows."""
        resources, error = self.probes.resources, self.probes.accounts.error
        refusals = (error, *(resources.errors if resources else ()))
        return error if all(isinstance(refusal, PermissionDenied) for refusal in refusals) else None

    @property
    def discovery_stands_in(self) -> bool:
        """Whether the client asks Discovery for what the Admin API refuses, whatever that refuses."""
        error = self.probes.accounts.error
        asks = isinstance(error, PermissionDenied | Unauthorized | ConfigurationError)
        return asks and bool(self.settings.environment_ids) and self.probes.discovery.error is None


def _why(error: DbtDiscoveryError) -> str:
    if isinstance(error, Unauthorized):
        return "does not accept the token"
    if isinstance(error, PermissionDenied):
        return "refuses the token"
    if isinstance(error, RateLimited):
        return "asks to wait"
    return "is not to be reached" if no_api_there(error) else "does not answer as it should"
