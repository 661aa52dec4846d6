"""`deploy ENV` and what follows it, typed by somebody, on a practice account."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers import EXAMPLES, eventually, get, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
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
    uses: [db, api-key, texts]
databases: {db: {}}
buckets: {texts: {files: texts}}
secrets: {api-key: by-hand}
environments:
  live: {profile: development}
  other: {profile: development, account: "999999999999"}
"""
VALUE = "kept-nowhere-but-there"


@dataclass
class Account:
    """A project and a practice account, as somebody has them who typed the README's lines."""

    folder: Path
    variables: dict[str, str]

    def __call__(self, *words: str, rc: int = 0, stdin: str = "", **more: str) -> str:
        """Run a command and return what it printed; fails with it where the code is another."""
        done = seatrial(*words, folder=self.folder, stdin=stdin, **{**self.variables, **more})
        assert done.returncode == rc, f"{done.returncode}: {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin a command; it runs in a group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "seatrial.cli.main", *words],
            cwd=self.folder,
            env={**os.environ, **self.variables, "API_KEY": VALUE},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def client(self, service: str) -> Any:
        """Return an AWS client for the account."""
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )

    def edit(self, name: str, before: str, after: str) -> None:
        """Change a file of the project."""
        file = self.folder / name
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after))

    def lock(self) -> dict[str, Any]:
        """Return the deploy lock, empty where nobody holds it."""
        s3 = self.client("s3")
        try:
            found = s3.get_object(
                Bucket="seatrial-123456789012-us-east-1", Key="shop/live/deploy.lock"
            )
        except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
            return {}
        row: dict[str, Any] = json.loads(found["Body"].read())
        return row


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Yield an empty practice account beside a small app."""
    folder = tmp_path_factory.mktemp("shop")
    for name in ("main.py", "requirements.txt"):
        shutil.copy(EXAMPLES / "hello" / name, folder / name)
    (folder / "seatrial.yml").write_text(APP)
    (folder / "texts").mkdir()
    (folder / "texts" / "greeting").write_text("hello")
    committed(folder)
    printed = seatrial("practice", "live", "--detach", "--json", folder=folder)
    assert printed.returncode == 0, printed.stderr
    try:
        yield Account(folder, json.loads(printed.stdout))
    finally:
        seatrial("down", folder=folder)


def committed(folder: Path) -> None:
    """Make a folder a repository with one commit."""
    (folder / ".gitignore").write_text(".seatrial/\n")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", folder.name)):
        subprocess.run(["git", "-C", str(folder), *words], check=True)


@pytest.mark.G44
def test_verify_reports_what_would_fail(account: Account):
    """A missing secret is an error with its fix; too few connections are a warning; all at once."""
    account.edit("seatrial.yml", "port: 8000\n    public", "port: 8000\n    count: 8\n    public")
    found = json.loads(account("verify", "live", "--json", rc=1))["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [
        ("verify-secret-missing", "error"), ("verify-connections", "warning")
    ]  # fmt: skip
    assert "API_KEY" in found[0]["fix"]
    assert "240 wanted" in found[1]["evidence"]
    account.edit("seatrial.yml", "    count: 8\n", "")
    assert "found nothing" in account("verify", "live", API_KEY=VALUE)


@pytest.mark.G3
def test_deploy_without_a_terminal_requires_yes(account: Account):
    """Without a terminal it needs --yes, without a value it changes nothing, and another account
    is refused.
    """
    assert "deploy-confirm" in account("deploy", "live", rc=2)
    assert "verify-secret-missing" in account("deploy", "live", "--yes", rc=1)
    assert "aws-account" in account("deploy", "other", "--yes", rc=5)
    assert "no environment was named" in account("deploy", "--yes", rc=2)
    assert account.client("s3").list_buckets()["Buckets"] == []


def test_second_deploy_is_refused_and_a_killed_ones_lock_is_released(account: Account):
    """The second is refused with the holder's name; what a killed one left is released by its ID,
    and the next run goes on from there.
    """
    first = account.start("deploy", "live", "--yes")
    held = eventually(account.lock, lambda row: bool(row), 30)
    said = account("deploy", "live", "--yes", rc=4, API_KEY=VALUE)
    assert "seatrial deploy live" in said
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    said = account("deploy", "live", "--yes", rc=4, API_KEY=VALUE)
    assert "That process is gone" in said
    assert f"seatrial unlock live {held['id']}" in said
    assert "no lock is wrong" in account("unlock", "live", "wrong", rc=2)
    assert "deploy.lock" in account("unlock", "live", held["id"])


@pytest.mark.G53
@pytest.mark.G1
def test_deploy_serves_and_prints_its_address(account: Account):
    """The address answers, the record says who made it from which commit, a plan is empty."""
    words = ("deploy", "live", "--yes", "--json")
    report = seatrial(*words, folder=account.folder, **account.variables, API_KEY=VALUE)
    assert report.returncode == 0, report.stderr
    row = json.loads(report.stdout)
    assert (row["result"], get(row["address"] + "/health")[0]) == ("serving", 200)
    assert {"smoke test", "release", "foundation"} <= {step["name"] for step in row["steps"]}
    made = json.loads(account("releases", "live", "--json"))["releases"][0]
    assert (made["result"], "@" in made["who"]) == ("serving", True)
    assert "nothing would change" in account("deploy", "live", "--plan-only", API_KEY=VALUE)
    assert "api-key  by hand" in account("secret", "list", "live")


def test_resources_deleted_by_hand_are_recreated(account: Account):
    """A log group and a rule that somebody deleted come back, and nothing else changes."""
    elb, logs = account.client("elbv2"), account.client("logs")
    arn = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["ListenerArn"]
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    gone = [rule for rule in rules if not rule["IsDefault"]]
    elb.delete_rule(RuleArn=gone[0]["RuleArn"])
    logs.delete_log_group(logGroupName="/shop/live/web")
    planned = json.loads(account("deploy", "live", "--plan-only", "--json", rc=10, API_KEY=VALUE))
    made = {row["address"].split(".")[0] for row in planned["create"]}
    assert made == {"aws_lb_listener_rule", "aws_cloudwatch_log_group"}
    assert not planned["replace"]
    account("deploy", "live", "--yes", API_KEY=VALUE)
    assert "nothing would change" in account("deploy", "live", "--plan-only", API_KEY=VALUE)


@pytest.mark.G5
def test_deploy_of_another_project_with_the_name_is_refused(account: Account, tmp_path: Path):
    """Its services would replace those that serve; neither its plan nor its deploy begins."""
    other = tmp_path / "other"
    other.mkdir()
    for name in ("main.py", "requirements.txt"):
        shutil.copy(account.folder / name, other / name)
    text = APP.replace("  web:", "  site:").replace("    uses: [db, api-key, texts]\n", "")
    text = text.replace("buckets: {texts: {files: texts}}\n", "")
    (other / "seatrial.yml").write_text(text)
    committed(other)
    done = seatrial("deploy", "live", "--yes", folder=other, **account.variables, API_KEY=VALUE)
    assert done.returncode == 1
    assert "error[deploy-stranger]: another project is called shop in live" in done.stderr
    assert "nothing would change" in account("deploy", "live", "--plan-only", API_KEY=VALUE)


def test_sigterm_releases_the_lock_and_exits_130(account: Account):
    """The lock is released, the code is 130, and running it again comes to the same."""
    account.edit("seatrial.yml", "uses: [db", "env: {MORE: '1'}\n    uses: [db")
    running = account.start("deploy", "live", "--yes")
    eventually(account.lock, lambda row: bool(row), 30)
    time.sleep(2)
    running.send_signal(signal.SIGTERM)
    said = running.communicate(timeout=60)[0]
    assert running.returncode == 130, said
    assert "interrupted" in said
    assert account.lock() == {}
    account("deploy", "live", "--yes")
    account("deploy", "live", "--plan-only")


def test_two_identical_task_failures_abort_the_deployment(account: Account):
    """The deployment is stopped after two tasks ended in the same way; the old release serves."""
    good = (account.folder / "main.py").read_text()
    (account.folder / "main.py").write_text("raise SystemExit('no settings')\n")
    said = account("deploy", "live", "--yes", rc=1)
    assert "no settings" in said
    assert "serves, as before" in said
    ecs = account.client("ecs")
    reported = ecs.list_service_deployments(cluster="shop-live", service="web")[
        "serviceDeployments"
    ]
    # Where Terraform puts the old release back before ECS has, its deployment is the stopped one.
    assert {"ROLLBACK_SUCCESSFUL", "STOPPED"} & {row["status"] for row in reported}
    assert get(account.variables["SEATRIAL_FRONT"] + "/health")[0] == 200
    (account.folder / "main.py").write_text(good)


SELECTIVE = """
from starlette.responses import Response
inner = app
async def app(scope, receive, send):
    agent = dict(scope.get("headers", [])).get(b"user-agent", b"")
    if scope["type"] == "http" and not agent.startswith(b"ELB-HealthChecker"):
        await Response("no", 500)(scope, receive, send)
    else:
        await inner(scope, receive, send)
