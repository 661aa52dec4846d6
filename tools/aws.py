"""Deploy hello, then notes, to an account; report what it confirms of docs/fidelity.md; destroy.

``make aws ACCOUNT=123456789012 PROFILE=name``. It prints what it may cost first and asks; when that
is used up, or whatever fails, it destroys what it made. ``CAP`` is in US dollars, ``YES=1`` answers
in advance. The same works against a practice account (`seatrial practice`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.appfile import load
from seatrial.model.app import App
from seatrial.ops.cost import estimate
from seatrial.rehearsal.fidelity import TABLE

ROOT = Path(__file__).parents[1]
ENVIRONMENT = "world"
HOURS = 730  # of a month, as AWS counts it
# Beside what runs by the hour: requests, logs, state, and what AWS counts in whole hours.
BESIDE = 0.50
# Left of the cap when no new step begins: destroying takes its time, and RDS is paid meanwhile.
RESERVED_HOURS = 0.75
TESTS = "tests/fidelity"
# The step that asks AWS for each row of the fidelity table; the others cannot be asked this way.
STEP_OF = {
    "Values in generated documents": "hello: deploy",
    "Identifiers that AWS manages": "hello: deploy",
    "Rolling deployment": "hello: second release",
    "Circuit breaker": "hello: test_services_stable_tells_nothing_of_a_rollback",
    "Service deployments": "hello: test_a_deployment_can_be_stopped",
    "Waiting for a service": "hello: test_services_stable_tells_nothing_of_a_rollback",
    "Stopped tasks": "hello: test_a_stopped_task_says_why",
    "Health checks": "hello: deploy",
    "Roles and grants": "notes: deploy",
    "Security groups and routes": "notes: deploy",
    "Secrets": "notes: deploy",
    "Migrations, jobs, one-off tasks": "notes: deploy",
    "Images": "hello: deploy",
    "The edge": "hello: deploy",
}


@dataclass(frozen=True)
class Step:
    """One thing that was asked of AWS, and how it ended."""

    name: str
    result: str  # "confirmed", "refuted" or "not asked"
    seconds: float
    said: str = ""


@dataclass
class World:
    """A run against an account: what it may spend, and what it found so far."""

    variables: Mapping[str, str]
    cap: float
    hourly: float
    folder: Path
    begun: float = field(default_factory=time.monotonic)
    steps: list[Step] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Return the seconds that the cap still pays for."""
        hours = max(self.cap - BESIDE, 0) / self.hourly - RESERVED_HOURS
        return hours * 3600 - (time.monotonic() - self.begun)

    def run(self, name: str, words: list[str], folder: Path, *, always: bool = False) -> bool:
        """Run a step within what is left, or ``always``; return whether it ended well."""
        if self.left <= 0 and not always:
            self.steps.append(Step(name, "not asked", 0, "the spending cap is reached"))
            return False
        begin = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            done = subprocess.run(
                words,
                cwd=folder,
                env={**os.environ, **self.variables},
                timeout=None if always else self.left,
                capture_output=True,
                text=True,
                check=False,
            )
            code, said = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            code, said = 1, "the spending cap was reached; stopped"
        print(said, flush=True)
        seconds = time.monotonic() - begin
        result = "refuted" if code else "confirmed"
        self.steps.append(Step(name, result, seconds, said.strip()[-2000:] if code else ""))
        return code == 0


def main() -> None:
    """Ask, deploy, test, destroy, report; exit with 1 where something was refuted."""
    given = _arguments()
    hourly = sum(estimate(_app(name)).monthly for name in ("hello", "notes")) / HOURS
    variables = {"AWS_PROFILE": given.profile} if given.profile else {}
    _confirm(given, hourly, variables)
    given.out.mkdir(parents=True, exist_ok=True)
    world = World(variables, given.cap, hourly, given.out)
    for name in ("hello", "notes"):
        _example(world, name)
    text = report(world.steps, given.account)
    (given.out / "report.md").write_text(text, encoding="utf-8")
    print(text)
    sys.exit(any(step.result == "refuted" for step in world.steps))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--account", required=True, help="The only account that is touched.")
    parser.add_argument("--profile", default="", help="The AWS profile; empty: the environment.")
    parser.add_argument("--cap", type=float, default=5.0, help="US dollars that may be spent.")
    parser.add_argument("--yes", action="store_true", help="Do not ask.")
    parser.add_argument("--out", type=Path, default=ROOT / "aws-report")
    return parser.parse_args()


def _app(name: str) -> App:
    return load.app_for(load.read(ROOT / "examples" / name / "seatrial.yml"), load.BASE)


