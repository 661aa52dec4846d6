"""Deliberate breakages that the suite must catch: each is made in a copy, and a test must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MUTATIONS = {
    "drop a grant": (
        "resources/access.py", "yield allow(on_objects, joined", "allow(on_objects, joined",
        "tests/resources/test_catalog.py"),
    "grant everything": (
        "resources/access.py", 'policy(allow("secretsmanager:GetSecretValue", arn))',
        'policy(allow("secretsmanager:GetSecretValue", "*"))', "tests/resources/test_catalog.py"),
    "turn a rule around": (
        "resources/firewall.py", "_pair(noun, name, use.name, database.PORT)",
        "_pair(noun, use.name, name, database.PORT)", "tests/resources/test_catalog.py"),
    "swap ports": (
        "resources/database.py", "PORT = 5433", "PORT = 5432", "tests/golden/test_golden.py"),
    "let Terraform evaluate text": (
        "terraform/escape.py", '.replace("${", "$${")', "", "tests/mutations/probe_escape.py"),
    "skip the drain": (
        "rehearsal/controller/decide.py",
        "yield Drain(task.arn) if task.drains else Terminate(task.arn)",
        "yield Terminate(task.arn)", "tests/rehearsal/test_decide.py"),
    "stop old tasks too early": (
        "rehearsal/controller/decide.py", "if healthy_rest >= least:", "if True:",
        "tests/rehearsal/test_decide.py"),
    "forget the grace period": (
        "rehearsal/controller/decide.py", "clock - task.started >= service.grace", "True",
        "tests/rehearsal/test_decide.py"),
    "allow one side of a rule only": (
        "rehearsal/controller/reach.py", "return out and allows(", "return out or allows(",
        "tests/rehearsal/test_pure.py"),
    "send requests to sick targets": (
        "rehearsal/network/routing.py", "return sorted(healthy or serving)",
        "return sorted(serving)", "tests/rehearsal/test_pure.py"),
    "accept builds outside the project": (
        "appfile/builds.py", "if target != root and root not in target.parents:", "if False:",
        "tests/appfile/test_load.py"),
    "stop at the first problem": (
        "appfile/load.py", "for finding in (*wrong, *between)]", "for finding in wrong]",
        "tests/appfile/test_load.py"),
    "cut names without a hash": (
        "resources/naming.py", """return f"{plain[: limit - 7].strip('-')}-{digest(text)}\"""",
        "return plain[:limit].strip('-')", "tests/resources/test_naming.py"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_breakage_is_caught(tmp_path, name):
    """With the breakage, the named test fails; without it, that test passes (the suite shows)."""
    file, before, after, tests = MUTATIONS[name]
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    path = source / "seatrial" / file
    text = path.read_text()
    assert text.count(before) == 1, "the mutation no longer fits the code"
    path.write_text(text.replace(before, after))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow",
         str(ROOT / tests)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout[-2000:]
