"""Scan the generated Terraform with checkov, as the plan it would become; and its IAM policies.

checkov does not read `*.tf.json` at all, and says nothing about it. So the plan's JSON is written
from the graph, both roots in one, with what a plan would know; the number of resources that checkov
saw is compared with the number there is.
"""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import golden
from seatrial.appfile import load
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Expr, Graph, Joined, Json, Ref, Resource, refs_in

ROOT = Path(__file__).parents[1]
SKIPS = ROOT / "security" / "skips.toml"
CONTROLS = ROOT / "security" / "controls.toml"
CHECKOV = "checkov==3.3.30"
# What a plan knows of our own expressions: protections are lifted for a destroy only.
KNOWN = {"!var.teardown": True, "var.wait": True, "var.teardown": False}


@dataclass(frozen=True)
class Failure:
    """A check that a resource fails."""

    check: str
    address: str
    name: str


@dataclass(frozen=True)
class Skip:
    """A check that is not met on purpose: where, in which profile, and why."""

    check: str
    on: str
    reason: str
    profile: str = ""

    def covers(self, failure: Failure, profile: str) -> bool:
        """Return whether a failure is one of these."""
        same = self.check == failure.check and self.profile in ("", profile)
        return same and fnmatch.fnmatch(failure.address, self.on)


def skips() -> list[Skip]:
    """Return every reviewed skip."""
    return [Skip(**row) for row in tomllib.loads(SKIPS.read_text(encoding="utf-8"))["skip"]]


def controls() -> list[dict[str, str]]:
    """Return every control, how it is met and what checks it."""
    rows = tomllib.loads(CONTROLS.read_text(encoding="utf-8"))["control"]
    return [dict(row) for row in rows]


def plan(made: Graph) -> dict[str, Any]:
    """Return a graph as `terraform show -json` would show the plan of its creation."""
    resources = [r for r in made.resources if not r.data]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [_planned(r) for r in resources]}},
        "resource_changes": [
            {
                **{k: v for k, v in _planned(r).items() if k != "values"},
                "change": {"actions": ["create"], "before": None, "after": _values(r.body)},
            }
            for r in resources
        ],
        "configuration": {"root_module": {"resources": [_configured(r, made) for r in resources]}},
    }


def _planned(resource: Resource) -> dict[str, Any]:
    return {
        "address": ".".join(resource.address),
        "mode": "managed",
        "type": resource.type,
        "name": resource.name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 0,
        "values": _values(resource.body),
    }


def _configured(resource: Resource, made: Graph) -> dict[str, Any]:
    expressions: dict[str, Any] = {}
    for key, value in resource.body.items():
        found = [made.by_address[ref.address] for ref in refs_in(value)]
        if found:
            names = [f"{t.type}.{t.name}" for t in found if not t.data]
            expressions[key] = {"references": [n for name in names for n in (f"{name}.id", name)]}
    return {
        "address": ".".join(resource.address),
        "mode": "managed",
        "type": resource.type,
        "name": resource.name,
        "provider_config_key": "aws",
        "expressions": expressions,
    }


def _values(body: Mapping[str, Any]) -> dict[str, Any]:
    hidden = ("lifecycle", "provider")
    return {key: _value(item) for key, item in body.items() if key not in hidden}


def _value(node: Any) -> Any:
    match node:
        case Ref():
            return _reference(node)
        case Expr(text):
            return _known(text)
        case Joined(parts):
            return "".join(str(_value(part)) for part in parts)
        case Json(inner):
            return json.dumps(_value(inner))
        case Mapping():
            return {key: _value(item) for key, item in node.items()}
        case list() | tuple():
            return [_value(item) for item in node]
        case _:
            return node


# ARNs as AWS writes them (Service Authorization Reference, "Resource types" of each service).
ARNS = {
    "aws_s3_bucket": "arn:aws:s3:::{}",
    "aws_sqs_queue": "arn:aws:sqs:us-east-1:123456789012:{}",
    "aws_ecr_repository": "arn:aws:ecr:us-east-1:123456789012:repository/{}",
    "aws_secretsmanager_secret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:{}-AbCdEf",
    "aws_cloudwatch_log_group": "arn:aws:logs:us-east-1:123456789012:log-group:{}",
    "aws_iam_role": "arn:aws:iam::123456789012:role/{}",
    "aws_bedrock_inference_profile": "arn:aws:bedrock:us-east-1:123456789012:inference-profile/{}",
    "aws_cognito_user_pool": "arn:aws:cognito-idp:us-east-1:123456789012:userpool/{}",
}


def _reference(ref: Ref) -> str:
    if ref.attribute == "account_id":
        return "123456789012"
    if ref.attribute in ("arn", "inference_profile_arn") and ref.type in ARNS:
        return ARNS[ref.type].format(ref.name)
    return f"{ref.type}.{ref.name}.{ref.attribute}"


def _known(text: str) -> Any:
    if text in KNOWN:
        return KNOWN[text]
    if chosen := re.fullmatch(r"var\.teardown \? \S+ : (\S+)", text):
        return json.loads(chosen[1])
    if "var.images" in text:
        return "123456789012.dkr.ecr.us-east-1.amazonaws.com/x@sha256:" + "0" * 64
    return "known-after-apply"


def checkov(made: Graph) -> tuple[int, list[str], list[Failure]]:
    """Return how many resources checkov saw, what passed, and every failure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(plan(made)), encoding="utf-8")
        words = ["-f", str(path), "--framework", "terraform_plan", "-o", "json"]
        done = subprocess.run(
            [*tool("checkov", CHECKOV), *words, "--skip-download", "--compact"],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        found = json.loads(done.stdout)
    except ValueError as error:
        raise RuntimeError(f"checkov said: {done.stdout[-500:]}{done.stderr[-2000:]}") from error
    rows = found["results"]["failed_checks"]
    failed = [Failure(r["check_id"], r["resource"], r["check_name"]) for r in rows]
    passed = [row["check_id"] for row in found["results"].get("passed_checks", [])]
    return int(found["summary"]["resource_count"]), passed, failed


def policies(made: Graph) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every IAM policy of a graph by its resource's address."""
    for resource in made.resources:
        if resource.type == "aws_iam_role_policy":
            document = json.loads(_value(resource.body["policy"]))
            yield ".".join(resource.address), document


def tool(name: str, package: str, *more: str) -> list[str]:
    """Return the words that run a scanner in an environment of its own."""
    uv = Path(sys.executable).with_name("uv")
    extra = [word for each in more for word in ("--with", each)]
    return [str(uv), "tool", "run", "--quiet", *extra, "--from", package, name]


def graphs() -> Iterator[tuple[str, str, Graph]]:
    """Yield every example in every profile: its name, its profile, its graph.

    An environment that differs from one before it in its name only is not scanned again.
    """
    for example in golden.examples():
        file = load.read(example / "seatrial.yml")
        seen = []
        for environment in file.environments:
            app = load.app_for(file, environment)
            like = app.model_copy(update={"environment": "any"})
            if like not in seen:
                seen.append(like)
                yield f"{example.name} {environment}", app.profile, graph(app)


def main() -> None:
    """Print what fails and is not skipped."""
    known = skips()
    for name, profile, made in graphs():
        count, _, failed = checkov(made)
        there = sum(1 for r in made.resources if not r.data)
        wrong = [f for f in failed if not any(s.covers(f, profile) for s in known)]
        print(f"{name}: {count} of {there} resources, {len(failed)} failed, {len(wrong)} unskipped")
        for failure in wrong:
            print(f"  {failure.check} {failure.address}: {failure.name}")


if __name__ == "__main__":
    main()
