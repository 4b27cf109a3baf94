"""The doctor on accounts whose every answer is written by hand: permissions, environments, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from dbt_discovery import Settings
from dbt_discovery.exceptions import Unauthorized, Unreachable
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery_web.doctor.case import Case
from dbt_discovery_web.doctor.findings import Status
from dbt_discovery_web.doctor.hosts import host_checks
from dbt_discovery_web.doctor.probes import Outcome, Probes
from pydantic import SecretStr

from .conftest import Run
from .odd_cloud import OddCloud, served_cloud, state
from .test_doctor import Checks, checks, faults, statuses

UPDATED = "2026-11-18T06:00:00.000Z"


@contextmanager
def looked_at(run: Run, cloud: OddCloud, **variables: str) -> Iterator[tuple[Checks, int]]:
    """What the doctor finds of a cloud, and its exit code."""
    with served_cloud(cloud) as served:
        result = run("doctor", "--json", **served | variables)
        yield checks(result), result.exit_code


def environment(number: int, deployment_type: str | None = None, project_id: int = 10) -> dict[str, Any]:
    named = {"id": number, "project_id": project_id, "name": f"Env {number}"}
    return named | {"type": "deployment", "deployment_type": deployment_type}


@pytest.mark.parametrize("refused", ["projects", "jobs", "runs"])
def test_resource_that_is_refused_alone_is_a_warning_since_discovery_stands_in(run: Run, refused: str) -> None:
    cloud = OddCloud(**{refused: 403})  # type: ignore[arg-type]
    with looked_at(run, cloud) as (found, code):
        told = found[refused.capitalize()]
        assert (code, told["status"]) == (0, "warning")
        assert told["detail"].startswith("Refused. From the Discovery API")
        assert "Job Viewer" in told["advice"]
        others = {"Projects", "Environments", "Jobs", "Runs"} - {refused.capitalize()}
        assert statuses(found, *others) == ["ok"] * 3


def test_refused_environments_are_a_fault_until_their_ids_are_set(run: Run) -> None:
    with looked_at(run, OddCloud(environments=403)) as (found, code):
        assert code == 4
        assert faults(found) == ["Environments"]
        assert "DBT_ENVIRONMENT_IDS" in found["Environments"]["advice"]
    with looked_at(run, OddCloud(environments=403), DBT_ENVIRONMENT_IDS="100") as (found, code):
        assert code == 0
        assert found["Environments"]["status"] == "warning"
        assert found["100"]["status"] == "ok"


def test_several_accounts_are_listed_to_choose_from(run: Run) -> None:
    cloud = OddCloud(accounts=[{"id": 1, "name": "Shop Inc"}, {"id": 70403103936332, "name": "Depot"}])
    with looked_at(run, cloud) as (found, code):
        assert code == 3
        assert faults(found) == ["Account"]
        assert "2 accounts: Shop Inc (1), Depot (70403103936332)" in found["Account"]["detail"]
        assert found["Projects"]["detail"] == "Not asked: the account is not known."
    assert not any("/projects/" in path for path in cloud.asked)


def test_token_that_sees_no_account_is_told_so(run: Run) -> None:
    with looked_at(run, OddCloud(accounts=[])) as (found, code):
        assert (code, faults(found)) == (3, ["Account"])
        assert "no account" in found["Account"]["detail"]


def test_environment_that_never_ran_is_told_from_one_out_of_sight(run: Run) -> None:
    cloud = OddCloud(
        environments=[environment(100, "production"), environment(101), environment(102)],
        states={100: state(0, None), 101: state(0, None), 102: None},
    )
    with looked_at(run, cloud) as (found, code):
        assert code == 0
        assert statuses(found, "100", "101", "102") == ["warning", "ok", "warning"]
        assert "no successful run yet" in found["100"]["detail"]
        assert "no successful run yet" in found["101"]["detail"]
        assert "out of the token's sight" in found["102"]["detail"]


def test_named_environment_that_is_null_is_a_fault_also_where_another_is_seen(run: Run) -> None:
    metadata_only: dict[str, Any] = dict.fromkeys(("accounts", "projects", "environments", "jobs", "runs"), 403)
    alone = {"DBT_ACCOUNT_ID": "1", "DBT_ENVIRONMENT_IDS": "7"}
    with looked_at(run, OddCloud(**metadata_only), **alone) as (found, code):
        assert (code, faults(found)) == (3, ["7"])
        assert "DBT_ENVIRONMENT_IDS" in found["7"]["advice"]
    both = {"DBT_ACCOUNT_ID": "1", "DBT_ENVIRONMENT_IDS": "7, 100"}
    with looked_at(run, OddCloud(**metadata_only), **both) as (found, code):
        assert (code, faults(found), found["100"]["status"]) == (3, ["7"], "ok")
        assert statuses(found, "Projects", "Environments", "Jobs", "Runs") == ["warning"] * 4
        assert "1 environment that the token does not see" in found["Projects"]["detail"]
        assert found["Projects"]["advice"] == "As for environment 7."
    with looked_at(run, OddCloud(), DBT_ENVIRONMENT_IDS="7") as (found, code):
        assert (code, faults(found), found["100"]["status"]) == (3, ["7"], "ok")


def test_server_without_a_list_of_accounts_is_not_asked_by_a_made_up_id(run: Run) -> None:
    with looked_at(run, OddCloud(accounts=404)) as (found, code):
        assert (code, faults(found)) == (3, ["Admin host"])
        assert "account 0" not in str(found)
        assert "does not list the accounts" in found["Admin host"]["detail"]
        assert "DBT_ADMIN_URL" in found["Admin host"]["advice"]


def test_projects_without_a_marked_environment_are_named(run: Run) -> None:
    several = OddCloud(environments=[environment(100), environment(101)], states={100: state(3, UPDATED)})
    with looked_at(run, several) as (found, code):
        assert (code, found["State"]["status"]) == (0, "warning")
        assert "Several deployment environments and none marked as production" in found["State"]["detail"]
        assert "Shop" in found["State"]["detail"]
        assert "Deployment type: Production" in found["State"]["advice"]
    with looked_at(run, OddCloud(environments=[environment(100)])) as (found, _):
        assert found["State"]["detail"] == (
            "Not marked as production, but the only deployment environment: Env 100 of Shop."
        )
    development = environment(100) | {"type": "development"}
    with looked_at(run, OddCloud(environments=[development])) as (found, _):
        assert found["Models"]["detail"] == "Not asked: no deployment environment is known."


def test_many_environments_are_not_all_asked_for(run: Run) -> None:
    rows = [environment(number, "production" if number == 124 else None) for number in range(100, 125)]
    cloud = OddCloud(environments=rows, states={number: state(1, UPDATED) for number in range(100, 125)})
    with looked_at(run, cloud) as (found, _):
        assert found["More"]["detail"] == "5 more environments not looked at."
        assert "124" in found  # the one that counts is looked at, wherever it stands
    assert sum(path.startswith("/graphql") for path in cloud.asked) == 20


def test_counts_and_age_are_those_of_the_environment(run: Run) -> None:
    with looked_at(run, OddCloud()) as (found, _):
        assert found["100"]["detail"] == (
            "Prod of Shop: 3 models, 3 tests, 3 sources; updated 2026-11-18 06:00, 4 h 30 min ago."
        )
        assert found["Runs"]["detail"] == "The token may read them; there are none yet."


@pytest.mark.parametrize(("status", "says"), [(401, "Metadata Only"), (403, "Metadata Only")])
def test_token_for_the_admin_api_alone_is_told_what_discovery_needs(run: Run, status: int, says: str) -> None:
    with looked_at(run, OddCloud(discovery=status)) as (found, code):
        assert (code, faults(found)) == (4, ["Discovery API"])
        assert says in found["Discovery API"]["advice"]
        assert "not mistyped" in found["Discovery API"]["advice"]
        assert found["Jobs"]["status"] == "ok"


def test_token_that_discovery_alone_accepts_is_not_called_mistyped(run: Run) -> None:
    refusing: dict[str, Any] = dict.fromkeys(("accounts", "projects", "environments", "jobs", "runs"), 401)
    with looked_at(run, OddCloud(**refusing), DBT_ACCOUNT_ID="1") as (found, code):
        assert (code, faults(found)) == (4, ["Admin API"])
        assert "not mistyped" in found["Admin API"]["advice"]
    with looked_at(run, OddCloud(**refusing), DBT_ACCOUNT_ID="1", DBT_ENVIRONMENT_IDS="100") as (found, code):
        assert (code, found["Admin API"]["status"]) == (0, "warning")
    with looked_at(run, OddCloud(**refusing), DBT_ENVIRONMENT_IDS="100") as (found, code):
        assert (code, faults(found)) == (3, ["Account"])


def test_account_that_nobody_tells_is_no_fault_beside_the_cause(run: Run) -> None:
    refusing: dict[str, Any] = dict.fromkeys(("accounts", "projects", "environments", "jobs", "runs"), 401)
    with looked_at(run, OddCloud(**refusing, discovery=401)) as (found, code):
        assert (code, faults(found), found["Account"]["status"]) == (4, ["Admin API", "Discovery API"], "skipped")


def test_api_that_asks_to_wait_is_told_with_the_moment(run: Run) -> None:
    with looked_at(run, OddCloud(accounts=429), DBT_ACCOUNT_ID="1") as (found, code):
        assert (code, faults(found)) == (4, ["Admin API"])
        assert "asks to wait until" in found["Admin API"]["detail"]
        assert found["Limits"]["status"] == "warning"
        assert "DBT_ADMIN_REQUESTS_PER_MINUTE" in found["Limits"]["advice"]
        assert found["Jobs"]["status"] == "skipped"


def test_accounts_that_are_refused_alone_do_not_matter(run: Run) -> None:
    with looked_at(run, OddCloud(accounts=403), DBT_ACCOUNT_ID="1") as (found, code):
        assert (code, found["Admin API"]["status"], found["Projects"]["status"]) == (0, "ok", "ok")
        assert found["Account"]["detail"].startswith("1, from DBT_ACCOUNT_ID.")


def judged(host: str | None, admin: Exception | None = None, discovery: Exception | None = None) -> list[Any]:
    """What is said of the hosts that follow from DBT_HOST."""
    probes = Probes(
        addresses=endpoints_for(host),
        accounts=Outcome(error=admin),  # type: ignore[arg-type]
        resources=None,
        discovery=Outcome(error=discovery),  # type: ignore[arg-type]
    )
    return host_checks(Case(Settings(host=host, service_token=SecretStr("t")), probes, in_process=False))


def test_host_that_was_forgiven_is_said_as_it_was_taken() -> None:
    admin, discovery = judged("https://abc123.metadata.us1.dbt.com/graphql")
    assert admin.status is Status.OK
    assert "is taken for the access host abc123.us1.dbt.com" in admin.detail
    assert discovery.detail.startswith("abc123.metadata.us1.dbt.com answers; from DBT_HOST.")


def test_host_of_a_region_is_told_that_it_lacks_the_accounts_prefix() -> None:
    admin, discovery = judged("us1.dbt.com", Unauthorized("No."), Unreachable("metadata.us1.dbt.com is not there."))
    assert (admin.status, discovery.status) == (Status.WARNING, Status.FAULT)
    assert "such as abc123.us1.dbt.com" in admin.advice
    assert "such as abc123.us1.dbt.com" in discovery.advice


def test_default_host_is_said_to_be_the_default() -> None:
    admin, _ = judged(None)
    assert admin.detail == "cloud.getdbt.com answers; the default, as DBT_HOST is not set."
    first, second = judged(None, Unreachable("It cannot be reached. Check it."), Unreachable("Nor this. Check it."))
    assert (first.advice, second.advice) == ("Check it.", "As for the Admin host, from which this address follows.")