"""


@pytest.mark.G52
def test_a_failing_smoke_test_fails_the_deploy(account: Account):
    """Healthy for ECS and 500 for everybody else: exit code 1, and the release before serves."""
    good = (account.folder / "main.py").read_text()
    (account.folder / "main.py").write_text(good + SELECTIVE)
    said = account("deploy", "live", "--yes", rc=1)
    assert "error[deploy-smoke]: `web` has healthy tasks, but" in said
    assert "/health answers: 500" in said
    assert "serves, as before" in said
    assert get(account.variables["SEATRIAL_FRONT"] + "/health")[0] == 200
    made = json.loads(account("releases", "live", "--json"))["releases"]
    assert made[0]["result"] == "failed"
    (account.folder / "main.py").write_text(good)


@pytest.mark.G16
def test_scale_and_restart(account: Account):
    """`scale` holds until the next deploy, `restart` replaces every task."""
    account("scale", "live", "web", "2")
    assert "2/2" in account("status", "live")
    before = set(account.client("ecs").list_tasks(cluster="shop-live")["taskArns"])
    account("restart", "live")
    after = set(account.client("ecs").list_tasks(cluster="shop-live")["taskArns"])
    assert not before & after
    assert "Did you mean `web`?" in account("restart", "live", "wep", rc=2)


@pytest.mark.G29
@pytest.mark.G1
def test_changed_files_of_a_bucket_replace_the_tasks_that_use_it(account: Account):
    """The release's document stays the same: Terraform has nothing to apply. The deploy ends with
    the names and addresses of what is there.
    """
    before = set(account.client("ecs").list_tasks(cluster="shop-live")["taskArns"])
    account.edit("texts/greeting", "hello", "good day")
    said = account("deploy", "live", "--yes")
    assert re.search(r"^texts\.name +shop-live-texts-", said, re.MULTILINE), "no summary"
    after = set(account.client("ecs").list_tasks(cluster="shop-live")["taskArns"])
    assert after
    assert not before & after


@pytest.mark.G31
def test_secret_is_set_and_never_shown(account: Account):
    """A new value arrives with a restart; no state, record, plan or log on this machine has it."""
    new = "another-value-of-the-key"
    account("secret", "set", "api-key", "--env", "live", stdin=new)
    file = account.folder / "values.env"
    file.write_text("API_KEY=from-a-file\nUNRELATED=1\n")
    said = account("secret", "import", str(file), "--env", "live")
    assert "set: api-key\nignored, no secret of the app: UNRELATED" in said
    file.unlink()
    account("restart", "live")
    stored = account.client("secretsmanager").get_secret_value(SecretId="shop/live/api-key")
    assert stored["SecretString"] == "from-a-file"
    s3 = account.client("s3")
    bodies = [
        s3.get_object(Bucket="seatrial-123456789012-us-east-1", Key=row["Key"])["Body"].read()
        for row in s3.list_objects_v2(Bucket="seatrial-123456789012-us-east-1")["Contents"]
    ]
    bodies += [
        p.read_bytes() for p in (account.folder / ".seatrial/aws-live").rglob("*") if p.is_file()
    ]
    for value in (VALUE, new, "from-a-file"):
        assert not [body for body in bodies if value.encode() in body]


@pytest.mark.G51
def test_rollback_over_a_breaking_migration_is_refused(account: Account):
    """The previous release needs what a new migration dropped: the error names what helps."""
    (account.folder / "migrations").mkdir()
    (account.folder / "migrations/0001.sql").write_text("ALTER TABLE notes DROP COLUMN title;")
    account.edit("seatrial.yml", "    uses: [db", "    migrate: python -c pass\n    uses: [db")
    said = account("deploy", "live", "--yes")
    assert "migrations/0001.sql drops a column" in said
    said = account("rollback", "live", rc=1)
    assert "release-migration" in said
    assert "--despite-migrations" in said
    account("rollback", "live", "--despite-migrations")


def test_database_is_removed_only_by_its_name(account: Account):
    """A deploy refuses to lose it, `remove` needs its name, and a final snapshot stays."""
    account.edit("seatrial.yml", "uses: [db, api-key, texts]", "uses: [api-key, texts]")
    assert "usage-remove" in account("remove", "live", "db", "--name", "shop-live-db", rc=2)
    account.edit("seatrial.yml", "databases: {db: {}}\n", "")
    assert "seatrial remove" in account("deploy", "live", "--yes", rc=1)
    assert "destroy-name" in account("remove", "live", "db", rc=2)
    account("remove", "live", "db", "--name", "shop-live-db")
    rds = account.client("rds")
    assert rds.describe_db_instances()["DBInstances"] == []
    assert len(rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]) == 1
    assert "nothing would change" in account("deploy", "live", "--plan-only")


@pytest.mark.G4
def test_destroy_leaves_nothing(account: Account):
    """Not without its name, and what would be lost is said; afterwards nothing is left."""
    said = account("destroy", "live", "--name", "shop-live", rc=2)
    assert "resources in total, about" in said
    assert re.search("destroy-objects.*: the objects in shop-live-texts-.* would be deleted", said)
    assert "destroy-name" in account("destroy", "live", "--lose-objects", rc=2)
    said = account("destroy", "live", "--lose-objects", "--name", "shop-live")
    assert "nothing billable is left" in said
    clusters = account.client("ecs").describe_clusters(clusters=["shop-live"])["clusters"]
    assert [cluster["status"] for cluster in clusters] == ["INACTIVE"]
    vpcs = account.client("ec2").describe_vpcs()["Vpcs"]
    assert all(vpc["IsDefault"] for vpc in vpcs)
