"""What is made of AWS's answers that no emulator gives: quotas, prices, versions, snapshots."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from canned import answers, refused
from seatrial.cloud import parameters, pricing, quotas, secrets, snapshots
from seatrial.cloud.session import Session
from seatrial.cloud.waiting import until
from seatrial.errors import UserError
from seatrial.target import Target

DENIED = refused("AccessDeniedException", "not authorized to perform this")


@pytest.fixture
def session() -> Session:
    """Return a session that reaches nothing: its calls are answered by the test."""
    place = (Path("nowhere"), "http://127.0.0.1:1", "AKIA", "secret")
    return Session(Target("live", "123456789012", "us-east-1", *place, pace=100))


def test_room_is_the_quota_less_what_there_is(session: Session):
    """Two of five VPCs are taken: three may be made."""
    answers(session, "service-quotas", GetServiceQuota={"Quota": {"Value": 5.0}})
    answers(session, "ec2", DescribeVpcs={"Vpcs": [{}, {}]})
    assert quotas.room(session, "VPCs") == 3


def test_a_quota_that_may_not_be_read_is_an_error_that_names_it(session: Session):
    """The refusal says what was asked for, and is no traceback."""
    answers(session, "service-quotas", GetServiceQuota=DENIED)
    with pytest.raises(UserError, match="how many load balancers the account may have"):
        quotas.room(session, "load balancers")


@pytest.mark.parametrize(("status", "found"), [("ACTIVE", True), ("INACTIVE", False)])
def test_a_deleted_cluster_does_not_exist(session: Session, status: str, found: bool):
    """ECS describes a deleted cluster for a while: INACTIVE."""
    answers(session, "ecs", DescribeClusters={"clusters": [{"status": status}]})
    assert quotas.exists(session, "notes-live") is found


def product(*prices: str, unit: str = "Hrs") -> str:
    """Return a product of the price list."""
    rows = {str(n): {"unit": unit, "pricePerUnit": {"USD": p}} for n, p in enumerate(prices)}
    return json.dumps({"terms": {"OnDemand": {"1": {"priceDimensions": rows}}}})


@pytest.mark.parametrize(
    ("products", "price"),
    [
        ([product("0.016")], 0.016),
        ([product("0.016"), product("0.016")], 0.016),
        ([product("0.016"), product("0.032")], None),
        ([product("0.016", unit="GB-Mo")], None),
        ([], None),
    ],
)
def test_a_price_is_one_or_none(session: Session, products: list[str], price: float | None):
    """More than one price, or one that is not by the hour, is no answer."""
    client = session.at(pricing.REGION, "pricing")
    assert client is session.at(pricing.REGION, "pricing")
    given = {"PriceList": products}

    def answer(model: Any, **_: Any) -> Any:
        assert model.name == "GetProducts"
        return type("Response", (), {"status_code": 200})(), {"ResponseMetadata": {}, **given}

    client.meta.events.register("before-call", answer)
    assert pricing.on_demand(session, "AmazonRDS", {"instanceType": "db.t4g.micro"}) == price


def test_a_secret_without_a_value_is_none_and_a_refusal_is_an_error(session: Session):
    """A new secret has no value; not being allowed to read it is something else."""
    answers(session, "secretsmanager", GetSecretValue=refused("ResourceNotFoundException"),
            DescribeSecret=refused("ResourceNotFoundException"))  # fmt: skip
    assert secrets.value(session, "arn") is None
    assert not secrets.exists(session, "key")
    assert not secrets.scheduled(session, "key")
    assert secrets.changed(session, "key") == ""


def test_a_secret_that_may_not_be_read_is_an_error(session: Session):
    """The refusal names the secret; its value is in no message."""
    answers(session, "secretsmanager", GetSecretValue=DENIED, PutSecretValue=DENIED)
    with pytest.raises(UserError, match="to read the secret arn:key"):
        secrets.value(session, "arn:key")
    with pytest.raises(UserError) as error:
        secrets.put(session, "arn:key", "hunter2")
    assert "hunter2" not in str(error.value)


def test_a_rotation_that_was_cut_off_is_finished(session: Session):
    """A version that is current already only loses its pending stage: the call may be repeated."""
    old, new = "0" * 32, "1" * 32
    stages = {old: ["AWSPREVIOUS"], new: ["AWSCURRENT", "AWSPENDING"]}
    called = answers(session, "secretsmanager", UpdateSecretVersionStage={},
                     DescribeSecret={"VersionIdsToStages": stages})  # fmt: skip
    secrets.finish_rotation(session, "arn", new)
    assert called == ["DescribeSecret", "UpdateSecretVersionStage"]
    stages[old], stages[new] = ["AWSCURRENT"], ["AWSPENDING"]
    called.clear()
    secrets.finish_rotation(session, "arn", new)
    assert called == ["DescribeSecret", *["UpdateSecretVersionStage"] * 2]


def snapshot(name: str, status: str, **fields: Any) -> dict[str, Any]:
    """Return a snapshot as RDS describes it."""
    row = {"DBSnapshotIdentifier": name, "DBInstanceIdentifier": "db", "Status": status}
    return row | {"SnapshotType": "manual"} | fields


def test_a_snapshot_that_fails_is_an_error(session: Session):
    """RDS ends a snapshot as failed: no backup was made."""
    answers(session, "rds", CreateDBSnapshot={},
            DescribeDBSnapshots={"DBSnapshots": [snapshot("s", "failed")]})  # fmt: skip
    with pytest.raises(UserError, match="did not become available"):
        snapshots.create(session, "db", "s", {})


def test_the_newest_snapshot_is_first(session: Session):
    """One that is being taken has no time yet, and is the newest."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [snapshot("old", "available", SnapshotCreateTime=at), snapshot("now", "creating")]
    answers(session, "rds", DescribeDBSnapshots={"DBSnapshots": rows})
    assert [s.identifier for s in snapshots.listed(session, "db")] == ["now", "old"]


def test_waiting_ends_with_what_is_found_or_with_none(session: Session):
    """The pace shortens the pauses between two looks, and nobody waits beyond the time-out."""
    seen = iter([None, None, "there"])
    assert until(session, lambda: next(seen), 60, 30) == "there"
    assert until(session, lambda: None, 60, 0.02) is None


def test_a_parameter_is_read_decrypted_and_a_missing_one_is_none(session: Session):
    """A refusal is an error that names the parameter."""
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    found = {"Parameter": {"Value": "v", "LastModifiedDate": at}}
    answers(session, "ssm", GetParameter=lambda body: found if b"true" in body else {})
    assert parameters.value(session, "/shop/key") == "v"
    assert parameters.changed(session, "/shop/key") == "2026-11-01T12:00:00+00:00"
    session.clients.clear()
    answers(session, "ssm", GetParameter=refused("ParameterNotFound"))
    assert (parameters.value(session, "/no"), parameters.changed(session, "/no")) == (None, "")
    session.clients.clear()
    answers(session, "ssm", GetParameter=refused("AccessDeniedException"))
    with pytest.raises(UserError, match="to read the parameter /no"):
        parameters.value(session, "/no")
