"""The file that tells GitHub Actions or GitLab CI/CD what to run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seatrial.ops.ci.checks import Check
from seatrial.ops.ci.role import role_arn

Host = Literal["github", "gitlab"]
FOLDER = Path(__file__).parent
PATHS: dict[Host, str] = {
    "github": ".github/workflows/seatrial.yml",
    "gitlab": ".gitlab-ci.yml",
}
# Each action by the commit that its release's tag named, which nobody can move.
ACTIONS = {
    "CHECKOUT": "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
    "PYTHON": "actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0",
    "TERRAFORM": "hashicorp/setup-terraform@dfe3c3f87815947d99a8997f908cb6525fc44e9e # v4.0.1",
    "CREDENTIALS": "aws-actions/configure-aws-credentials@"
    "8df5847569e6427dd6c4fb1cf565c83acfa8afa7 # v6.0.0",
}
TERRAFORM_VERSION = "1.11.4"
# Of its linux_amd64.zip (HashiCorp's terraform_1.11.4_SHA256SUMS).
TERRAFORM_SUM = "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc"


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """What a repository's CI is about; ``folder`` is the app file's, below the root."""

    app: str
    environment: str
    region: str
    account: str
    folder: str
    file: str  # the app file's name, empty where commands find it by themselves
    branch: str  # what is pushed to it is deployed
    version: str  # of Seatrial
    checks: tuple[Check, ...]


def text(pipeline: Pipeline, host: Host) -> str:
    """Return the file's text."""
    made = (FOLDER / f"{host}.yml").read_text(encoding="utf-8")
    checks = _github(pipeline.checks) if host == "github" else _gitlab(pipeline.checks)
    made = made.replace("<<CHECKS>>\n", "".join(f"{line}\n" for line in checks))
    for name, value in _values(pipeline, host).items():
        made = made.replace(f"<<{name}>>", value)
    return made


def _values(pipeline: Pipeline, host: Host) -> dict[str, str]:
    folder = pipeline.folder
    return ACTIONS | {
        "APP": pipeline.app,
        "BRANCH": json.dumps(pipeline.branch)[1:-1],
        "DEPLOY_ROLE": role_arn(pipeline.account, pipeline.app, pipeline.environment, "ci"),
        "ENVIRONMENT": pipeline.environment,
        "FILE": f" -f {shlex.quote(pipeline.file)}" if pipeline.file else "",
        "FOLDER": json.dumps(folder) if host == "github" else shlex.quote(folder),
        "PLAN_ROLE": role_arn(pipeline.account, pipeline.app, pipeline.environment, "plan"),
        "REGION": pipeline.region,
        "TERRAFORM_SUM": TERRAFORM_SUM,
        "TERRAFORM_VERSION": TERRAFORM_VERSION,
        "VERSION": pipeline.version,
    }


def _github(checks: Iterable[Check]) -> list[str]:
    return [line for check in checks for line in _step(check)]


def _step(check: Check) -> list[str]:
    """Return one step of a job, as lines of YAML."""
    where = "" if check.folder == "." else f" of {check.folder}"
    return [
        f"      - name: {json.dumps(check.name + where)}",
        f"        working-directory: {json.dumps(check.folder)}",
        "        run: |",
        *(f"          {command}" for command in check.commands),
    ]


def _gitlab(checks: Iterable[Check]) -> list[str]:
    """Return the lines of a script; its image has Python, and neither pipx nor Node."""
    commands = [command for check in checks for command in check.commands]
    found = []
    if any("npm" in command for command in commands):
        found.append("apt-get update -qq && apt-get install -y -qq --no-install-recommends npm")
    if any("pipx" in command for command in commands):
        found.append("pip install --quiet pipx")
    for check in checks:
        found += [f'cd "$CI_PROJECT_DIR"/{shlex.quote(check.folder)}', *check.commands]
    return [f"    - {json.dumps(command)}" for command in found]
