"""The emulator's own mistakes: one error at once, and no task that waits for ever."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs.action_runner import ActionRunner
from seatrial_emulator.ecs.egress import EgressRoutes
from seatrial_emulator.ecs.observation import Notes
from seatrial_emulator.ecs.task_runner import Runner
from seatrial_emulator.ecs.types import Launch, Start

BROKEN = """
import sys, json
from pathlib import Path
from seatrial_emulator.api.server import Emulator
emulator = Emulator("123456789012", "us-east-1", Path(sys.argv[1]))
from moto.sqs.models import SQSBackend
from moto.s3.models import S3Backend
from seatrial_emulator.validation import rules
asked = []
def broken(*_, **__):
    print("asked", flush=True)
    raise KeyError("missing")
SQSBackend.list_queues = S3Backend.list_buckets = broken
real = rules.refusal
rules.refusal = lambda call, account: (
    broken() if call.operation in ("ListUsers", "ListClusters", "DescribeVpcs")
    else real(call, account))
server = emulator.serve(0)
print(json.dumps([server.port, emulator.keys.access_key, emulator.keys.secret_key]), flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path]]:
    """Return the process of an emulator of which parts raise, and its log."""
    folder = tmp_path_factory.mktemp("broken")
    log = folder / "emulator.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", BROKEN, str(folder)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield process, log
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def keys(broken: tuple[Any, Path]) -> list[Any]:
    """Return its port and keys."""
    return cast("list[Any]", json.loads(broken[0].stdout.readline()))


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("iam", "list_users"),  # a rule of ours raises: query, JSON, EC2's protocol
        ("ecs", "list_clusters"),
        ("ec2", "describe_vpcs"),
        ("sqs", "list_queues"),  # moto raises
        ("s3", "list_buckets"),
    ],
)
def test_an_exception_is_one_clear_error_that_is_not_repeated(broken, keys, service, operation):
    """The client asks once, and reads whose fault it is; the log has the traceback."""
    process, log = broken
    client: Any = boto3.client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{keys[0]}",
        aws_access_key_id=keys[1],
        aws_secret_access_key=keys[2],
        config=Config(retries={"mode": "standard", "total_max_attempts": 10}),
    )
    before = log.stat().st_size
    with pytest.raises(ClientError, match=r"emulator itself failed \(KeyError: 'missing'\)") as e:
        getattr(client, operation)()
    assert e.value.response["Error"]["Code"] == "EmulatorFailure"
    assert e.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert process.stdout.readline() == "asked\n"
    assert "Traceback" in log.read_text()[before:]


@pytest.fixture
def runner(tmp_path: Path) -> ActionRunner:
    """Return an action runner whose emulator has nothing: each of its actions raises."""
    programs = Runner(cast("Any", None), cast("Any", None), lambda *_: None, lambda: None)
    return ActionRunner(
        emulator=cast("Emulator", None),
        runner=programs,
        notes=Notes(),
        images=tmp_path,
        routes=EgressRoutes(0, False, {}, {}),
        foreign={},
    )


def test_a_task_that_cannot_be_started_by_our_mistake_stops_with_the_reason(runner, capsys):
    """It does not stay PROVISIONING: it is stopped, with the exception as its reason."""
    runner.do(Start("arn:aws:ecs:us-east-1:1:task/c/1"))
    local = runner.runner.local("arn:aws:ecs:us-east-1:1:task/c/1")
    assert local.phase == "stopped"
    assert local.why.startswith("the emulator itself failed: AttributeError: ")
    assert "Traceback" in capsys.readouterr().err


def test_a_launch_that_fails_by_our_mistake_counts_against_its_deployment(runner):
    """So the circuit breaker ends the deployment, and the pauses between its starts grow."""
    begin = time.monotonic()
    for _ in range(3):
        runner.do(Launch("c/web", "ecs-svc/1"))
    noted = runner.notes.of("ecs-svc/1")
    assert noted.count == 3
    assert noted.last >= begin
    assert "AttributeError" in noted.why
