"""One rehearsal of hello, used as a person would: real command line, real HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from helpers import Rehearsal, eventually, get, seatrial
from seatrial.appfile import load
from seatrial.cloud.session import Session
from seatrial.engine import provider, provider_host
from seatrial.ops.release import record
from seatrial.ops.release.roots import Roots
from seatrial.rehearsal import session as launch
from seatrial.resources.catalog import graph
from seatrial.terraform.document import documents
from seatrial_runtime import contract

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def status(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return ``status --json``."""
    found: dict[str, Any] = json.loads(seatrial("status", "--json", folder=rehearsal.folder).stdout)
    return found


@pytest.mark.G10
def test_app_answers_through_cdn_and_balancer(hello: Rehearsal):
    """The printed address serves the app; an unknown path is the app's own 404."""
    assert get(f"{hello.address}/?name=Ann") == (200, '{"message":"Hello, Ann!"}')
    assert get(f"{hello.address}/nowhere")[0] == 404
    assert hello.report["not_rehearsed"]


@pytest.mark.G43
@pytest.mark.G38
def test_status_logs_and_plan_after_up(hello: Rehearsal):
    """Status shows the task, logs its lines, and a plan right after is empty."""
    (service,) = status(hello)["services"]
    assert (service["running"], service["healthy"], service["deployment"]) == (1, 1, "COMPLETED")
    (task,) = service["tasks"]
    assert (task["status"], task["revision"]) == ("RUNNING", service["revision"])
    shown = seatrial("status", folder=hello.folder).stdout
    assert f"web task {task['id'][:8]}: running, since" in shown
    lines = json.loads(seatrial("logs", "web", "--json", folder=hello.folder).stdout)["lines"]
    assert any("Uvicorn running" in line["text"] for line in lines)
    done = seatrial("plan", folder=hello.folder)
    assert (done.returncode, done.stdout.strip()) == (0, "nothing would change")


@pytest.mark.G1
def test_up_again_is_idempotent_and_a_second_one_is_refused(hello: Rehearsal):
    """`up --detach` again prints the same address; `up` says that one runs already."""
    again = seatrial("up", "--detach", "--json", folder=hello.folder)
    assert json.loads(again.stdout)["address"] == hello.address
    refused = seatrial("up", folder=hello.folder)
    assert refused.returncode == 2
    assert "rehearsal-runs" in refused.stderr


def test_killed_process_is_replaced(hello: Rehearsal):
    """A killed program is replaced, and the app serves again."""
    launched = launch.find(hello.folder, "dev")
    assert launched
    for pid in launched.call("describe")["pids"].values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: get(hello.address)[0], lambda code: code == 200)
    eventually(lambda: status(hello)["services"][0]["healthy"], lambda n: n == 1)
    ended = status(hello)["services"][0]["stopped"][-1]
    assert ended["reason"] == "Essential container in task exited (exit code 137)"
    shown = seatrial("status", folder=hello.folder).stdout
    assert f"web task {ended['id'][:8]}: stopped at" in shown


def test_source_change_is_served_without_an_apply_or_an_error(hello: Rehearsal):
    """An edit is served soon, no request fails meanwhile, and Terraform was not asked."""
    path = hello.folder / "main.py"
    path.write_text(path.read_text().replace('"status": "ok"', '"status": "edited"'))
    codes = []

    def look() -> str:
        code, body = get(f"{hello.address}/health")
        codes.append(code)
        return body

    eventually(look, lambda body: "edited" in body)
    assert set(codes) == {200}
    assert status(hello)["release"] == 1


def test_app_file_change_is_deployed(hello: Rehearsal):
    """An edit of the app file is applied by itself; the new variable is there."""
    path = hello.folder / "seatrial.yml"
    path.write_text(path.read_text().replace('GREETING: "Hello"', 'GREETING: "Moin ${app.name}"'))
    eventually(lambda: get(f"{hello.address}/")[1], lambda body: "Moin hello" in body, 40)
    eventually(lambda: status(hello)["release"], lambda number: number == 2, 40)


