"""What each verb decides before it changes anything: refusals, choices, warnings, times."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps import EVERY_NOUN
from helpers import EmulatorProcess
from seatrial.cloud import storage
from seatrial.cloud.databases import Instance
from seatrial.cloud.inventory import Thing
from seatrial.cloud.session import Session
from seatrial.errors import Problem, UserError
from seatrial.events import Event, Note
from seatrial.model.app import App
from seatrial.ops import (
    delegation,
    destroy,
    expected_times,
    plan,
    remove,
    restore,
    rollback,
    rotate,
    scale,
    status,
    upgrade,
)
from seatrial.ops.images import private_files
from seatrial.ops.policy import scopes
from seatrial.ops.release import record
from seatrial.ops.release.operation import Operation
from seatrial.ops.release.record import Record
from seatrial.resources.catalog import graph
from seatrial.target import Target

Released = Callable[..., Record]


@pytest.fixture
def releases(emulator: EmulatorProcess, tmp_path: Path, work: Operation) -> Operation:
    """Return a verb at work in an account without a release of the app."""
    keys = (emulator.access_key, emulator.secret_key)
    target = Target("live", "123456789012", "us-east-1", tmp_path, emulator.endpoint, *keys)
    work.session = Session(target)
    storage.ensure_bucket(work.session)
    for key in storage.keys(work.session, "shop/"):
        storage.remove(work.session, key)
    return work


def refusal(call: Callable[[], Any]) -> str:
    """Return code, message and fix of a refusal."""
    with pytest.raises(UserError) as error:
        call()
    return "\n".join(str(problem) for problem in error.value.problems)


def test_a_rollback_takes_the_newest_other_release_that_served(
    releases: Operation, released: Released
):
    """Failed releases and those with the same content are passed over; a number is taken at its
    word, and what never served is refused with the list of what did.
    """
    same = {"document": {"n": 3}}
    for row in (released(1), released(2, result="failed"), released(3), released(4, **same)):
        record.save(releases.session, "shop", row)
    releases.serving = released(4, **same)
    assert rollback._wanted(releases, None).number == 1
    assert rollback._wanted(releases, 3).number == 3
    said = refusal(lambda: rollback._wanted(releases, 2))
    assert "release 2 never served" in said
    assert "4, 3, 1" in said
    assert "there is no release 9" in refusal(lambda: rollback._wanted(releases, 9))


def test_a_rollback_that_lacks_something_changes_nothing(releases: Operation, released: Released):
    """An output of today's foundation, an image: each that is gone is named at once."""
    url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/gone"
    wanted = released(
        1,
        document={"a": "${var.foundation.db_instance_old.address}", "b": "${var.foundation.x.y}"},
        images={"api": f"{url}@sha256:{'1' * 64}"},
    )
    releases.values["foundation"] = {"x": {"y": 1}}
    said = refusal(lambda: rollback._refuse_missing(releases, wanted))
    assert "release 1 needs db_instance_old" in said
    assert "var.foundation.x" not in said
    assert "the image of `api` of release 1 is no longer in its repository" in said


def test_a_rollback_over_a_breaking_migration_is_refused(releases: Operation, released: Released):
    """Only migrations that ran, and that the wanted release does not have."""
    breaks = {"migrations": {"2.sql": "h"}, "breaks": ["2.sql drops notes.body"]}
    for row in (released(1), released(2, **breaks), released(3, result="failed", breaks=["not"])):
        record.save(releases.session, "shop", row)
    said = refusal(lambda: rollback._refuse_broken(releases, released(1)))
    assert "does not fit the current database: 2.sql drops notes.body" in said
    rollback._refuse_broken(releases, released(2, **breaks))


def test_a_noun_leaves_only_when_the_app_file_no_longer_names_it(
    releases: Operation, released: Released, shop: App
):
    """Named still: refused; unknown: refused with what could leave; else what it is called."""
    record.save(releases.session, "shop", released(1))
    without = shop.model_copy(update={"databases": {}})
    assert "still in the app file" in refusal(lambda: remove.refuse(shop, releases.session, "db"))
    said = refusal(lambda: remove.refuse(without, releases.session, "dbx"))
    assert "nothing that holds data is called `dbx`" in said
    assert "Name one of: db." in said
    assert remove.refuse(without, releases.session, "db") == "database"


def instance(identifier: str, **fields: Any) -> Instance:
    """Return an instance of RDS."""
    known: dict[str, Any] = {"resource_id": "db-1", "host": "h", "port": 5432, "database": "d"}
    known |= {"user": "owner", "status": "available", "subnets": "s", "groups": ("sg-1",)}
    return Instance(identifier=identifier, **(known | fields))


