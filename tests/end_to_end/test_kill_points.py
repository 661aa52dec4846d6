"""`kill -9` at a call that changes something, and the same command again.

Every point of deploy, rollback and destroy is tried by `make crash`, which writes the table of
docs/crash.md; `make test` tries two, which the commit chooses: ``SEATRIAL_CRASH_SEED`` is the seed
that a failed test printed, to try the same two again.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api_proxy import Proxy, proxy
from helpers import EXAMPLES, ROOT, get, seatrial
from seatrial.cloud import inventory
from seatrial.cloud.session import Session
from seatrial.target import Target

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]
FIRST = int(os.environ.get("SEATRIAL_CRASH") or 0)  # set by `make crash`, to the first point
ALL = FIRST > 0
PAGE = ROOT / "docs/crash.md"
POINTS = 2  # without `make crash`
COUNTS = {"deploy": 66, "rollback": 10, "destroy": 60}  # about; `make crash` counts them
# What hello is made of in an account, by those of the inventory's kinds that a second apply of the
# same would double.
WHOLE = Counter(
    {
        "security group": 4, "VPC endpoint": 1, "VPC": 1, "load balancer": 1, "target group": 1,
        "CloudFront distribution": 1, "cluster": 1, "image repository": 1, "log group": 1,
    }
)  # fmt: skip


@dataclass
class PracticeApp:
    """An app on a practice account behind the proxy, whose commands can be killed."""

    folder: Path
    variables: dict[str, str]
    between: Proxy
    rows: list[tuple[str, int, str, str]] = field(default_factory=list)

    def name(self, app: str) -> None:
        """Let the project be another app: new names everywhere."""
        text = (EXAMPLES / "hello/seatrial.yml").read_text().replace("app: hello", f"app: {app}")
        (self.folder / "seatrial.yml").write_text(text)
        self.say("Hello")
        shutil.rmtree(self.folder / ".seatrial/aws-dev", ignore_errors=True)

    def say(self, greeting: str) -> None:
        """Make another version of the app."""
        text = (EXAMPLES / "hello/main.py").read_text()
        (self.folder / "main.py").write_text(f"{text}\n# {greeting}\n")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command through the proxy."""
        here = self.variables | {"AWS_ENDPOINT_URL": self.between.endpoint}
        return seatrial(*words, folder=self.folder, timeout=300, **here)

    def good(self, *words: str) -> None:
        """Run a command that must end well, releasing what a killed one holds."""
        done = self.run(*words)
        if done.returncode == 4:
            held = re.search(r"unlock dev (\S+?)`", done.stderr)
            assert held, done.stderr
            assert self.run("unlock", "dev", held[1]).returncode == 0
            done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr

    def calls(self, *words: str) -> int:
        """Run a command whole and return how many calls of it change something."""
        self.between.arm(0, 0)
        self.good(*words)
        return len(self.between.calls)

    def killed(self, at: int, *words: str, whole: bool = False) -> None:
        """Run a command until its k-th call, then run it again; ``whole`` is a power cut."""
        running = subprocess.Popen(
            [sys.executable, "-m", "seatrial.cli.main", *words],
            cwd=self.folder,
            env={**os.environ, **self.variables, "AWS_ENDPOINT_URL": self.between.endpoint},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        self.between.arm(at, running.pid, self.folder if whole else None)
        ended = running.wait(timeout=300)
        call = self.between.calls[at - 1] if len(self.between.calls) >= at else ""
        self.between.disarm()
        if ended == 0:
            return  # it had fewer calls than that
        self.good(*words)
        who = "all" if whole else "command"
        self.rows.append((words[0], at, re.sub(r" /\S*/", " …/", call), who))

    def counted(self, app: str) -> Counter[str]:
        """Return what exists of an app, of the kinds that `WHOLE` has."""
        return Counter({kind: count for kind, count in self.left(app).items() if kind in WHOLE})

    def left(self, app: str) -> Counter[str]:
        """Return what the account holds of an app, by kind."""
        keys = (self.variables["AWS_ACCESS_KEY_ID"], self.variables["AWS_SECRET_ACCESS_KEY"])
        place = Target(
            "dev", "123456789012", "us-east-1", self.folder, self.between.upstream, *keys
        )
        return Counter(thing.kind for thing in inventory.find(Session(place), app, "dev"))

    def whole(self, app: str) -> None:
        """Check that the app is what an uninterrupted deploy makes, and nothing more."""
        assert self.counted(app) == WHOLE
        assert get(self.variables["SEATRIAL_FRONT"] + "/health")[0] == 200
        planned = self.run("deploy", "dev", "--plan-only")
        assert planned.returncode == 0, planned.stdout


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeApp]:
    """Yield hello on a practice account behind a proxy."""
    folder = tmp_path_factory.mktemp("killed")
    shutil.copy(EXAMPLES / "hello/requirements.txt", folder)
    with proxy() as between, _account(folder, between.port) as variables:
        between.upstream = variables["AWS_ENDPOINT_URL"]
        yield PracticeApp(folder, variables, between)


