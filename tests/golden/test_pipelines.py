"""What `seatrial ci` writes: its diff is the review, and the CIs' own rules accept it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import golden
from helpers import seatrial
from seatrial.engine import provider
from seatrial.ops.ci import workflow
from seatrial.ops.policy.actions import ENDS

BIN = Path(sys.executable).parent
APP = """
app: shop
region: eu-central-1
services: {web: {build: ./api, command: uvicorn it:app, port: 8000, public: /, health: /health}}
environments: {live: {account: "123456789012"}}
"""
# What `gh api` answers for a pull request: other people's comments, and one of ours or none.
OTHERS = [
    {"id": 1, "user": {"login": "eve"}, "body": "<!-- seatrial plan live --> not ours"},
    {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "another job's"},
]
MINE = {"id": 3, "user": OTHERS[1]["user"], "body": "<!-- seatrial plan live -->\nold"}
GH = """#!/bin/sh
echo "$@" >> "$GH_CALLS"
for word; do
  [ "$before" = --jq ] && jq -r "$word" "$GH_ANSWER"
  before=$word
done
exit 0
"""


def project(folder: Path) -> Path:
    """Make an app with tests in a folder of a repository; return the app's folder."""
    app = folder / "apps" / "shop"
    (app / "api" / "tests").mkdir(parents=True)
    (folder / ".git").mkdir()
    (app / "seatrial.yml").write_text(APP)
    (app / "api" / "pyproject.toml").write_text("[tool.ruff]\n")
    (app / "api" / "requirements.txt").write_text("uvicorn\n")
    (app / "api" / "tests" / "test_it.py").write_text("def test_it(): pass\n")
    (app / "api" / "package.json").write_text(json.dumps({"scripts": {"lint": "eslint ."}}))
    return app


def steps(root: Path, job: str) -> dict[str, str]:
    """Return the commands of a job of the written workflow, by the steps' names."""
    written = yaml.safe_load((root / workflow.PATHS["github"]).read_text())
    return {s["name"]: s["run"] for s in written["jobs"][job]["steps"] if "run" in s}


def test_files_are_what_was_reviewed():
    """`make golden` rewrites them; every action is a whole commit with its version."""
    committed = {p.name: p.read_text(encoding="utf-8") for p in golden.PIPELINES.iterdir()}
    assert committed == golden.pipelines()
    for line in committed["github.yml"].splitlines():
        if "uses:" in line:
            assert len(line.split("@")[1].split(" # v")[0]) == 40, line


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_cis_accept_the_files(name, tmp_path):
    """GitHub's and GitLab's schemas; zizmor's every audit that needs no network; actionlint where
    it is installed.
    """
    path = golden.PIPELINES / name
    kind = {
        "github.yml": ["vendor.github-workflows"],
        "gitlab.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    }[name]
    commands = [[BIN / "check-jsonschema", "--builtin-schema", *kind, path]]
    if name == "github.yml":
        commands.append([BIN / "zizmor", "--offline", "--no-config", "--persona", "auditor", path])
        if found := shutil.which("actionlint"):
            commands.append([Path(found), path])
    for words in commands:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_workflow_finds_the_apps_tests_and_is_not_written_over_an_edit(tmp_path):
    """It lies at the repository's root, works in the app's folder, and is replaced only while it is
    as it was made, or by force.
    """
    app = project(tmp_path)
    path = tmp_path / workflow.PATHS["github"]
    for _ in range(2):
        assert seatrial("ci", "--github", "--gitlab", folder=app).returncode == 0
    written = yaml.safe_load(path.read_text())
    assert written["defaults"]["run"]["working-directory"] == "apps/shop"
    found = steps(tmp_path, "check")
    assert "pip install --quiet pytest -r requirements.txt" in found["pytest of apps/shop/api"]
    assert found["npm lint of apps/shop/api"].split("\n")[:2] == ["npm install", "npm run lint"]
    assert "role/seatrial-shop-live-ci" in (tmp_path / ".gitlab-ci.yml").read_text()
    path.write_text(path.read_text().replace("timeout-minutes: 90", "timeout-minutes: 9"))
    refused = seatrial("ci", folder=app)
    assert refused.returncode != 0
    assert "usage-ci-edited" in refused.stderr
    assert "timeout-minutes: 9\n" in path.read_text()
    assert seatrial("ci", "--force", folder=app).returncode == 0
    assert "timeout-minutes: 90" in path.read_text()


@pytest.mark.skipif(not shutil.which("jq"), reason="gh's answers are filtered by jq here")
@pytest.mark.parametrize("answer", [OTHERS, [*OTHERS, MINE]], ids=["first", "again"])
def test_a_pull_request_gets_one_comment_that_is_updated(answer, tmp_path):
    """The step's own commands, with a `gh` that answers from a file: the first time it posts, then
    it changes the comment that is its own, and nobody else's.
    """
    assert seatrial("ci", folder=project(tmp_path)).returncode == 0
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    subprocess.run(
        [
            "bash",
            "-eo",
            "pipefail",
            "-c",
            steps(tmp_path, "plan")["comment, or update the comment"],
        ],
        check=True,
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "GH_CALLS": str(tmp_path / "calls"),
            "GH_ANSWER": str(tmp_path / "answer.json"),
            "GITHUB_REPOSITORY": "acme/shop",
            "NUMBER": "7",
            "RUNNER_TEMP": str(tmp_path),
        },
    )
    last = (tmp_path / "calls").read_text().splitlines()[-1]
    place = (
        "-X PATCH repos/acme/shop/issues/comments/3"
        if MINE in answer
        else "repos/acme/shop/issues/7/comments"
    )
    assert last == f"api --silent {place} -F body=@{tmp_path}/plan.md"


