"""Creations with a token of the client: the second one creates nothing, as on AWS."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, code
from seatrial_emulator.api.replayed_calls import Answers


def distribution(reference: str, comment: str = "") -> dict[str, Any]:
    """Return the configuration of a distribution."""
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    origin = {"Id": "o", "DomainName": "a.example.com", "CustomOriginConfig": custom}
    behaviour = {
        "TargetOriginId": "o",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    return {
        "CallerReference": reference,
        "Comment": comment,
        "Enabled": False,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }


def test_a_distribution_is_created_once_for_its_caller_reference(emulator: EmulatorProcess):
    """The provider sends CreateDistribution again after an answer that was lost: the same one is
    returned, not 409. Other content under the same reference is 409."""
    cloudfront = emulator.client("cloudfront")
    first, second = (
        cloudfront.create_distribution(DistributionConfig=distribution("once"))["Distribution"][
            "Id"
        ]
        for _ in range(2)
    )
    assert first == second
    with pytest.raises(ClientError) as error:
        cloudfront.create_distribution(DistributionConfig=distribution("once", "other"))
    assert code(error) == "DistributionAlreadyExists"
    other = cloudfront.create_distribution(DistributionConfig=distribution("twice"))
    assert other["Distribution"]["Id"] != first


def test_a_certificate_and_a_secret_are_created_once_for_their_token(emulator: EmulatorProcess):
    """RequestCertificate by IdempotencyToken, CreateSecret by ClientRequestToken."""
    acm, secrets = emulator.client("acm"), emulator.client("secretsmanager")
    arns = {
        acm.request_certificate(DomainName="a.example.com", IdempotencyToken="t1")["CertificateArn"]
        for _ in range(2)
    }
    assert len(arns) == 1
    token = "0123456789abcdef0123456789abcdef"
    made = [
        secrets.create_secret(Name="tokens/a", SecretString="x", ClientRequestToken=token)["ARN"]
        for _ in range(2)
    ]
    assert made[0] == made[1]


def test_a_token_of_what_was_deleted_creates_anew(emulator: EmulatorProcess):
    """Nothing that is gone is answered with."""
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName="com.amazonaws.us-east-1.s3",
            VpcEndpointType="Gateway",
            ClientToken="e1",
        )["VpcEndpoint"]["VpcEndpointId"]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made[0]])
    again = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        ClientToken="e1",
    )["VpcEndpoint"]["VpcEndpointId"]
    assert again != made[0]


def test_a_creation_whose_client_was_gone_is_answered_to_the_next_one_like_it():
    """A client that gave up on a slow answer, and sends the same creation as a new call, gets the
    answer that it missed, once; one that has had its answer does not."""
    numbers = iter(range(9))

    def app(_: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [])
        return [str(next(numbers)).encode()]

    ours, theirs = socket.socketpair()
    found, connection = Answers(), {"werkzeug.socket": theirs}

    def ask() -> bytes:
        return found.of(app, connection, lambda *_: None, "", "iam CreateRole")[0]

    with ours, theirs:
        assert [ask(), ask()] == [b"0", b"1"]
        ours.close()
        assert [ask(), ask(), ask()] == [b"2", b"2", b"3"]
