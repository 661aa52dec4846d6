"""The least policies: they hold every action that is called, fit IAM's limits, and parliament knows
each of them.
"""

from __future__ import annotations

import json
import subprocess

import pytest
import scan

import own_calls
from apps import EVERY_NOUN
from seatrial.appfile import load
from seatrial.ops.policy import LARGEST, MOST, PURPOSES, Policy, policies
from seatrial.ops.policy.actions import ENDS
from seatrial.ops.policy.own_calls import LOOKS, OTHERS, PUSHES, actions

PARLIAMENT = "parliament==1.6.4"
ACCOUNT = "123456789012"
# Calls that need no grant, or that AWS gives to everybody.
FREE = frozenset({"sts:GetCallerIdentity"})
# Actions that are newer than parliament's data (Service Authorization Reference).
NEWER = frozenset(
    {
        "cloudfront:CreateConnectionGroup", "cloudfront:CreateDistributionWithTags",
        "cloudfront:GetConnectionGroup", "cognito-idp:ListUserPoolClientSecrets",
        "dynamodb:AssociateTableReplica", "ec2:CreateVpcEncryptionControl",
        "ec2:DescribeVpcEncryptionControls", "ecs:StopServiceDeployment",
        "elasticloadbalancing:ModifyIpPools", "logs:PutBearerTokenAuthentication",
        "logs:PutLogGroupDeletionProtection", "route53:UpdateHostedZoneFeatures",
        "s3:GetBucketAbac", "s3:PutBucketAbac",
        "s3:UpdateBucketMetadataAnnotationTableConfiguration",
        "s3:UpdateBucketMetadataInventoryTableConfiguration",
        "s3:UpdateBucketMetadataJournalTableConfiguration",
    }
)  # fmt: skip
READS = ("Describe", "Get", "List", "Filter", "BatchGet", "View", "Simulate")


def allowed(made: list[Policy]) -> set[str]:
    """Return every action of some policies."""
    return {a for each in made for s in each.document["Statement"] for a in s["Action"]}


def test_every_call_of_our_own_has_its_action():
    """A call that the sources make and no table knows fails here; so does a row without a call."""
    called = {
        action
        for service, operation in own_calls.operations()
        for action in actions(service, operation)
    } - FREE
    tables = LOOKS | OTHERS | PUSHES
    state = {action for action in called if action.startswith("s3:")}
    assert called - tables - state == set()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_policies_fit_into_iams_limits(app, purpose):
    """6,144 characters each, ten to a role; no action is a wildcard, none stands twice."""
    made = policies(app(EVERY_NOUN), ACCOUNT, purpose)
    assert all(len(each.text) <= LARGEST for each in made)
    assert len(made) <= MOST
    rows = [a for each in made for s in each.document["Statement"] for a in s["Action"]]
    assert len(rows) == len(set(rows))
    assert not any("*" in action for action in rows)


def test_who_looks_changes_nothing_and_reads_no_secret(app):
    """Every action of it reads, and none reads a secret's value."""
    found = allowed(policies(app(EVERY_NOUN), ACCOUNT, "look"))
    assert [a for a in found if not a.partition(":")[2].startswith(READS)] == []
    assert "secretsmanager:GetSecretValue" not in found


def test_a_ci_deploys_and_cannot_end_data(app):
    """It is what deploys take, without what deletes databases, buckets, users or the network."""
    whole = allowed(policies(app(EVERY_NOUN), ACCOUNT, "deploy"))
    assert whole - allowed(policies(app(EVERY_NOUN), ACCOUNT, "ci")) == ENDS & whole
    assert len(ENDS & whole) > 10


def test_an_app_without_a_noun_has_none_of_its_actions(app):
    """A queue alone takes nothing of databases, users or CloudFront that changes something."""
    found = allowed(
        policies(app("app: q\nregion: us-east-1\nqueues: {q: {}}\n"), ACCOUNT, "deploy")
    )
    for action in ("dynamodb:CreateTable", "cognito-idp:CreateUserPool", "ec2:CreateVpc"):
        assert action not in found
    assert "sqs:CreateQueue" in found


def test_own_things_are_named(app):
    """Buckets, roles, secrets, queues, topics, logs, images and tasks: by name, never a star."""
    made = policies(app(EVERY_NOUN), ACCOUNT, "deploy")
    for statement in (s for each in made for s in each.document["Statement"]):
        if statement["Resource"] == "*":
            assert statement["Condition"]["StringEquals"]["aws:RequestedRegion"] == ["us-east-1"]
        else:
            assert all("shop" in r or "seatrial-" in r or "aws-service-role" in r
                       for r in statement["Resource"])  # fmt: skip
    text = " ".join(each.text for each in made)
    assert '"iam:PassedToService":["ecs-tasks.amazonaws.com"' in text


@pytest.mark.slow
def test_parliament_knows_every_action_and_finds_no_mistake(app, tmp_path):
    """Of every purpose: actions exist, and resources have the form that their actions take."""
    made = [each for p in PURPOSES for each in policies(app(EVERY_NOUN), ACCOUNT, p)]
    for each in made:
        (tmp_path / f"{each.name}.json").write_text(each.text)
    (tmp_path / "seatrial.yml").unlink(missing_ok=True)
    words = scan.tool("parliament", PARLIAMENT, "setuptools<81")
    done = subprocess.run(
        [*words, "--directory", str(tmp_path), "--include_policy_extension", "json", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    # A star is where AWS has no names of its own; its region stands in the condition.
    assert {row["issue"] for row in found} <= {"UNKNOWN_ACTION", "RESOURCE_STAR"}
    unknown = {str(row["detail"]).rsplit(" ", 1)[-1] for row in found if "ACTION" in row["issue"]}
    assert unknown - NEWER == set()
    assert "Traceback" not in done.stderr, done.stderr


def test_app_files_environment_names_the_policy(write):
    """The names say app, environment and purpose."""
    file = load.read(write(EVERY_NOUN))
    made = policies(load.app_for(file, "dev"), ACCOUNT, "look")
    assert [each.name for each in made] == ["seatrial-shop-dev-look"]