def test_roles_trust_one_repository_in_both_forms_of_its_name():
    """Deploys come from the branch or the environment, plans from pull requests; no star, and
    neither role may end data.
    """
    made = json.loads(golden.pipelines()["github-role.tf.json"])["resource"]
    trust = {k: json.loads(r["assume_role_policy"]) for k, r in made["aws_iam_role"].items()}
    conditions = {k: t["Statement"][0]["Condition"] for k, t in trust.items()}
    host = "token.actions.githubusercontent.com"
    assert conditions["plan"] == {
        "StringEquals": {
            f"{host}:aud": "sts.amazonaws.com",
            f"{host}:sub": ["repo:acme/hello:pull_request", "repo:acme@123/hello@456:pull_request"],
        }
    }
    assert conditions["ci"]["StringEquals"][f"{host}:sub"] == [
        f"repo:{name}:{end}"
        for name in ("acme/hello", "acme@123/hello@456")
        for end in ("environment:production", "ref:refs/heads/main")
    ]
    text = " ".join(policy["policy"] for policy in made["aws_iam_policy"].values())
    assert not any(f'"{action}"' in text for action in ENDS)


def test_a_role_for_everybody_is_refused(tmp_path):
    """A pattern instead of a repository or a branch would let other people's jobs in."""
    app = project(tmp_path)
    for words in (
        ("--repository", "acme/*"),
        ("--repository", "acme/shop", "--branch", "*"),
        ("--repository", "acme/shop", "--ids", "7"),
    ):
        done = seatrial("ci", "role", *words, folder=app)
        assert done.returncode == 2
        assert "usage-ci-repository" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["github-role.tf.json", "gitlab-role.tf.json"])
def test_terraform_validates_the_roles(name, tmp_path):
    """`terraform validate` accepts the provider, the roles and the policies."""
    (tmp_path / "main.tf.json").write_text(golden.pipelines()[name])
    words = (["init", "-backend=false", "-no-color"], ["validate", "-json"])
    for each in words:
        done = subprocess.run(
            [provider.terraform().path, *each],
            cwd=tmp_path,
            text=True,
            env=provider.environment(tmp_path),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
