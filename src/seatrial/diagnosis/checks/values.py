"""Secrets, keys, log groups and variables."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.diagnosis.check import COMMAND, ENDED, TASK, Check, Evidence, either, said
from seatrial.diagnosis.facts import Facts


def _gone(facts: Facts) -> Iterator[Evidence]:
    for secret in facts.secrets:
        if secret.state == "deleted":
            text = f"secretsmanager.describe_secret: {secret.name} has a DeletedDate"
            yield Evidence(text)
        elif secret.state == "absent":
            text = f"secretsmanager.describe_secret: {secret.name}: ResourceNotFoundException"
            yield Evidence(text)
        elif secret.state == "empty":
            text = f"secretsmanager.describe_secret: {secret.name} has no AWSCURRENT version"
            yield Evidence(text)


def _no_endpoint(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        network = service.network
        cut = network.cut_off and network.endpoints >= {"ecr.api", "ecr.dkr"}
        if cut and service.secrets and "secretsmanager" not in network.endpoints:
            text = f"ec2.describe_vpc_endpoints: none for secretsmanager, and {network.cut_off[0]} "
            yield Evidence(text + "has no way to the internet", service.name, "", "error")


def _no_log_group(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        if not service.log_group_there:
            text = f"logs.describe_log_groups: {service.log_group} does not exist"
            yield Evidence(text, service.name, "", "error")


CHECKS = (
    Check(
        id="D10",
        title="a secret is missing, or has no value",
        cause="The secret that the task definition names was deleted, has no value or lacks a key, "
        "or is in another region.",
        fix="A secret has no value, or lacks a key: `seatrial secret list` names it. Set it with "
        "`seatrial secret set NAME` (to one JSON object with every key that the app file names), "
        "then `seatrial restart`; a deploy restores a deleted one.",
        command="seatrial secret list{env}",
        look=either(
            said(
                r"from asm: ResourceNotFoundException",
                r"can.?t find the specified secret value",
                r"did not contain json key",
                r"can.?t retrieve the secret with ARN .*Check whether the secret exists",
                of=TASK,
            ),
            _gone,
        ),
    ),
    Check(
        id="D11",
        title="the execution role may not read a secret",
        cause="Secrets of a task definition are read with the task execution role; it lacks "
        "secretsmanager:GetSecretValue for this ARN.",
        fix="The execution role lacks a permission: a deploy restores what was changed by hand.",
        command="{deploy}",
        look=said(
            r"AccessDenied.*secretsmanager:GetSecretValue",
            r"not authorized to perform: secretsmanager:GetSecretValue",
        ),
    ),
    Check(
        id="D12",
        title="KMS refuses to decrypt a secret",
        cause="The execution role lacks kms:Decrypt for the secret's key, or the key is disabled "
        "or on its way to being deleted.",
        fix="Allow kms:Decrypt in the key's policy, with the condition kms:ViaService; cancel the "
        "key's deletion.",
        command="aws kms describe-key --key-id KEY",
        look=said(
            r"Access to KMS is not allowed|KMSAccessDenied",
            r"AccessDenied.*kms:Decrypt|not authorized to perform: kms:Decrypt",
            r"KMSInvalidStateException|is pending deletion",
        ),
    ),
    Check(
        id="D14",
        title="no network path to Secrets Manager",
        cause="The VPC has endpoints, but none for secretsmanager, and no other route to it.",
        fix="`network: {{outbound: endpoints}}` makes an endpoint for each service that tasks use; "
        "a deploy puts it back.",
        command="{deploy}",
        look=either(
            said(
                r"(?is)unable to pull secrets or registry auth.*(secretsmanager|secrets manager|"
                r"asm).*(timeout|connection issue|deadline exceeded)",
                r"unable to retrieve secrets?\b.*(i/o timeout|deadline exceeded|exceeded maximum)",
                r"ResourceInitializationError: .*context deadline exceeded",
                of=TASK,
            ),
            _no_endpoint,
        ),
    ),
    Check(
        id="D15",
        title="the log group does not exist",
        cause="The awslogs driver writes to a group that must exist; a task does not start "
        "without it.",
        fix="A deploy creates the group again, with its retention.",
        command="{deploy}",
        look=either(
            said(
                r"failed to create Cloudwatch log stream: ResourceNotFoundException",
                r"failed to (validate logger args|initialize logging driver)",
                r"[Ss]pecified log group does not exist",
                of=TASK,
            ),
            _no_log_group,
        ),
    ),
    Check(
        id="D16",
        title="the secret's name is reserved by a deleted one",
        cause="A deleted secret keeps its name for its recovery window of 7 to 30 days.",
        fix="A deploy restores the app's own secrets with their last values; to have another value "
        "then: `seatrial secret rotate NAME`.",
        command="aws secretsmanager restore-secret --secret-id NAME",
        look=said(
            r"secret with this name is already scheduled for deletion",
            r"scheduled for deletion.*secret",
            of=COMMAND,
        ),
    ),
    Check(
        id="D17",
        title="the program misses a variable",
        cause="The program reads an environment variable that its task definition does not set.",
        fix="Set it in services.{service}.env, or list what sets it in services.{service}.uses.",
        command="seatrial check --show",
        look=said(
            r"KeyError: '[A-Z][A-Z0-9_]+'",
            r"Field required \[type=missing",
            r"(?i)environment variable\W+\w*\W*(is |was |must be )?(not set|required|missing|set)",
            r"(?i)missing required environment variable",
            of=ENDED,
        ),
    ),
)
