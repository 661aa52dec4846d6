"""The policies of `seatrial policy`, attached to users of a practice account that enforces them:
who deploys can do all of it, who looks can look, a CI cannot end data.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import yaml

from helpers import EXAMPLES, seatrial
from seatrial.ops.ci.workflow import PATHS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
APP = """
app: shop
region: us-east-1
services:
  web:
    build: .
    command: uvicorn main:app --host 0.0.0.0 --port 8000
    port: 8000
    public: /
    health: {path: /health, grace: 5 s}
    uses: [files, orders: send, events, notes: write, key]
buckets: {files: {}}
queues: {orders: {}}
topics: {events: orders}
tables: {notes: {key: id}}
secrets: {key: {generate: 32}}
alarms: ops@example.com
environments: {live: {profile: development, account: "123456789012"}}
"""


@dataclass
class Project:
    """A project beside a practice account, and the account's administrator."""

    folder: Path
    variables: dict[str, str]

    def user(self, purpose: str) -> dict[str, str]:
        """Make a user with a purpose's policies; return the variables of its key."""
        printed = seatrial("policy", "live", "--for", purpose, "--json", folder=self.folder)
        assert printed.returncode == 0, printed.stderr
        iam = boto3.client(
            "iam",
            region_name="us-east-1",
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )
        iam.create_user(UserName=purpose)
        for policy in json.loads(printed.stdout)["policies"]:
            made = iam.create_policy(
                PolicyName=policy["name"], PolicyDocument=json.dumps(policy["document"])
            )
            iam.attach_user_policy(UserName=purpose, PolicyArn=made["Policy"]["Arn"])
        key = iam.create_access_key(UserName=purpose)["AccessKey"]
        return self.variables | {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def run(self, variables: dict[str, str], *words: str) -> tuple[int, str]:
        """Run a command with some keys; return its code and everything it printed."""
        done = seatrial(*words, folder=self.folder, timeout=400, **variables)
        return done.returncode, done.stdout + done.stderr

    def step(self, variables: dict[str, str], job: str, name: str) -> tuple[int, str]:
        """Run a step of the written workflow as a runner does; return its code and summary."""
        written = yaml.safe_load((self.folder / PATHS["github"]).read_text())
        run = next(s["run"] for s in written["jobs"][job]["steps"] if s.get("name") == name)
        bin_ = Path(sys.executable).parent
        summary = self.folder / "summary.md"
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", run],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
            env={
                **os.environ,
                **variables,
                "PATH": f"{bin_}:{os.environ['PATH']}",
                "RUNNER_TEMP": str(self.folder),
                "GITHUB_STEP_SUMMARY": str(summary),
            },
        )
        said = summary.read_text() if summary.exists() else ""
        return done.returncode, said + done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Yield a small app with many nouns beside an empty practice account."""
    for name in ("main.py", "requirements.txt"):
        shutil.copy(EXAMPLES / "hello" / name, tmp_path / name)
    (tmp_path / "seatrial.yml").write_text(APP)
    printed = seatrial("practice", "live", "--detach", "--json", folder=tmp_path)
    assert printed.returncode == 0, printed.stderr
    yield Project(tmp_path, json.loads(printed.stdout))
    seatrial("down", folder=tmp_path)


def test_each_purpose_can_do_its_work_and_no_more(project: Project):
    """A deploy, a second plan, a restart and a destroy by the deployer's key; status by who looks,
    whose restart AWS refuses; a pull request's steps by who plans; a CI deploys again by the
    workflow's own step, and its destroy is refused.
    """
    purposes = ("deploy", "look", "ci", "plan")
    deployer, looker, ci, planner = (project.user(purpose) for purpose in purposes)
    code, said = project.run(deployer, "ci")
    assert code == 0, said
    code, said = project.run(deployer, "deploy", "live", "--yes")
    assert code == 0, said
    code, said = project.run(looker, "status", "live")
    assert code == 0, said
    code, said = project.run(looker, "restart", "live")
    assert code == 1, said
    assert "AWS refused" in said
    (project.folder / "seatrial.yml").write_text(APP.replace("{orders: {}}", "{orders: {}, q: {}}"))
    code, said = project.step(planner, "check", "check the app file")
    assert code == 0, said
    code, said = project.step(planner, "plan", "plan, with cost and risks")
    assert code == 0, said
    assert "<!-- seatrial plan live -->" in said
    assert "| queues.q |" in said
    code, said = project.step(ci, "deploy", "deploy, wait until the release serves, smoke-test")
    assert code == 0, said
    assert "release 2 serves" in said
    destroy = ("destroy", "live", "--name", "shop-live", "--lose-objects")
    code, said = project.run(ci, *destroy)
    assert code in (1, 3), said
    code, said = project.run(deployer, *destroy)
    assert code == 0, said