@pytest.mark.G15
def test_crashing_release_is_rolled_back(hello: Rehearsal):
    """A release that crashes is named with its last lines; what served goes on, without a gap."""
    path, log = hello.folder / "seatrial.yml", hello.folder / ".seatrial/dev/up.log"
    good, before, codes = path.read_text(), status(hello)["release"], []
    path.write_text(good.replace("main:app", "nowhere:app"))

    def look() -> str:
        codes.append(get(f"{hello.address}/health")[0])
        return log.read_text()

    eventually(look, lambda text: 'Could not import module "nowhere"' in text, 40)
    eventually(look, lambda text: f"release {before} serves, as before" in text, 10)
    assert set(codes) == {200}
    assert status(hello)["release"] == before
    path.write_text(good)
    eventually(lambda: status(hello)["release"], lambda number: number > before, 40)


def test_broken_app_file_changes_nothing(hello: Rehearsal):
    """A mistake in the app file is reported, and what serves goes on."""
    path = hello.folder / "seatrial.yml"
    good = path.read_text()
    path.write_text(good.replace("port: 8000", "prot: 8000"))
    log = hello.folder / ".seatrial/dev/up.log"
    eventually(log.read_text, lambda text: "Did you mean `port`?" in text)
    assert get(hello.address)[0] == 200
    path.write_text(good)


@contextmanager
def damaged(rehearsal: Rehearsal) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield both documents and a way to apply them as they were damaged; mends them at the end."""
    running = launch.find(rehearsal.folder, "dev")
    assert running
    session = Session(running.target)
    serving = record.serving(session, "hello")
    assert serving
    file = load.read(rehearsal.folder / "seatrial.yml")
    bodies: dict[str, Any] = documents(graph(load.app_for(file, "dev")))
    environment = provider.environment(running.target.folder) | running.target.variables
    with provider_host.running(environment, running.target.folder) as (value, _):
        roots = Roots(session, "hello", lambda _: None, lambda: value)
        values = {"foundation": roots.outputs(), "images": serving.images, "wait": False}

        def apply(root: Any) -> None:
            roots.apply(root, bodies[root], {} if root == "foundation" else values)

        yield bodies, apply
        bodies.update(documents(graph(load.app_for(file, "dev"))))
        apply("foundation")
        apply("release")
    eventually(lambda: status(rehearsal)["services"][0]["healthy"], lambda n: n == 1, 60)


@pytest.mark.G8
def test_missing_security_group_rule_fails_as_on_aws(hello: Rehearsal):
    """Without the rule from the balancer nothing answers, and the target says so."""
    with damaged(hello) as (bodies, apply):
        del bodies["foundation"]["resource"]["aws_vpc_security_group_ingress_rule"][
            "web_from_balancer"
        ]
        apply("foundation")
        eventually(lambda: status(hello)["services"][0]["why"], lambda why: "timed out" in why, 30)


def test_wrong_container_port_fails_as_on_aws(hello: Rehearsal):
    """A target on a port where nobody listens is unhealthy."""
    with damaged(hello) as (bodies, apply):
        bodies["release"]["resource"]["aws_ecs_service"]["web"]["load_balancer"][0][
            "container_port"
        ] = 8001
        text = bodies["release"]["resource"]["aws_ecs_task_definition"]["web"][
            "container_definitions"
        ]
        bodies["release"]["resource"]["aws_ecs_task_definition"]["web"]["container_definitions"] = (
            text.replace('"containerPort": 8000', '"containerPort": 8001').replace(
                '"hostPort": 8000', '"hostPort": 8001'
            )
        )
        apply("release")
        groups = hello.client("elbv2").describe_target_groups()["TargetGroups"]

        def why() -> set[str]:
            rows = hello.client("elbv2").describe_target_health(
                TargetGroupArn=groups[0]["TargetGroupArn"]
            )["TargetHealthDescriptions"]
            return {row["TargetHealth"]["State"] for row in rows}

        eventually(why, lambda states: bool(states & {"unhealthy", "initial"}), 30)
        assert get(hello.address)[0] == 200  # the old task serves


def test_role_that_ecs_cannot_assume_fails_with_awss_message(hello: Rehearsal):
    """A role without the right trust stops the task; the breaker puts the old deployment back."""
    with damaged(hello) as (bodies, apply):
        role = bodies["foundation"]["resource"]["aws_iam_role"]["web_execution"]
        role["assume_role_policy"] = role["assume_role_policy"].replace("ecs-tasks", "lambda")
        apply("foundation")
        ecs = hello.client("ecs")
        ecs.update_service(cluster="hello-dev", service="web", forceNewDeployment=True)

        def reasons() -> list[str]:
            arns = ecs.list_tasks(cluster="hello-dev", desiredStatus="STOPPED")["taskArns"]
            rows = ecs.describe_tasks(cluster="hello-dev", tasks=arns)["tasks"] if arns else []
            return [row.get("stoppedReason", "") for row in rows]

        eventually(reasons, lambda found: any("unable to assume the role" in r for r in found), 30)
        assert get(hello.address)[0] == 200


def test_lock_of_another_deploy_is_respected(hello: Rehearsal):
    """Somebody else's lock is respected, and its holder is named."""
    running = launch.find(hello.folder, "dev")
    assert running
    hello.client("s3").put_object(
        Bucket=running.target.state_bucket,
        Key="hello/dev/deploy.lock",
        Body=json.dumps({"id": "x", "who": "ann", "host": "h", "command": "c", "since": "now"}),
    )
    path = hello.folder / "seatrial.yml"
    path.write_text(path.read_text().replace("Moin", "Hi"))
    log = hello.folder / ".seatrial/dev/up.log"
    eventually(log.read_text, lambda text: "ann on h runs `c`" in text)
    hello.client("s3").delete_object(
        Bucket=running.target.state_bucket, Key="hello/dev/deploy.lock"
    )
    path.write_text(path.read_text().replace("Hi", "Moin"))
    hello.until_idle()
    eventually(lambda: get(f"{hello.address}/")[1], lambda body: "Moin hello" in body, 10)


