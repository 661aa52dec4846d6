"""Doctor on a rehearsal of hello: silent where all is well, and each thing broken by hand named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers import Rehearsal, eventually, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def _found(hello: Rehearsal) -> tuple[int, list[str]]:
    """Return the exit code and the ids of the serious findings, and of nothing unseen."""
    done = seatrial("doctor", "--json", folder=hello.folder)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["unseen"] == []
    return done.returncode, [f["id"] for f in report["findings"] if f["severity"] == "error"]


@pytest.mark.G44
def test_what_is_broken_by_hand_is_named_and_what_is_fixed_is_silent(hello: Rehearsal):
    """A log group that is gone, a route, a rule; each is the first finding, and then none is."""
    assert _found(hello) == (0, [])
    logs, ec2, group = hello.client("logs"), hello.client("ec2"), "/hello/dev/web"
    logs.delete_log_group(logGroupName=group)
    assert _found(hello) == (1, ["D15"])
    logs.create_log_group(logGroupName=group)

    ecs = hello.client("ecs")
    (web,) = ecs.describe_services(cluster="hello-dev", services=["web"])["services"]
    network = web["networkConfiguration"]["awsvpcConfiguration"]
    inside = [{"Name": "association.subnet-id", "Values": network["subnets"]}]
    (table, *_) = ec2.describe_route_tables(Filters=inside)["RouteTables"]
    there = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    (route,) = [r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0"]
    ec2.delete_route(**there)
    assert _found(hello) == (1, ["D03"])
    ec2.create_route(**there, GatewayId=route["GatewayId"])

    (mine,) = network["securityGroups"]
    rules = ec2.describe_security_groups(GroupIds=[mine])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=mine, IpPermissions=rules)
    assert _found(hello)[1][0] == "D51"
    ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=rules)
    eventually(lambda: _found(hello), lambda found: found == (0, []), 60)


def test_a_release_that_fails_is_named_until_one_serves(hello: Rehearsal):
    """A crash after an edit; a wrong health path, whose finding `up` prints under the error."""
    source, file = hello.folder / "main.py", hello.folder / "seatrial.yml"
    good, app = source.read_text(), file.read_text()
    source.write_text(f"import os\n\nos.environ['STRIPE_KEY']\n{good}")
    eventually(lambda: _found(hello)[1][:1], lambda found: found == ["D17"], 60)
    done = seatrial("doctor", folder=hello.folder)
    assert "KeyError: 'STRIPE_KEY'" in done.stdout
    assert "services.web.env" in done.stdout
    source.write_text(good)
    eventually(lambda: _found(hello), lambda found: found == (0, []), 60)

    file.write_text(app.replace("health: /health", "health: /healthz"))
    hello.until_idle()
    said = (hello.folder / ".seatrial/dev/up.log").read_text()
    assert "error[doctor-finding]: D50" in said
    assert "`/health` answers as wanted" in said
    file.write_text(app)
    hello.until_idle()
    eventually(lambda: _found(hello), lambda found: found == (0, []), 60)