def _confirm(given: argparse.Namespace, hourly: float, variables: Mapping[str, str]) -> None:
    """Print the spending cap and who pays, and ask; exit where the answer is no."""
    seconds = max(given.cap - BESIDE, 0) / hourly * 3600
    print(
        f"hello and notes cost about {hourly:.2f} USD an hour together while they run.\n"
        f"At most {given.cap:.2f} USD are spent in account {given.account}: after "
        f"{seconds / 60:.0f} minutes, or at the first failure, everything is destroyed.",
        flush=True,
    )
    found = _account({**os.environ, **variables})
    if found != given.account:
        sys.exit(f"these credentials belong to account {found or '(none)'}, not {given.account}")
    if not given.yes and input("Go on? [y/N] ").strip().lower() != "y":
        sys.exit("nothing was done")


def _account(variables: Mapping[str, str]) -> str:
    """Return the account of the credentials, as a process with these variables sees it."""
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _example(world: World, name: str) -> None:
    """Deploy an example, ask it, and destroy it whatever happened."""
    folder = world.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    unwanted = shutil.ignore_patterns("golden", ".seatrial")
    shutil.copytree(ROOT / "examples" / name, folder, ignore=unwanted)
    file = folder / "seatrial.yml"
    file.write_text(_with_environment(file.read_text(encoding="utf-8")), encoding="utf-8")
    command = [sys.executable, "-m", "seatrial.cli.main"]
    try:
        if world.run(f"{name}: deploy", [*command, "deploy", ENVIRONMENT, "--yes"], folder):
            world.run(f"{name}: empty plan", [*command, "plan", ENVIRONMENT], folder)
            world.run(f"{name}: status", [*command, "status", ENVIRONMENT], folder)
            _requests(world, name, command, folder)
    finally:
        words = [*command, "destroy", ENVIRONMENT, "--name", f"{name}-{ENVIRONMENT}"]
        world.run(f"{name}: destroy", [*words, "--lose-objects"], folder, always=True)


def _with_environment(text: str) -> str:
    """Return an app file with the environment of this run."""
    row = f"  {ENVIRONMENT}: {{profile: development}}\n"
    if "\nenvironments:\n" in text:
        return text.replace("\nenvironments:\n", f"\nenvironments:\n{row}", 1)
    return f"{text}\nenvironments:\n{row}"


def _requests(world: World, name: str, command: list[str], folder: Path) -> None:
    if name == "notes":
        world.run("notes: backup", [*command, "backup", ENVIRONMENT, "db"], folder)
        world.run("notes: restart", [*command, "restart", ENVIRONMENT], folder)
        return
    (folder / "main.py").write_text((folder / "main.py").read_text() + "\n# second release\n")
    words = [*command, "deploy", ENVIRONMENT, "--yes"]
    world.run("hello: second release", words, folder)
    file = world.folder.resolve() / "fidelity.xml"
    names = {"SEATRIAL_FIDELITY_SERVICE": f"hello-{ENVIRONMENT}/web"}
    world.variables = {**world.variables, **names}
    pytest = [sys.executable, "-m", "pytest", "-q", TESTS, f"--junitxml={file}"]
    world.run("hello: tests", pytest, ROOT)
    world.steps += list(_cases(file)) if file.is_file() else []


def _cases(file: Path) -> Iterator[Step]:
    """Yield a step for each test of a JUnit report."""
    for case in ET.parse(file).getroot().iter("testcase"):
        failed = any(case.find(kind) is not None for kind in ("failure", "error"))
        skipped = case.find("skipped") is not None
        result = "refuted" if failed else "not asked" if skipped else "confirmed"
        name = str(case.get("name")).partition("[")[0]
        yield Step(f"hello: {name}", result, float(case.get("time") or 0))


def _rows() -> list[tuple[str, str]]:
    """Return every row of the fidelity table, and the step that asks for it (empty: none)."""
    return [(row.what, STEP_OF.get(row.what, "")) for row in TABLE]


def report(steps: list[Step], account: str) -> str:
    """Return the report: each row of the fidelity table, then every step."""
    by_name = {step.name: step.result for step in steps}
    where = "a practice account" if os.environ.get("AWS_ENDPOINT_URL") else f"account {account}"
    lines = [
        f"# What {where} says of docs/fidelity.md\n",
        "A row is confirmed where the step that needs it ended well; a refuted one names a "
        "difference to look into.\n",
        "| row | result | step |",
        "|---|---|---|",
        *(f"| {what} | {by_name.get(step, 'not asked')} | {step} |" for what, step in _rows()),
        "\n## Steps\n",
        "| step | result | seconds |",
        "|---|---|---|",
        *(f"| {s.name} | {s.result} | {s.seconds:.0f} |" for s in steps),
        *(f"\n### {s.name}\n\n```\n{s.said}\n```" for s in steps if s.said),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
