"""Both roots of every example, applied by the real Terraform with the real provider."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from helpers import EXAMPLES, Emulator, emulator
from seatrial.appfile import load
from seatrial.engine import provider, quick_provider
from seatrial.engine.terraform import Terraform
from seatrial.errors import UserError
from seatrial.resources.catalog import graph
from seatrial.terraform import document

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@contextmanager
def roots(sky: Emulator, folder: Path, *, quick: bool) -> Iterator[tuple[Terraform, Terraform]]:
    """Yield foundation and release, connected to their state in the emulator."""
    variables = {
        "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": sky.endpoint,
        "AWS_ACCESS_KEY_ID": sky.access_key, "AWS_SECRET_ACCESS_KEY": sky.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    sky.client("s3").create_bucket(Bucket="state")
    program = provider.binary() if quick else None
    environment = provider.environment(folder) | variables
    with quick_provider.running(program, environment, folder) as (reattach, note):
        assert not quick or reattach, note
        yield tuple(  # type: ignore[misc]
            Terraform(folder / name, variables, lambda _: None, reattach)
            for name in ("foundation", "release")
        )


def connect(root: Terraform, body: dict[str, Any], values: dict[str, Any]) -> None:
    """Write a root and connect it to its state."""
    root.write(document.text(body), values)
    root.init({"bucket": "state", "key": root.folder.name, "region": "us-east-1"})


def shape(sky: Emulator, key: str) -> dict[str, dict[str, Any]]:
    """Return a state's resources with what does not depend on chance."""
    state = json.loads(sky.client("s3").get_object(Bucket="state", Key=key)["Body"].read())
    return {
        f"{r['type']}.{r['name']}": {
            k: v for k, v in r["instances"][0]["attributes"].items()
            if isinstance(v, int | bool) or k in ("name", "engine", "family")
        }
        for r in state["resources"] if r["mode"] == "managed"
    }  # fmt: skip


def walk(
    folder: Path, example: str, environment: str, *, quick: bool = True, whole: bool = True
) -> dict[str, Any]:
    """Apply, and as a ``whole`` plan again and destroy; returns the shape of both states."""
    app = load.app_for(load.read(EXAMPLES / example / "seatrial.yml"), environment)
    made = graph(app)
    bodies = document.documents(made)
    with emulator(folder / "sky") as sky, roots(sky, folder, quick=quick) as (foundation, release):
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
        found = {key: shape(sky, key) for key in ("foundation", "release")}
        if not whole:
            return found
        assert release.plan().changes == ()
        assert foundation.plan().changes == ()
        foundation.apply(values={"teardown": "true"})
        release.destroy()
        foundation.destroy(values={"teardown": "true"})
        left = json.loads(
            sky.client("s3").get_object(Bucket="state", Key="foundation")["Body"].read()
        )
        assert left["resources"] == []
    return found


@pytest.mark.parametrize(
    ("example", "environment"),
    [("hello", "dev"), ("notes", "staging"), ("notes", "production")],
)
def test_second_plan_is_empty_and_destroy_leaves_nothing(tmp_path, example, environment):
    """Apply, an empty second plan of both roots, and a destroy after teardown switches."""
    (tmp_path / "sky").mkdir()
    assert walk(tmp_path, example, environment)


def test_stock_and_quick_provider_make_the_same(tmp_path):
    """The unmodified provider makes the same resources with the same settings."""
    for name in ("quick", "stock"):
        (tmp_path / name / "sky").mkdir(parents=True)
    quick = walk(tmp_path / "quick", "hello", "dev", whole=False)
    assert quick == walk(tmp_path / "stock", "hello", "dev", quick=False, whole=False)


def test_failed_apply_says_what_aws_said(tmp_path):
    """A refused resource is a typed error with the provider's words and the resource's address."""
    (tmp_path / "sky").mkdir()
    app = load.app_for(load.read(EXAMPLES / "hello" / "seatrial.yml"), "dev")
    body = document.documents(graph(app))["foundation"]
    body["resource"]["aws_iam_role_policy"]["web_execution_start"]["role"] = "nobody"
    with emulator(tmp_path / "sky") as sky, roots(sky, tmp_path, quick=True) as (foundation, _):
        connect(foundation, body, {})
        with pytest.raises(UserError) as raised:
            foundation.apply()
    text = str(raised.value)
    assert "aws_iam_role_policy.web_execution_start" in text
    assert "nobody" in text


def test_a_provider_that_dies_is_told_and_the_next_call_goes_on(tmp_path):
    """Its death is one error with the way on; the same root goes on with the stock provider."""
    (tmp_path / "sky").mkdir()
    body = document.documents(
        graph(load.app_for(load.read(EXAMPLES / "hello/seatrial.yml"), "dev"))
    )
    with emulator(tmp_path / "sky") as sky, roots(sky, tmp_path, quick=True) as (foundation, _):
        connect(foundation, body["foundation"], {})
        value = json.loads(str(foundation.reattach))
        killed = next(iter(value.values()))["Pid"]
        foundation.emit = lambda _: os.kill(killed, signal.SIGKILL)
        with pytest.raises(UserError) as raised:
            foundation.apply()
        assert [p.code for p in raised.value.problems] == ["terraform-provider-gone"]
        foundation.emit = lambda _: None
        assert foundation.plan().changes
