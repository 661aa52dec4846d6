"""Both roots of every example, applied by the real Terraform with the real provider."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from apps import EVERY_NOUN, ON_A_BALANCER, ON_BEDROCK
from helpers import EXAMPLES, EmulatorProcess, started_emulator
from seatrial.appfile import load
from seatrial.cloud import existing
from seatrial.cloud.session import Session
from seatrial.engine import provider, provider_host
from seatrial.engine.terraform import Terraform
from seatrial.errors import UserError
from seatrial.ops.release import adoption
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph
from seatrial.target import Target
from seatrial.terraform import document

HELLO = EXAMPLES / "hello" / "seatrial.yml"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@contextmanager
def roots(
    emulator: EmulatorProcess, folder: Path, *, quick: bool
) -> Iterator[tuple[Terraform, Terraform]]:
    """Yield foundation and release, connected to their state in the emulator."""
    variables = {
        "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": emulator.access_key, "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    emulator.client("s3").create_bucket(Bucket="state")
    environment = provider.environment(folder) | variables
    host = provider_host.running(environment, folder) if quick else nullcontext((None, ""))
    with host as (reattach, note):
        assert not quick or reattach, note
        yield tuple(  # type: ignore[misc]
            Terraform(folder / name, variables, lambda _: None, reattach)
            for name in ("foundation", "release")
        )


def connect(root: Terraform, body: dict[str, Any], values: dict[str, Any]) -> None:
    """Write a root and connect it to its state."""
    root.write(document.files(body), values)
    root.init({"bucket": "state", "key": root.folder.name, "region": "us-east-1"})


def shape(emulator: EmulatorProcess, key: str) -> dict[str, dict[str, Any]]:
    """Return a state's resources with what does not depend on chance."""
    state = json.loads(emulator.client("s3").get_object(Bucket="state", Key=key)["Body"].read())
    return {
        f"{r['type']}.{r['name']}": {
            k: v for k, v in r["instances"][0]["attributes"].items()
            if isinstance(v, int | bool) or k in ("name", "engine", "family")
        }
        for r in state["resources"] if r["mode"] == "managed"
    }  # fmt: skip


def found_again(emulator: EmulatorProcess, folder: Path, made: Graph) -> None:
    """What a finder is asked for, it finds where it is: what no state knows can be taken over."""
    target = Target(
        made.environment, "123456789012", made.region, folder,
        emulator.endpoint, emulator.access_key, emulator.secret_key,
    )  # fmt: skip
    rows = adoption.imports(Session(target), made, "foundation", [])
    wanted = {
        ".".join(r.address)
        for r in made.root("foundation")
        if r.type in existing.FINDERS and not r.data
    }
    assert wanted - {row["to"] for row in rows} == set()


def walk(
    folder: Path, file: Path, environment: str, *, quick: bool = True, whole: bool = True
) -> dict[str, Any]:
    """Apply, and as a ``whole`` plan again and destroy; returns the shape of both states."""
    app = load.app_for(load.read(file), environment)
    made = graph(app)
    bodies = document.documents(made)
    with (
        started_emulator(folder / "emulator") as emulator,
        roots(emulator, folder, quick=quick) as (foundation, release),
    ):
        if app.domain and app.domain.zone == "existing":
            zone = app.domain.zone_of
            emulator.client("route53").create_hosted_zone(Name=zone, CallerReference="x")
        connect(foundation, bodies["foundation"], {})
        foundation.apply()
        digest = "x.dkr.ecr.us-east-1.amazonaws.com/x@sha256:" + "0" * 64
        connect(
            release,
            bodies["release"],
            {
                "foundation": foundation.outputs(),
                "wait": False,
                "images": dict.fromkeys(made.builds, digest),
            },
        )
        release.apply()
        found = {key: shape(emulator, key) for key in ("foundation", "release")}
        if not whole:
            return found
        found_again(emulator, folder, made)
        assert release.plan().changes == ()
        assert foundation.plan().changes == ()
        foundation.apply(values={"teardown": "true"})
        release.destroy()
        foundation.destroy(values={"teardown": "true"})
        left = json.loads(
            emulator.client("s3").get_object(Bucket="state", Key="foundation")["Body"].read()
        )
        assert left["resources"] == []
    return found


TABLE = """
app: shop
region: us-east-1
profile: production
tables: {notes: {key: user, sort: {at: number}, indexes: {by-mail: mail}, ttl: expires}}
"""