def test_a_restored_instance_must_stand_where_the_other_one_stands():
    """In the same network with the same groups, or nothing could reach it after the switch."""
    served = instance("db")
    restore._verify(instance("db-restored"), served)
    for field, value in (("groups", ("sg-2",)), ("subnets", "other"), ("user", "x")):
        changed = instance("db-restored", **{field: value})
        said = refusal(lambda changed=changed: restore._verify(changed, served))
        assert f"db-restored has other {field} than db" in said
    long = restore._named("a" * 60, "restored-20260101-000000")
    assert len(long) <= 63
    assert long != restore._named("a" * 61, "restored-20260101-000000")


def test_unknown_services_are_refused_all_at_once_with_the_nearest_name(work: Operation):
    """And no name means all that serve."""
    said = refusal(lambda: scale._known(work, ["apy", "tool", "x"]))
    assert "no service `apy` serves" in said
    assert "api" in said
    assert "no service `x` serves" in said
    assert scale._known(work, []) == ["api", "tool"]
    assert scale._raised(work, "api", 4) == ""
    assert "more than services.api.count.max (4)" in scale._raised(work, "api", 5)


def test_only_secrets_and_databases_rotate(work: Operation):
    """An unknown noun is refused with what there is; a secret set by hand needs its value."""
    said = refusal(lambda: rotate._change(work, "toke", None))
    assert "Name one of: db, byhand, pair, token." in said
    assert "no value was given" in refusal(lambda: rotate._change(work, "byhand", None))


def test_only_a_higher_version_of_a_database_is_an_upgrade(work: Operation, shop: App):
    """Before the first release there is none; versions are compared as numbers."""

    def raised(version: str) -> dict[str, str]:
        database = shop.databases["db"].model_copy(update={"version": version})
        return upgrade.raised(work, graph(shop.model_copy(update={"databases": {"db": database}})))

    assert raised("17") == {"db": "17"}
    assert raised("16") == raised("9") == {}
    work.serving = None
    assert raised("17") == {}


def test_name_servers_are_shown_before_a_certificate_waits_for_them(
    work: Operation, events: list[Event], app: Callable[[str], App]
):
    """A zone that is created here is made first; one that is there, or a certificate that was
    issued, needs nothing.
    """
    wanted, state = graph(app(EVERY_NOUN)), work.roots
    state.found = {"route53_zone_main": {"name_servers": ["ns-1", "ns-2"]}}  # type: ignore[attr-defined]
    delegation.delegate(work, wanted, {})
    assert state.applied == [("aws_route53_zone.main",)]  # type: ignore[attr-defined]
    (note,) = [event for event in events if isinstance(event, Note)]
    assert "enter the name servers of example.com" in note.text
    assert "ns-1, ns-2" in note.text
    events.clear()
    state.addresses = ["aws_route53_zone.main", "aws_acm_certificate_validation.main"]  # type: ignore[attr-defined]
    delegation.delegate(work, wanted, {})
    delegation.delegate(work, graph(work.app), {})
    assert events == []


def test_a_destroy_ends_every_part_and_reports_all_that_failed(work: Operation):
    """A part that fails does not stop the others, and an interruption waits for them."""

    def part(error: BaseException | None = None) -> Future[None]:
        found: Future[None] = Future()
        found.set_exception(error) if error else found.set_result(None)
        return found

    failed = [UserError(Problem("aws-refused", text, "fix")) for text in ("one", "two")]
    problems = destroy._ended(work, [part(failed[0]), part(), part(failed[1])])
    assert [problem.message for problem in problems] == ["one", "two"]
    report = destroy.DestroyReport((Thing("bucket", "b"),), (), ())
    assert (report.gone, report.as_json()["result"]) == (False, "failed")
    assert destroy.DestroyReport((), ("snapshot",), ()).as_json()["next"] == []


def change(address: str, action: str, *because: str) -> plan.Planned:
    """Return a planned change."""
    return plan.Planned(
        noun=f"noun of {address}",
        line=3,
        address=address,
        action=action,  # type: ignore[arg-type]
        because=because,
        attributes=(),
    )


def test_a_plan_says_what_loses_data_or_its_address():
    """A replaced database or bucket first, then what others know by its address."""
    report = plan.PlanReport(
        (
            change("aws_db_instance.db", "replace", "engine"),
            change("aws_lb.main", "replace"),
            change("aws_s3_bucket.files", "destroy"),
            change("aws_ecs_service.api", "destroy"),
        ),
        seen=("seen anyway",),
    )
    first, second, third, last = report.risks
    assert "would be replaced, and what it holds lost (because of engine)" in first
    assert "would be destroyed, and what it holds lost" in second
    assert "the balancer would be replaced" in third
    assert last == "seen anyway"
    assert [len(report.as_json()[kind]) for kind in ("create", "replace", "destroy")] == [0, 2, 2]


