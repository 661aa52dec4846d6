"""The process between Terraform and the AWS provider, with both of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import eventually
from seatrial.engine import process, provider, provider_host, schema

pytestmark = pytest.mark.skipif(
    provider.binary() is None, reason="the AWS provider is missing: make setup"
)
KEYS = {"access_key": "a", "secret_key": "b", "skip_credentials_validation": True,
        "skip_requesting_account_id": True, "skip_metadata_api_check": True}  # fmt: skip


def root(folder: Path, body: dict[str, object]) -> Path:
    """Write a root's document."""
    place = folder / "release"
    place.mkdir(parents=True, exist_ok=True)
    needed = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.100"}}}
    (place / "main.tf.json").write_text(json.dumps({"terraform": needed, **body}))
    return place


def terraform(place: Path, reattach: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform behind the proxy."""
    environment = provider.environment(place, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    return subprocess.run(
        [provider.terraform().path, *words, "-no-color"], cwd=place, check=False, text=True,
        capture_output=True, env=environment | {"TF_REATTACH_PROVIDERS": reattach},
    )  # fmt: skip


@pytest.fixture
def reattach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return what Terraform reattaches to."""
    monkeypatch.setattr(provider_host, "schemas", lambda: tmp_path / "schemas")
    environment = provider.environment(tmp_path, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    with provider_host.running(environment, tmp_path) as (value, note):
        assert value, note
        yield value


def test_documents_are_judged_as_by_the_provider_itself(tmp_path: Path, reattach: str):
    """A good document is valid, an unknown argument and a wrong value are errors, and the schema
    kept on disk has the types in use alone.
    """
    good = {"provider": {"aws": KEYS}, "resource": {"aws_sqs_queue": {"q": {"name": "q"}}}}
    place = root(tmp_path, good)
    assert terraform(place, reattach, "init").returncode == 0
    assert terraform(place, reattach, "validate").returncode == 0
    (file,) = (tmp_path / "schemas").iterdir()
    assert schema.names(file.read_bytes()) == {"aws_sqs_queue"}
    root(tmp_path, {"resource": {"aws_sqs_queue": {"q": {"nme": "q"}}}})
    assert "nme" in terraform(place, reattach, "validate").stderr
    root(tmp_path, {"resource": {"aws_sqs_queue": {"q": {"delay_seconds": 901}}}})
    assert "delay_seconds" in terraform(place, reattach, "validate").stderr


def test_two_configurations_are_two_regions(tmp_path: Path, reattach: str):
    """Each provider configuration reaches a provider process of its own."""
    regions = [{**KEYS, "region": "eu-west-1"}, {**KEYS, "region": "us-east-1", "alias": "us"}]
    data = {"aws_region": {"here": {}, "there": {"provider": "aws.us"}}}
    out = {"here": {"value": "${data.aws_region.here.name}"},
           "there": {"value": "${data.aws_region.there.name}"}}  # fmt: skip
    place = root(tmp_path, {"provider": {"aws": regions}, "data": data, "output": out})
    assert terraform(place, reattach, "init").returncode == 0
    done = terraform(place, reattach, "apply", "-auto-approve")
    assert done.returncode == 0, done.stderr
    found = json.loads(terraform(place, reattach, "output", "-json").stdout)
    assert [found["here"]["value"], found["there"]["value"]] == ["eu-west-1", "us-east-1"]


def test_nothing_is_left_when_the_proxy_is_killed(tmp_path: Path, reattach: str):
    """The provider ends with the proxy, however that ends."""
    number = next(iter(json.loads(reattach).values()))["Pid"]
    (child,) = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    os.kill(number, signal.SIGKILL)
    eventually(lambda: process.alive(int(child)), lambda running: not running)