@contextmanager
def _account(folder: Path, proxy_port: int) -> Iterator[dict[str, str]]:
    shutil.copy(EXAMPLES / "hello/seatrial.yml", folder)
    allowed = {"SEATRIAL_EMULATOR_PROXIES": f"127.0.0.1:{proxy_port}"}
    printed = seatrial("practice", "--detach", "--json", folder=folder, **allowed)
    assert printed.returncode == 0, printed.stderr
    try:
        yield json.loads(printed.stdout)
    finally:
        seatrial("down", folder=folder)


def _seed() -> str:
    """Return what chooses the points: the commit, unless one is repeated; a failure prints it."""
    words = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    found = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    seed = os.environ.get("SEATRIAL_CRASH_SEED") or found or "no commit"
    print(f"SEATRIAL_CRASH_SEED={seed}")
    return seed


def _points(counts: dict[str, int]) -> dict[str, list[int]]:
    """Return the calls of each verb at which it is killed: all, or two of all verbs' together."""
    if ALL:
        return {verb: list(range(FIRST, most + 1)) for verb, most in counts.items()}
    every = [(verb, at) for verb, most in counts.items() for at in range(1, most + 1)]
    drawn = random.Random(_seed()).sample(every, POINTS)
    return {verb: sorted(at for known, at in drawn if known == verb) for verb in counts}


def test_killed_command_resumes(practice: PracticeApp):
    """After a kill at any call that changes something, the second run reaches what an
    uninterrupted one reaches: one of each thing, an empty plan, an app that answers; after
    destroy, nothing.
    """
    counts = _counted(practice) if ALL else COUNTS
    points = _points(counts)
    for number in range(max(map(len, points.values()))):
        app = f"k{number + FIRST}"
        practice.name(app)
        at = {verb: found[number] for verb, found in points.items() if number < len(found)}
        _one(practice, app, at)
        if ALL:
            _publish(practice, counts)  # each time: hours of it can be interrupted too