def test_a_release_whose_foundation_is_missing_is_planned_by_comparison(shop: App):
    """Everything is created at first; later only what differs between the graphs."""
    before = graph(shop)
    first = plan._unplanned(before, before, first=True)
    assert {row.action for row in first} == {"create"}
    less = graph(shop.model_copy(update={"services": {"api": shop.services["api"]}}))
    gone = plan._unplanned(less, before, first=False)
    assert {row.action for row in gone} <= {"destroy", "change"}
    assert "aws_ecs_service.tool" in {row.address for row in gone if row.action == "destroy"}
    assert plan._unplanned(before, before, first=False) == []


def test_expected_times_follow_the_slowest_part(shop: App, app: Callable[[str], App]):
    """A database beside a CDN: the slower of the two counts; every noun takes longer."""
    bare = app("app: a\nregion: us-east-1\nbuckets: {b: {}}\n")
    assert expected_times.first_deploy(bare) == 0
    edge = expected_times.BALANCER + expected_times.CDN
    tasks = expected_times.TASK + expected_times.release(shop) - expected_times.TASK
    assert expected_times.first_deploy(shop) > edge > expected_times.DATABASE
    assert expected_times.first_deploy(app(EVERY_NOUN)) > expected_times.first_deploy(shop)
    assert expected_times.crash(shop) > tasks > expected_times.replacement(shop) > 57
    assert expected_times.destroy(shop) > expected_times.destroy(bare)


@pytest.mark.parametrize(
    ("name", "text", "private"),
    [
        (".env", "", True),
        (".env.production", "", True),
        (".env.example", "", False),
        ("id_rsa", "", True),
        ("terraform.tfstate", "", True),
        (".npmrc", "//registry.example.com/:_authToken=abc", True),
        (".npmrc", "//registry.example.com/:_authToken=${TOKEN}", False),
        ("key.pem", "-----BEGIN PRIVATE KEY-----", True),
        ("key.pem", "-----BEGIN CERTIFICATE-----", False),
        ("main.py", "aws_secret_access_key = 'x'", False),
    ],
)
def test_files_with_credentials_are_named(tmp_path: Path, name: str, text: str, private: bool):
    """By their name, or by what the first bytes of a file of such a name are."""
    (tmp_path / name).write_text(text)
    assert private_files.found({name: tmp_path / name}) == ((name,) if private else ())
    said = private_files.note({name: tmp_path / name}, ".dockerignore")
    assert [".dockerignore" in line for line in said] == [True] * private


def test_each_action_is_allowed_on_what_it_is_about(shop: App):
    """By the app's names, by region where AWS knows no names; roles are passed to services only."""
    wanted = ("sqs:SendMessage", "sqs:ListQueues", "iam:PassRole", "rds:DescribeDBInstances")
    found = scopes.scoped(wanted, scopes.Place(shop, "123456789012"))
    by_action = {action: row for row in found for action in row["Action"]}
    assert by_action["sqs:SendMessage"]["Resource"] == [
        "arn:aws:sqs:us-east-1:123456789012:shop-live*"
    ]
    assert by_action["sqs:ListQueues"] is by_action["rds:DescribeDBInstances"]
    assert by_action["sqs:ListQueues"]["Condition"]["StringEquals"]["aws:RequestedRegion"] == [
        "us-east-1"
    ]
    assert "iam:PassedToService" in str(by_action["iam:PassRole"]["Condition"])


@pytest.mark.G43
def test_a_status_is_well_only_while_tasks_and_databases_are(shop: App):
    """One recent failure is an accident, two are a problem; a database must be available."""
    service = status.ServiceStatus(
        name="api", desired=2, running=2, healthy=2, revision="r:1", deployment="COMPLETED", why=""
    )
    report = status.StatusReport(1, (service,), {"db": "available"}, "https://a")
    assert report.well
    assert report.serves
    failing = replace(report, services=(replace(service, failures=2, why="exit code 1"),))
    assert failing.serves
    assert failing.problems == [
        "api: 2 of 2 tasks running, 2 failed in the last 5 min: exit code 1"
    ]
    assert not replace(report, services=(replace(service, healthy=1),)).serves
    stopped = replace(report, databases={"db": "stopped"})
    assert (stopped.serves, stopped.problems) == (False, ["database db is stopped"])
