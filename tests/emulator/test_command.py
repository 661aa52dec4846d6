"""``python -m seatrial_emulator``: the emulator by itself, with boto3 and Terraform as clients."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from helpers import eventually, get
from seatrial.engine import provider

CONFIGURATION = Path(__file__).parent / "clients" / "main.tf"
ANSWER = "answered by a program of this machine"

pytestmark = pytest.mark.slow


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run the command and give what it printed; end it as Ctrl-C does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "seatrial_emulator", "--json", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stdout.close()


def client(found: dict[str, Any], service: str) -> Any:
    """Return a boto3 client that has nothing but the printed variables."""
    variables = found["variables"]
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=variables["AWS_REGION"],
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


def test_account_and_region_are_those_asked_for_and_ctrl_c_leaves_nothing():
    """boto3 sees the account; after Ctrl-C no process runs and the temporary folder is gone."""
    with running("--account", "111122223333", "--region", "eu-central-1") as (process, found):
        assert client(found, "sts").get_caller_identity()["Account"] == "111122223333"
        client(found, "s3").create_bucket(
            Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        client(found, "s3").put_object(Bucket="data", Key="a", Body=b"1")
        assert client(found, "s3").get_object(Bucket="data", Key="a")["Body"].read() == b"1"
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
    assert process.returncode == 130
    assert not Path(found["folder"]).exists()
    eventually(lambda: [child for child in children if child.is_running()], lambda left: not left)


def test_folder_keeps_objects_for_the_next_run(tmp_path: Path):
    """With a folder, what was stored is there again in the next run."""
    with running("--folder", str(tmp_path)) as (_, found):
        client(found, "s3").create_bucket(Bucket="data")
        client(found, "s3").put_object(Bucket="data", Key="a", Body=b"1")
    with running("--folder", str(tmp_path)) as (_, found):
        client(found, "s3").create_bucket(Bucket="data")
        assert client(found, "s3").get_object(Bucket="data", Key="a")["Body"].read() == b"1"


def test_terraform_alone_runs_a_service_whose_program_answers(tmp_path: Path):
    """A plain configuration makes a service; its tasks really run and answer at the front."""
    program, work = tmp_path / "program", tmp_path / "terraform"
    program.mkdir()
    (program / "index.html").write_text(ANSWER)
    work.mkdir()
    shutil.copy(CONFIGURATION, work)
    with running("--image", f"web={program}", "--pace", "20") as (_, found):
        environment = {
            **os.environ,
            **found["variables"],
            "TF_CLI_CONFIG_FILE": str(provider.configuration(tmp_path)),
        }
        terraform(work, environment, "init", "-backend=false")
        terraform(work, environment, "apply", "-auto-approve")
        eventually(lambda: get(found["front"] + "/"), lambda seen: seen == (200, ANSWER))
        tasks = client(found, "ecs").list_tasks(cluster="main")["taskArns"]
        assert len(tasks) == 2
        streams = client(found, "logs").describe_log_streams(logGroupName="/web")["logStreams"]
        assert len(streams) == 2
        terraform(work, environment, "destroy", "-auto-approve")
        assert get(found["front"] + "/")[0] == 0


def terraform(folder: Path, environment: dict[str, str], *words: str) -> None:
    """Run Terraform as its user does."""
    done = subprocess.run(
        [provider.terraform().path, *words, "-no-color", "-input=false"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--account", "12", "is not an account number of 12 digits"),
        ("--image", "web=/no/such/folder", "is not NAME=FOLDER with a folder that exists"),
    ],
)
def test_wrong_option_is_refused_with_what_it_must_be(option: str, value: str, said: str):
    """An option that cannot be meant ends the command before anything starts."""
    done = subprocess.run(
        [sys.executable, "-m", "seatrial_emulator", option, value],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
