"""Access: what kind of token it is, which API accepts it, and whose account it opens."""

from __future__ import annotations

from dbt_discovery import ConfigurationError
from dbt_discovery.exceptions import PermissionDenied, Unauthorized
from dbt_discovery.services.hosts import DEFAULT_HOST
from dbt_discovery.words import count

from dbt_discovery_web.doctor.case import Case, no_api_there
from dbt_discovery_web.doctor.findings import Check, Group

__all__ = ["access_checks", "account_check"]

_TOKEN = Group("Token")
_ACCOUNT = Group("Account")
_APIS = ("Admin API", "Discovery API")
_NEW_TOKEN = "Copy the token again, or make a new one (Account settings, API tokens, {kind} tokens)."
_CHECK_HOST = "Check {setting}: a good token on another account's host gets the same answer."
_SET_HOST = (
    "Set DBT_HOST to the host your browser shows for dbt Cloud, such as abc123.us1.dbt.com: a good token on another "
    "host gets the same answer, and few accounts are still at the default one."
)
_PLANS = "Plans without API access (Trial, Developer) may answer like this too."
_MISSING = (
    "Names of jobs, schedules, queue times, steps, cancelled runs and older runs are missing. To have them, give the "
    "token a permission set such as Read-Only, Account Viewer or Job Viewer as well."
)
_TWO_WAYS = (
    "Set DBT_ENVIRONMENT_IDS to the ids of your deployment environments with commas between, such as "
    "DBT_ENVIRONMENT_IDS=123456,123457: each id stands in the address of the environment's page. Or give the token a "
    "permission set such as Read-Only, Account Viewer or Job Viewer as well: then nothing needs to be set."
)


def access_checks(case: Case) -> list[Check]:
    """The token's kind, and what each API says to it."""
    if case.in_process:
        there = [_TOKEN.ok(name, "The built-in sandbox answers, without a token.") for name in _APIS]
        return [_TOKEN.ok("Token", "The sandbox needs none."), *there]
    return [_kind(case), _admin(case), _discovery(case)]


def account_check(case: Case) -> Check:
    """Which account is asked."""
    seen, wanted = case.probes.accounts.value, case.settings.account_id
    if wanted is None:
        return _found_account(case, seen)
    missing = _not_there(case)
    if missing and not case.discovery_stands_in:
        advice = f"Set DBT_ACCOUNT_ID to one of those that the token sees: {_listed(seen)}." if seen else None
        return _ACCOUNT.fault("Account", missing, advice)
    if seen and wanted in seen:
        return _ACCOUNT.ok("Account", f"{_called(wanted, seen[wanted])}, from DBT_ACCOUNT_ID.{_whose(case)}")
    if case.probes.resources and case.probes.resources.projects.error is None:
        return _ACCOUNT.ok("Account", f"{wanted}, from DBT_ACCOUNT_ID.{_whose(case)}")
    if case.admin_silence and not case.discovery_stands_in:
        return _ACCOUNT.skipped("Account", f"{wanted}, from DBT_ACCOUNT_ID; nobody could confirm it.")
    return _ACCOUNT.ok(
        "Account", f"{wanted}, from DBT_ACCOUNT_ID; the Admin API, which could confirm it, refuses the token."
    )


def _kind(case: Case) -> Check:
    """The token's kind by its prefix; nothing else of it is looked at or shown."""
    token = _token(case)
    if token.startswith(('"', "'")):
        return _TOKEN.warning("Token", "It begins with a quotation mark.", "Take the quotation marks off the token.")
    if token.startswith("dbtc_"):
        return _TOKEN.ok("Token", "A service token (dbtc_…): it may do what its permission sets say.")
    if token.startswith("dbtu_"):
        return _TOKEN.ok("Token", "A personal token (dbtu_…): it may do what its owner may.")
    return _TOKEN.ok("Token", "Of neither prefix (dbtc_, dbtu_): an older token, or a sandbox's.")


def _admin(case: Case) -> Check:
    error, name = case.probes.accounts.error, "Admin API"
    if no_api_there(error):
        return _TOKEN.skipped(name, "Not asked: see Admin host.")
    if error is None:
        return _TOKEN.ok(name, "Accepts the token.")
    if isinstance(error, PermissionDenied):
        return _refused(case, error)
    if not isinstance(error, Unauthorized):
        return _TOKEN.fault(name, error)
    if case.discovery_stands_in:
        return _TOKEN.warning(name, f"Does not accept the token, so Discovery stands in. {error}", _MISSING, error)
    if case.probes.discovery.error is None:
        advice = "The Discovery API accepts this token, so it is not mistyped. Give it a permission set such as " + (
            "Read-Only, Account Viewer or Job Viewer, and check that both addresses are of the same account."
        )
        return _TOKEN.fault(name, error, advice)
    if isinstance(case.probes.discovery.error, Unauthorized):
        return _TOKEN.fault(name, error, _mending(case))
    return _TOKEN.fault(name, error)


