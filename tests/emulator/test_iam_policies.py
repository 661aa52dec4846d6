"""One evaluator of IAM policies: the API's checks and the ECS agent decide alike."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, user
from seatrial_emulator.api.iam_policies import Principal, Request, evaluate, matches

PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/app/key"
SESSION = "arn:aws:sts::123456789012:assumed-role/Deployer/session"


def allow(**elements: Any) -> dict[str, Any]:
    """Return a document of one statement that allows."""
    return {"Statement": [{"Effect": "Allow", **elements}]}


def deny(**elements: Any) -> dict[str, Any]:
    """Return a document of one statement that denies."""
    return {"Statement": {"Effect": "Deny", **elements}}


READ = Request(action="ssm:GetParameter", resource=PARAMETER)
CASES = [
    ([allow(Action="ssm:GetParameter", Resource=PARAMETER)], "Allow"),
    ([allow(Action="ssm:Get*", Resource="*")], "Allow"),
    ([allow(Action="SSM:getparameter", Resource=PARAMETER)], "Allow"),
    ([allow(Action=["s3:*", "ssm:*"], Resource=["arn:aws:s3:::x", PARAMETER])], "Allow"),
    ([allow(Action="ssm:GetParameter", Resource=PARAMETER.replace("key", "KEY"))], ""),
    ([allow(Action="ssm:GetParameter", Resource=PARAMETER[:-1])], ""),
    ([allow(Action="ssm:GetParameter", Resource=PARAMETER.replace("app", "a.p"))], ""),
    ([allow(Action="ssm:GetParameter", Resource=f"{PARAMETER[:-1]}?")], "Allow"),
    ([allow(NotAction="s3:*", Resource="*")], "Allow"),
    ([allow(NotAction="ssm:*", Resource="*")], ""),
    ([allow(Action="*", NotResource="arn:aws:s3:::*")], "Allow"),
    ([allow(Action="*", NotResource=PARAMETER)], ""),
    ([allow(Action="*", Resource="*"), deny(Action="*", Resource=PARAMETER)], "Deny"),
    ([deny(Action="s3:*", Resource="*"), allow(Action="*", Resource="*")], "Allow"),
    ([], ""),
]


@pytest.mark.parametrize(("documents", "decision"), CASES)
def test_policies_are_evaluated_as_the_iam_user_guide_says(documents, decision):
    """Actions ignore case, resources do not, wildcards are literal but for * and ?, Deny wins."""
    assert evaluate(documents, READ) == decision


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "documents", "decision"),
    [(number, *case) for number, case in enumerate(CASES) if case[0]],
)
def test_the_api_decides_as_the_evaluator_does(
    emulator: EmulatorProcess, number: int, documents: list[Any], decision: str
):
    """The same documents on a real user give the same answer over HTTP."""
    admin = emulator.client("ssm")
    admin.put_parameter(Name="/app/key", Value="v", Type="String", Overwrite=True)
    listed = [document["Statement"] for document in documents]
    rows = [row for rows in listed for row in (rows if isinstance(rows, list) else [rows])]
    client = emulator.client("ssm", **user(emulator, f"agrees-{number}", *rows))
    try:
        client.get_parameter(Name="/app/key")
        answered = True
    except ClientError as error:
        assert error.response["Error"]["Code"].startswith("AccessDenied")
        answered = False
    assert answered == (evaluate(documents, READ) == "Allow") == (decision == "Allow")


TRUST = Request(action="sts:AssumeRole", principal=Principal("Service", "ecs-tasks.amazonaws.com"))


@pytest.mark.parametrize(
    ("principal", "asks", "trusted"),
    [
        ({"Service": "ecs-tasks.amazonaws.com"}, TRUST.principal, True),
        ({"Service": ["x", "ecs-tasks.amazonaws.com"]}, TRUST.principal, True),
        ({"Service": "scheduler.amazonaws.com"}, TRUST.principal, False),
        ({"AWS": "*"}, TRUST.principal, False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, Principal("AWS", SESSION), True),
        ({"AWS": "123456789012"}, Principal("AWS", SESSION), True),
        ({"AWS": "arn:aws:iam::123456789012:role/Deployer"}, Principal("AWS", SESSION), True),
        ({"AWS": "arn:aws:iam::123456789012:role/Other"}, Principal("AWS", SESSION), False),
        ({"AWS": "arn:aws:iam::999999999999:root"}, Principal("AWS", SESSION), False),
        ({"AWS": "arn:aws:iam::123456789012:user/a"}, None, False),
        ("*", None, True),
    ],
)
def test_a_role_is_assumed_only_by_those_it_trusts(principal, asks, trusted):
    """Services by name, users and sessions by ARN, role or account."""
    document = allow(Action="sts:AssumeRole", Principal=principal)
    decision = evaluate([document], Request(action="sts:AssumeRole", principal=asks))
    assert (decision == "Allow") == trusted


@pytest.mark.parametrize(
    ("condition", "allows", "denies"),
    [
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True, True),
        ({"StringEquals": {"aws:sourceaccount": ["1", "123456789012"]}}, True, True),
        ({"StringEquals": {"aws:SourceAccount": "999999999999"}}, False, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:123456789012:*"}}, True, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, True, False),
    ],
)
def test_unknown_condition_keys_let_an_allow_pass_and_a_deny_not_apply(condition, allows, denies):
    """A known key is compared; one that the emulator does not know never denies."""
    request = Request(action="s3:GetObject", context={"aws:SourceAccount": "123456789012"})
    statement = {"Action": "s3:*", "Resource": "*", "Condition": condition}
    assert (evaluate([allow(**statement)], request) == "Allow") == allows
    assert (evaluate([deny(**statement)], request) == "Deny") == denies


def test_a_pattern_is_literal_but_for_its_wildcards():
    """A dot or a bracket in a policy is itself."""
    assert matches("arn:aws:s3:::a.b/*", "arn:aws:s3:::a.b/c/d")
    assert not matches("arn:aws:s3:::a.b/*", "arn:aws:s3:::axb/c")
    assert not matches("[ab]", "a")
