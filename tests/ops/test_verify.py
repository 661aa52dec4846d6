"""Checks of `verify` whose answer is arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from helpers import EmulatorProcess
from seatrial.cloud.session import Session
from seatrial.model.app import App
from seatrial.model.database import Database
from seatrial.model.secret import Secret
from seatrial.ops.secret import bring, lacking
from seatrial.ops.verify import credentials, databases, quotas
from seatrial.ops.verify.finding import Case
from seatrial.target import Target


def case(expected: int = 600, **app: Any) -> Case:
    """Return a case of an app that needs no account."""
    made = App.model_validate({"app": "a", "region": "us-east-1", **App.expand(app)})
    place = Target("live", "123456789012", "us-east-1", Path("nowhere"))
    return Case(made, Session(place), lambda _: None, expected)


def account(emulator: EmulatorProcess, **app: Any) -> Case:
    """Return a case of an app that asks an emulated account."""
    made = case(environment="live", **app)
    keys = (emulator.access_key, emulator.secret_key)
    place = ("live", "123456789012", "us-east-1", Path("nowhere"), emulator.endpoint, *keys)
    return replace(made, session=Session(Target(*place, pace=100)))


@pytest.mark.parametrize(
    ("class_", "expected"),
    [
        ("db.t4g.micro", 112),
        ("db.t3.medium", 450),
        ("db.m6g.large", 901),
        ("db.r6g.large", 1802),
        ("db.r6g.12xlarge", 5000),
        ("db.x2g.large", None),
    ],
)
def test_connections_follow_the_class(class_: str, expected: int | None):
    """PostgreSQL's own default on RDS, LEAST(memory / 9531392, 5000); None where it is unknown."""
    found = Database.model_validate({"class": class_})
    assert databases.connections(found) == expected


@pytest.mark.parametrize(("tasks", "found"), [(2, []), (3, ["verify-connections"])])
def test_pools_of_old_and_new_tasks_must_fit(tasks: int, found: list[str]):
    """Fifteen connections a task, twice while a release rolls: 3 tasks want 90 of 89."""
    service = {"build": ".", "command": "x", "uses": ["db"], "count": str(tasks)}
    given = case(services={"s": service}, databases={"db": {"version": "17"}})
    assert [finding.code for finding in databases.check(given)] == found


def test_end_of_life_version_is_not_created(emulator: EmulatorProcess):
    """PostgreSQL 13 left standard support in February 2026: RDS runs it, and makes none anew."""
    given = account(emulator, databases={"db": {"version": "13"}})
    assert [f.severity for f in databases.check(given)] == ["error"]
    emulator.client("rds").create_db_instance(
        DBInstanceIdentifier="a-live-db", DBInstanceClass="db.t4g.micro", Engine="postgres",
        EngineVersion="13", AllocatedStorage=20, MasterUsername="app_owner",
        MasterUserPassword="a-password-of-a-test",
    )  # fmt: skip
    assert [f.severity for f in databases.check(given)] == ["warning"]


@pytest.mark.parametrize(("count", "found"), [(2, []), (4, ["warning"]), (7, ["error"])])
def test_a_new_accounts_vcpus_are_compared(emulator: EmulatorProcess, count: int, found: list[str]):
    """Six on Fargate: a release runs old and new tasks, so that four of 1 vCPU are tight."""
    service = {"build": ".", "command": "x", "cpu": "1", "memory": "2 GB", "count": str(count)}
    given = account(emulator, services={"s": service})
    findings = quotas.check(given)  # others' VPCs are counted in this emulator, too
    assert [row.severity for row in findings if "vCPUs" in row.title] == found


@pytest.mark.parametrize(
    ("minutes", "found"), [(60, []), (12, ["warning"]), (5, ["error"]), (-1, ["error"])]
)
def test_credentials_must_last_as_long_as_the_deploy(
    monkeypatch: pytest.MonkeyPatch, minutes: int, found: list[str]
):
    """A deploy of ten minutes: shorter is an error, five minutes to spare a warning."""
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", ends.isoformat())
    assert [finding.severity for finding in credentials.check(case())] == found


def test_credentials_without_an_end_are_not_judged(monkeypatch: pytest.MonkeyPatch):
    """Keys of a user, and an end that cannot be read."""
    for value in ("", "tomorrow"):
        monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", value)
        assert list(credentials.check(case())) == []


def test_every_key_of_a_secret_must_be_there():
    """What is no JSON object lacks all of them."""
    secret = Secret(keys=("jwt", "admin"))
    assert lacking(secret, '{"jwt": "a", "admin": "b"}') == ()
    assert lacking(secret, '{"jwt": "a"}') == ("admin",)
    assert lacking(secret, '["jwt"]') == lacking(secret, "text") == ("jwt", "admin")
    assert lacking(Secret(), "text") == ()


def test_many_values_find_their_secrets():
    """By the noun, its variable, or one variable a key; the others are left alone."""
    app = case(
        secrets={"api-key": "by-hand", "tokens": {"keys": ["jwt", "admin"]}, "none": "by-hand"}
    ).app
    given = {"API_KEY": "a", "TOKENS_JWT": "b", "TOKENS_ADMIN": "c", "OTHER": "d"}
    assert bring(app, given) == {"api-key": "a", "tokens": '{"jwt": "b", "admin": "c"}'}