def _refused(case: Case, error: PermissionDenied) -> Check:
    """What a token that the Admin API knows but refuses can do, and what would help."""
    name = "Admin API"
    if case.admin_refusal is None:
        return _TOKEN.ok(name, "Accepts the token, but does not list its accounts.")
    if case.probes.discovery.error is not None:
        return _TOKEN.fault(name, error)
    if case.settings.environment_ids:
        return _TOKEN.warning(
            name, "Refuses the token, which may read metadata alone. The Discovery API stands in.", _MISSING, error
        )
    found = _TOKEN.fault(name, error)
    more = "The Discovery API accepts it, but only the Admin API could tell which environments there are."
    return Check(name, found.group, found.status, f"{found.detail} {more}", _TWO_WAYS, error)


def _discovery(case: Case) -> Check:
    error, name = case.probes.discovery.error, "Discovery API"
    if no_api_there(error):
        return _TOKEN.skipped(name, "Not asked: see Discovery host.")
    if error is None:
        return _TOKEN.ok(name, "Accepts the token.")
    if isinstance(error, Unauthorized) and isinstance(case.probes.accounts.error, Unauthorized):
        return _TOKEN.fault(name, error, "As for the Admin API.")
    if isinstance(error, Unauthorized | PermissionDenied) and case.probes.accounts.error is None:
        advice = (
            "The Admin API accepts this token, so it is not mistyped. Give it the permission set Metadata Only too, "
            "and check that the Discovery host is of the same account and without IP restrictions for this machine."
        )
        return _TOKEN.fault(name, error, advice)
    return _TOKEN.fault(name, error)


def _mending(case: Case) -> str:
    """What to do about a token that neither API accepts, the likeliest cause first."""
    kind = "Personal" if _token(case).startswith("dbtu_") else "Service"
    settings = list(dict.fromkeys(case.probes.addresses.settings))
    causes = [_NEW_TOKEN.format(kind=kind), _CHECK_HOST.format(setting=" and ".join(settings))]
    if case.probes.addresses.host == DEFAULT_HOST and settings == ["DBT_HOST"]:
        causes = [_SET_HOST, _NEW_TOKEN.format(kind=kind)]
    return " ".join((*causes, _PLANS))


def _token(case: Case) -> str:
    """The token, for a look at its beginning."""
    return case.settings.service_token.get_secret_value().strip() if case.settings.service_token else ""


def _found_account(case: Case, seen: dict[str, str] | None) -> Check:
    """The account of a token, where no setting names one."""
    advice = "Set DBT_ACCOUNT_ID: it is the number in the addresses of your account's pages."
    if seen is None:
        form = "malformed" if "DBT_ACCOUNT_ID" in case.malformed else "not set"
        told = f"Not known: DBT_ACCOUNT_ID is {form}, and the Admin API, which would tell it, does not."
        if case.admin_silence and not case.discovery_stands_in:
            return _ACCOUNT.skipped("Account", told)
        return _ACCOUNT.fault("Account", ConfigurationError(told), advice)
    if len(seen) == 1:
        (found,) = seen
        how = "" if case.in_process else ", the only one the token sees"
        return _ACCOUNT.ok("Account", f"{_called(found, seen[found])}{how}.{_whose(case)}")
    if not seen:
        why = ConfigurationError("The token sees no account at this host.")
        setting = case.probes.addresses.setting("admin")
        return _ACCOUNT.fault("Account", why, f"Check {setting}, and whose token it is.")
    why = ConfigurationError(f"The token sees {count(len(seen), 'account')}: {_listed(seen)}.")
    return _ACCOUNT.fault("Account", why, "Set DBT_ACCOUNT_ID to one of them.")


def _not_there(case: Case) -> ConfigurationError | None:
    """The error that says that the account is not there for this token."""
    resources = case.probes.resources
    error = resources.projects.error if resources else None
    return error if isinstance(error, ConfigurationError) and not no_api_there(case.probes.accounts.error) else None


def _called(account_id: str, name: str) -> str:
    return f"{name} ({account_id})" if name else account_id


def _listed(seen: dict[str, str]) -> str:
    shown = [_called(account_id, name) for account_id, name in list(seen.items())[:10]]
    return ", ".join(shown) + (", …" if len(seen) > 10 else "")


def _whose(case: Case) -> str:
    """Says so where it is not dbt Cloud that answers."""
    source = case.probes.source
    return f" A sandbox answers: {source.label}." if source and source.kind != "dbt_cloud" else ""
