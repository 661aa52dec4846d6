"""The emulator refuses what AWS refuses, in AWS's words: real HTTP, clients that check nothing.

``refused.py`` holds the wrong inputs, one row each.
"""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, code
from refused import REFUSED, Wrong

pytestmark = pytest.mark.slow
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}'
)


def unchecked(emulator: EmulatorProcess, service: str, region: str = "us-east-1") -> Any:
    """Return a client that sends whatever it is given."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=emulator.endpoint,
        aws_access_key_id=emulator.access_key,
        aws_secret_access_key=emulator.secret_key,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


@pytest.mark.parametrize("wrong", REFUSED, ids=lambda wrong: wrong.name)
def test_what_aws_refuses_is_refused(emulator: EmulatorProcess, wrong: Wrong):
    """Each wrong input has AWS's own error code."""
    client = unchecked(emulator, wrong.service, wrong.region)
    for operation, fields in wrong.before:
        getattr(client, operation)(**fields)
    with pytest.raises(ClientError) as raised:
        getattr(client, wrong.operation)(**wrong.fields)
    assert code(raised) == wrong.code, raised.value


def test_the_words_are_awss(emulator: EmulatorProcess):
    """A refusal names the value, where it stands, and what the API wants."""
    with pytest.raises(ClientError) as raised:
        unchecked(emulator, "iam").create_role(RoleName="a b", AssumeRolePolicyDocument=TRUST)
    assert str(raised.value).endswith(
        "1 validation error detected: Value 'a b' at 'roleName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]+"
    )


def test_cloudfronts_prefix_list_counts_as_its_weight(emulator: EmulatorProcess):
    """It leaves room for five other rules of a security group's sixty."""
    ec2 = unchecked(emulator, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="full", Description="d", VpcId=vpc)["GroupId"]
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    [edge] = [r for r in lists if r["PrefixListName"].endswith("cloudfront.origin-facing")]
    tcp = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    of_edge = {**tcp, "PrefixListIds": [{"PrefixListId": edge["PrefixListId"]}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[of_edge])
    for port in range(1, 6):
        own = {**tcp, "FromPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[own])
    own = {**tcp, "FromPort": 7, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    with pytest.raises(ClientError) as raised:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[own])
    assert code(raised) == "RulesPerSecurityGroupLimitExceeded"


def test_aws_managed_policies_are_those_that_aws_has(emulator: EmulatorProcess):
    """A role takes AWS's own policies, and none that AWS does not have."""
    iam = unchecked(emulator, "iam")
    iam.create_role(RoleName="managed", AssumeRolePolicyDocument=TRUST)
    known = "arn:aws:iam::aws:policy/AmazonBedrockReadOnly"
    iam.attach_role_policy(RoleName="managed", PolicyArn=known)
    listed = iam.list_attached_role_policies(RoleName="managed")["AttachedPolicies"]
    assert [row["PolicyArn"] for row in listed] == [known]
    with pytest.raises(ClientError) as raised:
        iam.attach_role_policy(RoleName="managed", PolicyArn=known + "s")
    assert code(raised) == "NoSuchEntity"