def test_a_table_takes_items_and_finds_them(tmp_path, write):
    """Items are found by their key and by an index; the table is restorable and protected."""
    (tmp_path / "emulator").mkdir()
    body = document.documents(graph(load.app_for(load.read(write(TABLE)), "dev")))["foundation"]
    with (
        started_emulator(tmp_path / "emulator") as emulator,
        roots(emulator, tmp_path, quick=True) as (foundation, _),
    ):
        connect(foundation, body, {})
        foundation.apply()
        client = emulator.client("dynamodb")
        for at in ("1", "2"):
            item = {"user": {"S": "ada"}, "at": {"N": at}, "mail": {"S": "ada@example.com"}}
            client.put_item(TableName="shop-dev-notes", Item=item)
        key = {"user": {"S": "ada"}, "at": {"N": "2"}}
        assert client.get_item(TableName="shop-dev-notes", Key=key)["Item"]["at"] == {"N": "2"}
        found = client.query(
            TableName="shop-dev-notes", IndexName="by-mail", KeyConditionExpression="mail = :m",
            ExpressionAttributeValues={":m": {"S": "ada@example.com"}},
        )  # fmt: skip
        assert found["Count"] == 2
        table = client.describe_table(TableName="shop-dev-notes")["Table"]
        assert table["DeletionProtectionEnabled"]
        ttl = client.describe_time_to_live(TableName="shop-dev-notes")["TimeToLiveDescription"]
        assert ttl["AttributeName"] == "expires"
        foundation.apply(values={"teardown": "true"})
        foundation.destroy(values={"teardown": "true"})
        assert client.list_tables()["TableNames"] == []


TOPIC = """
app: shop
region: us-east-1
queues: {orders: {}, other: {}}
topics: {events: orders}
"""


def test_a_published_message_arrives_in_the_queue(tmp_path, write):
    """A topic's queue gets what is published, as it was published; no other queue does."""
    (tmp_path / "emulator").mkdir()
    body = document.documents(graph(load.app_for(load.read(write(TOPIC)), "dev")))["foundation"]
    with (
        started_emulator(tmp_path / "emulator") as emulator,
        roots(emulator, tmp_path, quick=True) as (foundation, _),
    ):
        connect(foundation, body, {})
        foundation.apply()
        sns, sqs = emulator.client("sns"), emulator.client("sqs")
        (topic,) = sns.list_topics()["Topics"]
        sns.publish(TopicArn=topic["TopicArn"], Message='{"order": 7}')
        found = {
            name: sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"],
                                      WaitTimeSeconds=0).get("Messages", [])
            for name in ("shop-dev-orders", "shop-dev-other")
        }  # fmt: skip
        assert [m["Body"] for m in found["shop-dev-orders"]] == ['{"order": 7}']
        assert found["shop-dev-other"] == []


@pytest.mark.stock
@pytest.mark.parametrize(
    ("example", "environment"),
    [("hello", "dev"), ("notes", "staging"), ("notes", "production")],
)
def test_second_plan_is_empty_and_destroy_leaves_nothing(tmp_path, example, environment):
    """Apply, an empty second plan of both roots, and a destroy after teardown switches."""
    (tmp_path / "emulator").mkdir()
    assert walk(tmp_path, EXAMPLES / example / "seatrial.yml", environment)


@pytest.mark.G47
@pytest.mark.G41
@pytest.mark.G21
@pytest.mark.parametrize(
    "text",
    [EVERY_NOUN, ON_A_BALANCER, ON_BEDROCK],
    ids=["every noun", "balancer", "bedrock"],
)
def test_every_noun_is_applied_planned_empty_and_destroyed(tmp_path, write, text):
    """All nouns together, what only a public balancer has, and what is on Bedrock."""
    (tmp_path / "emulator").mkdir()
    assert walk(tmp_path, write(text), "dev")


@pytest.mark.stock
def test_stock_and_quick_provider_create_equal_resources(tmp_path):
    """The unmodified provider, which waits two minutes, makes the same resources with the same
    settings.
    """
    made = []
    for quick in (True, False):
        folder = tmp_path / str(quick)
        (folder / "emulator").mkdir(parents=True)
        made.append(walk(folder, HELLO, "dev", quick=quick, whole=False))
    assert made[0] == made[1]


def test_failed_apply_reports_the_providers_message(tmp_path):
    """A refused resource is a typed error with the provider's words and the resource's address."""
    (tmp_path / "emulator").mkdir()
    app = load.app_for(load.read(EXAMPLES / "hello" / "seatrial.yml"), "dev")
    body = document.documents(graph(app))["foundation"]
    body["resource"]["aws_iam_role_policy"]["web_execution_start"]["role"] = "nobody"
    with (
        started_emulator(tmp_path / "emulator") as emulator,
        roots(emulator, tmp_path, quick=True) as (foundation, _),
    ):
        connect(foundation, body, {})
        with pytest.raises(UserError) as raised:
            foundation.apply()
    text = str(raised.value)
    assert "aws_iam_role_policy.web_execution_start" in text
    assert "nobody" in text


def test_provider_crash_is_reported_and_the_next_call_works(tmp_path):
    """Its death is one error with the way on; the same root goes on with the stock provider."""
    (tmp_path / "emulator").mkdir()
    body = document.documents(
        graph(load.app_for(load.read(EXAMPLES / "hello/seatrial.yml"), "dev"))
    )
    with (
        started_emulator(tmp_path / "emulator") as emulator,
        roots(emulator, tmp_path, quick=True) as (foundation, _),
    ):
        connect(foundation, body["foundation"], {})
        value = json.loads(str(foundation.reattach))
        killed = next(iter(value.values()))["Pid"]
        foundation.emit = lambda _: os.kill(killed, signal.SIGKILL)
        with pytest.raises(UserError) as raised:
            foundation.apply()
        assert [p.code for p in raised.value.problems] == ["terraform-provider-gone"]
        foundation.emit = lambda _: None
        assert foundation.plan().changes