def test_task_gets_only_documented_environment_variables(hello: Rehearsal):
    """Beside AWS's own and the app's, a task gets the rehearsal's few variables and no key."""
    launched = launch.find(hello.folder, "dev")
    assert launched
    tree = [str(pid) for pid in launched.call("describe")["pids"].values()]
    for _ in range(2):  # the first process's child, then the program
        done = subprocess.run(
            ["pgrep", "-P", ",".join(tree)], capture_output=True, text=True, check=False
        )
        tree = done.stdout.split()
    environment = Path(f"/proc/{tree[-1]}/environ").read_text()
    names = {row.split("=")[0] for row in environment.split("\0") if row}
    assert not any(name.startswith("AWS_SECRET") for name in names)
    assert {*contract.ALWAYS, *contract.PLAIN} <= names
    assert {"AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV"} <= names  # SDKs find their region there


@pytest.mark.G3
def test_outputs_and_open_give_the_address(hello: Rehearsal, tmp_path: Path):
    """`outputs` has the address by name; `open` starts the browser with it, and prints it."""
    shown = json.loads(seatrial("outputs", "--json", folder=hello.folder).stdout)["outputs"]
    assert shown == {"app": {"url": hello.address}, "web": {"url": hello.address}}
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    done = seatrial("open", "web", folder=hello.folder, BROWSER=f"{browser} %s")
    assert (done.returncode, done.stdout.strip()) == (0, hello.address)
    assert (tmp_path / "opened").read_text().strip() == hello.address
    wrong = seatrial("open", "wbe", "--print", folder=hello.folder)
    assert (wrong.returncode, "`web`" in wrong.stderr) == (2, True)
    wrong = seatrial("outputs", "wbe", folder=hello.folder)
    assert (wrong.returncode, "usage-output" in wrong.stderr) == (2, True)


@pytest.mark.G18
def test_run_gives_the_output_and_the_exit_code(hello: Rehearsal):
    """A command runs once in a task of its own, with the service's variables."""
    script = "import os; print(os.environ['SEATRIAL_APP'])"
    done = seatrial("run", "web", "--", "python", "-c", script, folder=hello.folder)
    assert (done.returncode, done.stdout) == (0, "hello\n")
    failed = seatrial(
        "run", "--json", "web", "--", "sh", "-c", "echo x; exit 7", folder=hello.folder
    )
    assert failed.returncode == 7
    report = json.loads(failed.stdout)
    assert (report["exit_code"], report["lines"]) == (7, ["x"])
    (service,) = status(hello)["services"]
    assert (service["running"], service["desired"]) == (1, 1)
    unknown = seatrial("run", "wbe", "--", "true", folder=hello.folder)
    assert (unknown.returncode, "usage-service" in unknown.stderr) == (2, True)
