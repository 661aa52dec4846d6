"""Deliberate breakages that the suite must catch: each is made in a copy, and a test must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# fmt: off
MUTATIONS = {
    "drop a grant": (
        "resources/bucket.py", 'access.allow(on_objects, joined(arn, "/*"), sid="Objects"),', "",
        "tests/resources/test_catalog.py"),
    "grant everything": (
        "resources/secret.py", "read = access.allow(VALUE, arn)", 'read = access.allow(VALUE, "*")',
        "tests/resources/test_catalog.py"),
    "turn a rule around": (
        "resources/reach.py", "pair(noun, name, to.group, to.port, to.suffix)",
        "pair(noun, to.group, name, to.port, to.suffix)",
        "tests/resources/test_catalog.py"),
    "swap ports": (
        "resources/database.py", '"postgres": 5433', '"postgres": 5432',
        "tests/golden/test_golden.py"),
    "let Terraform evaluate text": (
        "terraform/escape.py", '.replace("${", "$${")', "", "tests/mutations/probe_escape.py"),
    "skip the drain": (
        "seatrial_emulator/ecs/service_scheduler.py",
        "yield Drain(task.arn) if task.drains else Terminate(task.arn)",
        "yield Terminate(task.arn)", "tests/emulator/test_service_scheduler.py"),
    "stop old tasks too early": (
        "seatrial_emulator/ecs/service_scheduler.py", "if healthy_rest >= least:", "if True:",
        "tests/emulator/test_service_scheduler.py"),
    "forget the grace period": (
        "seatrial_emulator/ecs/service_scheduler.py", "clock - task.started >= service.grace", "True",
        "tests/emulator/test_service_scheduler.py"),
    "give up what AWS does not": (
        "seatrial_emulator/ecs/service_scheduler.py",
        "return service.forgives and primary.failures > 0 and after", "return False",
        "tests/emulator/test_service_scheduler.py"),
    "allow one side of a rule only": (
        "seatrial_emulator/api/security_groups.py", "return out and allows(", "return out or allows(",
        "tests/emulator/test_routing_and_health.py"),
    "send requests to sick targets": (
        "seatrial_emulator/network/routing.py", '("healthy", "unhealthy", "initial")',
        '("unhealthy", "healthy", "initial")', "tests/emulator/test_routing_and_health.py"),
    "accept builds outside the project": (
        "appfile/builds.py", "if target != root and root not in target.parents:", "if False:",
        "tests/appfile/test_load.py"),
    "stop at the first problem": (
        "appfile/load.py", "[*strange, *result.findings, *between]", "[*strange, *result.findings]",
        "tests/appfile/test_load.py"),
    "cut names without a hash": (
        "resources/naming.py", """return f"{plain[: limit - 7].strip('-')}-{digest(text)}\"""",
        "return plain[:limit].strip('-')", "tests/resources/test_naming.py"),
    "show a secret": (
        "seatrial_runtime/settings.py", 'return "Secret(...)"', "return self._value",
        "tests/runtime/test_settings.py"),
    "let a caller forge log lines": (
        "seatrial_runtime/logs.py", "if GIVEN_ID.fullmatch(value):", "if value:",
        "tests/runtime/test_web.py"),
    "call a failing check well": (
        "seatrial_runtime/health.py", "ok = all(", "ok = any(", "tests/runtime/test_web.py"),
    "tell the lower end of a percentile": (
        "seatrial_runtime/metrics.py", "STEPS[min(step, len(STEPS) - 1)]", "STEPS[max(step - 1, 0)]",
        "tests/runtime/test_web.py"),
    "make http links behind CloudFront": (
        "seatrial_runtime/address.py", "host.lower() == self.url", "host.lower() != self.url",
        "tests/runtime/test_web.py"),
    "let any function run": (
        "seatrial_runtime/sql/statement.py", "fine = node.name.lower() in allowed.UNTYPED[dialect]",
        "fine = True", "tests/runtime/test_sql_guard.py"),
    "hand out the runtime for a comment": (
        "ops/images/runtime_wheel.py", 'r"^\\s*', 'r"', "tests/runtime/test_runtime_wheel.py"),
    "let an unknown license pass": (
        "registry/scores/licenses.py", "known_project is None:\n        return False",
        "known_project is None:\n        return True", "examples/model-registry/tests/test_scores.py"),
    "grant commercial use": (
        "registry/scores/licenses.py", "if one in (NON_COMMERCIAL, NO_DERIVATIVES, CLOSED):",
        "if one in (CLOSED,):", "examples/model-registry/tests/test_scores.py"),
    "count weights in every format": (
        "registry/scores/files.py", "        if found:\n", "        if False:\n",
        "examples/model-registry/tests/test_scores.py"),
    "make latencies up": (
        "registry/scores/rating.py", "return value, gathered + time.perf_counter() - begun",
        "return value, 0.1", "examples/model-registry/tests/test_scores.py"),
    "forget what is upstream in a cost": (
        "registry/lineage.py", "for n in reach(node.id, upstream)", "for n in [node.id]",
        "examples/model-registry/tests/test_scores.py"),
    "call unknown scores zero": (
        "registry/scores/rating.py", "if value is None]", "if value == -1]",
        "examples/model-registry/tests/test_scores.py"),
    "stop a sick task before its replacement": (
        "seatrial_emulator/ecs/service_scheduler.py", "if sum(t.ready for t in healthy) >= service.desired:", "if True:",
        "tests/emulator/test_service_scheduler.py"),
    "ignore a request to stop": (
        "seatrial_emulator/ecs/service_scheduler.py", "    if primary.stop:", "    if False:",
        "tests/emulator/test_service_scheduler.py"),
    "stop without a rollback": (
        "seatrial_emulator/ecs/service_scheduler.py", 'good[0] if good and primary.stop == "ROLLBACK" else ""',
        '""', "tests/emulator/test_service_scheduler.py"),
    "scale out after one minute": (
        "seatrial_emulator/ecs/scaling.py", "len(last) < OUT_POINTS or", "not last or",
        "tests/emulator/test_scaling.py"),
    "scale in after one minute": (
        "seatrial_emulator/ecs/scaling.py", "len(last) < IN_POINTS or", "not last or",
        "tests/emulator/test_scaling.py"),
    "call silence good": (
        "seatrial_emulator/ecs/scaling.py", 'if rule.missing == "breaching":', "if False:",
        "tests/emulator/test_scaling.py"),
    "check no resource": (
        "seatrial_emulator/api/patches/arns.py", 'return find(self, f"{self.region}:{self.current_account}")',
        "return ''", "tests/emulator/test_iam.py"),
    "hurry a program's start": (
        "seatrial_emulator/ecs/health.py", ' and not (early and health.state == "initial")', "",
        "tests/emulator/test_routing_and_health.py"),
    "throttle nobody": (
        "seatrial_emulator/api/failures.py", "or self.chance.random() >= self.throttle", "or True",
        "tests/emulator/test_api_failures.py"),
    "count an outage as answered": (
        "trial/load.py", "return self.status == 0 or self.status >= 500",
        "return self.status >= 600", "tests/trial/test_report.py"),
    "call a failed trial passed": (
        "trial/report.py", 'return "failed" if any(', 'return "passed" if any(',
        "tests/trial/test_report.py"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_breakage_is_caught(tmp_path, name):
    """With the breakage, the named test fails; without it, that test passes (the suite shows)."""
    file, before, after, tests = MUTATIONS[name]
    source, api = tmp_path / "src", tmp_path / "api"
    rooms = {name.stem: name for name in ROOT.glob("packages/*/src/seatrial_*")}
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", source, ignore=ignored)
    for name, folder in rooms.items():
        shutil.copytree(folder, source / name, ignore=ignored)
    shutil.copytree(ROOT / "examples" / "model-registry" / "api", api, ignore=ignored)
    beside = file.startswith("seatrial_")
    path = (
        api if file.startswith("registry/") else source if beside else source / "seatrial"
    ) / file
    text = path.read_text()
    assert text.count(before) == 1, "the mutation no longer fits the code"
    path.write_text(text.replace(before, after))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow",
         "-o", f"pythonpath=tools tests {api}", str(ROOT / tests)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
            "PYTHONPATH": str(source),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )  # fmt: skip
    assert done.returncode == 1, done.stdout[-2000:]
