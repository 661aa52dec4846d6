"""IAM tells grants apart: for every service that a grant can name, by action and by resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, user

PLACE = "us-east-1:123456789012"
Call = Callable[[Any, str], Any]


def _code(call: Callable[[], Any]) -> str:
    """Return the error code of a call, "" where it is answered."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture
def role(emulator: EmulatorProcess) -> Iterator[Callable[[list[str], list[str]], dict[str, str]]]:
    """Return a way to get keys that are allowed some actions on some resources."""
    iam, made = emulator.client("iam"), []

    def keys(actions: list[str], resources: list[str]) -> dict[str, str]:
        name = f"distinct-{len(made)}"
        made.append(name)
        return user(emulator, name, {"Effect": "Allow", "Action": actions, "Resource": resources})

    yield keys
    for name in made:
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=name, PolicyName="p")
        iam.delete_user(UserName=name)


def things(emulator: EmulatorProcess, service: str) -> tuple[str, str, str]:
    """Make two things of a service; return their names and the first one's ARN."""
    client = emulator.client(service)
    match service:
        case "secretsmanager":
            rows = [client.create_secret(Name=f"apart-{n}", SecretString="v") for n in "ab"]
            return "apart-a", "apart-b", rows[0]["ARN"]
        case "ssm":
            for name in ("/apart/a", "/apart/b"):
                client.put_parameter(Name=name, Value="v", Type="String", Overwrite=True)
            return "/apart/a", "/apart/b", f"arn:aws:ssm:{PLACE}:parameter/apart/a"
        case "kms":
            rows = [client.create_key()["KeyMetadata"] for _ in "ab"]
            return rows[0]["KeyId"], rows[1]["KeyId"], rows[0]["Arn"]
        case "sqs":
            urls = [client.create_queue(QueueName=f"apart-{n}")["QueueUrl"] for n in "ab"]
            return urls[0], urls[1], f"arn:aws:sqs:{PLACE}:apart-a"
        case "sns":
            rows = [client.create_topic(Name=f"apart-{n}")["TopicArn"] for n in "ab"]
            return rows[0], rows[1], rows[0]
        case "logs":
            for name in ("apart-a", "apart-b"):
                client.create_log_group(logGroupName=name)
            return "apart-a", "apart-b", f"arn:aws:logs:{PLACE}:log-group:apart-a:*"
        case "ecs":
            rows = [client.create_cluster(clusterName=f"apart-{n}")["cluster"] for n in "ab"]
            return "apart-a", "apart-b", rows[0]["clusterArn"]
        case _:
            pools = [client.create_user_pool(PoolName=f"apart-{n}")["UserPool"]["Id"] for n in "ab"]
            return pools[0], pools[1], f"arn:aws:cognito-idp:{PLACE}:userpool/{pools[0]}"


CALLS: list[tuple[str, str, Call]] = [
    (
        "secretsmanager",
        "secretsmanager:GetSecretValue",
        lambda c, name: c.get_secret_value(SecretId=name),
    ),
    ("ssm", "ssm:GetParameter", lambda c, name: c.get_parameter(Name=name)),
    ("kms", "kms:Encrypt", lambda c, name: c.encrypt(KeyId=name, Plaintext=b"x")),
    ("sqs", "sqs:SendMessage", lambda c, name: c.send_message(QueueUrl=name, MessageBody="x")),
    ("sns", "sns:Publish", lambda c, name: c.publish(TopicArn=name, Message="x")),
    (
        "logs",
        "logs:CreateLogStream",
        lambda c, name: c.create_log_stream(logGroupName=name, logStreamName="s"),
    ),
    ("ecs", "ecs:ListTasks", lambda c, name: c.list_tasks(cluster=name)),
    (
        "cognito-idp",
        "cognito-idp:DescribeUserPool",
        lambda c, name: c.describe_user_pool(UserPoolId=name),
    ),
]


@pytest.mark.parametrize(("service", "action", "call"), CALLS, ids=[row[0] for row in CALLS])
def test_a_grant_holds_for_its_resource_and_action_alone(
    emulator: EmulatorProcess, role, service, action, call
):
    """What is granted works; another thing of the kind, and another action, are refused."""
    mine, other, arn = things(emulator, service)
    stream = [f"{arn.removesuffix(':*')}:log-stream:*"] if service == "logs" else []
    granted = emulator.client(service, **role([action], [arn, *stream]))
    assert _code(lambda: call(granted, mine)) == ""
    refused = "AuthorizationError" if service == "sns" else "AccessDenied"
    assert _code(lambda: call(granted, other)).startswith((refused, "AccessDenied"))
    wrong = emulator.client(service, **role([f"{service}:Nothing"], ["*"]))
    assert _code(lambda: call(wrong, mine)).startswith((refused, "AccessDenied"))


def test_a_bedrock_grant_holds_for_its_model_alone(emulator: EmulatorProcess, role):
    """InvokeModel is checked against the model's ARN before anything else."""
    arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan"
    client = emulator.client("bedrock-runtime", **role(["bedrock:InvokeModel"], [arn]))

    def refused(model: str) -> str:
        with pytest.raises(ClientError) as caught:
            client.invoke_model(modelId=model, body=b"{}")
        return str(caught.value.response["Error"]["Message"])

    assert "is not authorized to perform: bedrock:InvokeModel" in refused("amazon.other")
    assert refused("amazon.titan").startswith(
        "You don't have access to the model"
    )  # no model stands behind it


def test_iam_says_beforehand_what_it_will_allow(emulator: EmulatorProcess):
    """SimulatePrincipalPolicy: allowed, denied, not spoken of; by resource, for users and roles."""
    iam = emulator.client("iam")
    one = "arn:aws:sqs:us-east-1:123456789012:one"
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sqs:*", "Resource": one},
            {"Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"},
        ],
    }
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            }
        ],
    }
    iam.create_user(UserName="foreseen")
    attached = iam.create_policy(PolicyName="foreseen", PolicyDocument=json.dumps(document))
    arn = attached["Policy"]["Arn"]
    iam.attach_user_policy(UserName="foreseen", PolicyArn=arn)
    iam.create_role(RoleName="foreseen", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="foreseen", PolicyName="p", PolicyDocument=json.dumps(document))
    actions = ["sqs:SendMessage", "sqs:DeleteQueue", "sns:Publish"]
    for kind in ("user", "role"):
        found = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::123456789012:{kind}/foreseen",
            ActionNames=actions,
            ResourceArns=[one],
            ContextEntries=[
                {
                    "ContextKeyName": "aws:RequestedRegion",
                    "ContextKeyValues": ["us-east-1"],
                    "ContextKeyType": "string",
                }
            ],
        )["EvaluationResults"]
        words = {row["EvalActionName"]: row["EvalDecision"] for row in found}
        assert words == dict(zip(actions, ["allowed", "explicitDeny", "implicitDeny"], strict=True))
    iam.detach_user_policy(UserName="foreseen", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_user(UserName="foreseen")
    iam.delete_role_policy(RoleName="foreseen", PolicyName="p")
    iam.delete_role(RoleName="foreseen")