def test_deploy_and_destroy_resume_after_power_loss(practice: PracticeApp):
    """With Terraform and its provider killed as well, in the middle of a call, the second run takes
    over what they made and wrote nowhere; so does a destroy.
    """
    points = range(1, COUNTS["deploy"] + 1, 4) if ALL else [random.Random(_seed()).randint(15, 55)]
    for at in points:
        app = f"p{at}"
        practice.name(app)
        practice.killed(at, "deploy", "dev", "--yes", whole=True)
        practice.whole(app)
        practice.killed(at // 2, "destroy", "dev", "--name", f"{app}-dev", whole=True)
        assert not practice.left(app)
        if ALL:
            _publish(practice, COUNTS)


def test_deploy_survives_thirty_percent_throttling(practice: PracticeApp):
    """A deploy takes longer, and comes to the same."""
    practice.name("slow")
    practice.between.throttle = 0.3
    try:
        practice.good("deploy", "dev", "--yes")
    finally:
        practice.between.throttle = 0.0
    assert practice.between.refused > 20
    practice.whole("slow")
    practice.good("destroy", "dev", "--name", "slow-dev")


def test_deploy_resumes_after_expired_credentials(practice: PracticeApp):
    """The error says so with exit code 5, names the lock that stays, and the next run goes on."""
    practice.name("ended")
    practice.between.turn(52, "expired")
    done = practice.run("deploy", "dev", "--yes")
    practice.between.turn(0, "")
    assert done.returncode == 5
    assert re.search(r"terraform-credentials|aws-credentials", done.stderr), done.stderr
    assert "deploy-lock-left" in done.stderr
    practice.good("deploy", "dev", "--yes")
    practice.whole("ended")
    practice.good("destroy", "dev", "--name", "ended-dev")
    assert not practice.left("ended")


@pytest.mark.skipif(not ALL, reason="a minute: `make crash` has it")
def test_deploy_resumes_after_a_lost_network(practice: PracticeApp):
    """Twenty seconds without an answer in the middle of an apply: what could not wait is reported,
    and the same command goes on from there.
    """
    practice.name("lost")
    practice.between.turn(25, "cut")
    back = threading.Timer(20, lambda: setattr(practice.between, "failure", ""))
    back.start()
    assert practice.run("deploy", "dev", "--yes").returncode in (0, 1, 5)
    back.join()
    practice.good("deploy", "dev", "--yes")
    practice.whole("lost")
    practice.good("destroy", "dev", "--name", "lost-dev")
    assert not practice.left("lost")


def _counted(practice: PracticeApp) -> dict[str, int]:
    """Return how many calls of each verb change something, in a life without a kill."""
    practice.name("whole")
    counts = {"deploy": practice.calls("deploy", "dev", "--yes")}
    assert practice.counted("whole") == WHOLE
    practice.say("second")
    practice.good("deploy", "dev", "--yes")
    counts["rollback"] = practice.calls("rollback", "dev", "1")
    counts["destroy"] = practice.calls("destroy", "dev", "--name", "whole-dev")
    assert not practice.left("whole")
    return counts


def _one(practice: PracticeApp, app: str, at: dict[str, int]) -> None:
    """Kill each verb once, in the life of one app."""
    practice.killed(at.get("deploy", 10**6), "deploy", "dev", "--yes")
    practice.whole(app)
    if "rollback" in at:
        practice.say("second")
        practice.good("deploy", "dev", "--yes")
        practice.killed(at["rollback"], "rollback", "dev", "1")
        assert practice.counted(app) == WHOLE
    practice.killed(at.get("destroy", 10**6), "destroy", "dev", "--name", f"{app}-dev")
    assert not practice.left(app)


def _publish(practice: PracticeApp, counts: dict[str, int]) -> None:
    rows = sorted({*practice.rows, *_published()})
    tried = Counter(verb for verb, _, _, who in rows if who == "command")
    lines = [
        "# Killed at every call",
        "",
        "Written by `make crash`: hello is deployed, rolled back and destroyed in a practice",
        "account; each command is killed (`kill -9`) at each of its calls that change",
        "something, then run again. Every line below came to what an uninterrupted run comes to:",
        "one of each thing, an empty plan, an app that answers; after `destroy`, nothing. `all` is",
        "a power cut: Terraform and its provider were killed too, in the middle of the call.",
        "",
        *(f"- `{verb}`: {tried[verb]} of {count} calls" for verb, count in counts.items()),
        "",
        "| command | call | at | killed |",
        "|---|---:|---|---|",
        *(f"| {verb} | {k} | {call} | {who} |" for verb, k, call, who in rows),
        "",
    ]
    PAGE.write_text("\n".join(lines))


def _published() -> list[tuple[str, int, str, str]]:
    """Return the rows of an earlier run, which was interrupted or set to begin later."""
    text = PAGE.read_text() if PAGE.exists() and FIRST > 1 else ""
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (.*) \| (\w+) \|$", text, re.MULTILINE)
    return [(verb, int(k), call, who) for verb, k, call, who in rows]
