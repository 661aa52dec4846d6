"""CloudFront's functions, policies and VPC origins: what is sent is what is read back."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, code
from seatrial_emulator.ecs import entrypoints

pytestmark = pytest.mark.slow
POLICY = "default-src 'self'; img-src \"x\" & <y>"


def headers_policy(name: str) -> dict[str, Any]:
    """Return a configuration whose text needs every entity of XML."""
    return {
        "Name": name,
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": POLICY},
            "ContentTypeOptions": {"Override": True},
            "StrictTransportSecurity": {"Override": True, "AccessControlMaxAgeSec": 31_536_000},
        },
    }


def test_a_response_headers_policy_is_read_back_as_it_was_sent(emulator: EmulatorProcess):
    """Quotes, angle brackets and ampersands of a policy survive; a second name is refused."""
    client = emulator.client("cloudfront")
    sent = headers_policy("policy")
    made = client.create_response_headers_policy(ResponseHeadersPolicyConfig=sent)
    identity = made["ResponseHeadersPolicy"]["Id"]
    found = client.get_response_headers_policy(Id=identity)["ResponseHeadersPolicy"]
    assert found["ResponseHeadersPolicyConfig"] == sent
    listed = client.list_response_headers_policies()["ResponseHeadersPolicyList"]
    assert [row["ResponseHeadersPolicy"]["Id"] for row in listed["Items"]] == [identity]
    with pytest.raises(ClientError) as raised:
        client.create_response_headers_policy(ResponseHeadersPolicyConfig=sent)
    assert code(raised) == "EntityAlreadyExists"
    client.delete_response_headers_policy(Id=identity, IfMatch="E1")
    assert not client.list_response_headers_policies()["ResponseHeadersPolicyList"]["Items"]


def test_a_function_is_published_and_its_code_read_back(emulator: EmulatorProcess):
    """A function has its code, its comment and, once published, the stage LIVE."""
    client, source = emulator.client("cloudfront"), b"function handler(e) { return e < 1 && e }"
    config = {"Comment": "a & b", "Runtime": "cloudfront-js-2.0"}
    client.create_function(Name="f", FunctionConfig=config, FunctionCode=source)
    summary = client.publish_function(Name="f", IfMatch="E1")["FunctionSummary"]
    assert summary["FunctionConfig"] == config
    assert summary["FunctionMetadata"]["Stage"] == "LIVE"
    assert client.get_function(Name="f")["FunctionCode"].read() == source
    assert [row["Name"] for row in client.list_functions()["FunctionList"]["Items"]] == ["f"]
    client.delete_function(Name="f", IfMatch="E1")
    with pytest.raises(ClientError) as raised:
        client.describe_function(Name="f")
    assert code(raised) == "NoSuchFunctionExists"


def test_a_vpc_origin_keeps_its_settings_and_tags(emulator: EmulatorProcess):
    """Settings, several protocols and tags are read back."""
    client = emulator.client("cloudfront")
    config = {
        "Name": "origin",
        "Arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/b",
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "https-only",
        "OriginSslProtocols": {"Quantity": 2, "Items": ["TLSv1.1", "TLSv1.2"]},
    }
    tags = {"Items": [{"Key": "app", "Value": "x"}, {"Key": "environment", "Value": "dev"}]}
    made = client.create_vpc_origin(VpcOriginEndpointConfig=config, Tags=tags)["VpcOrigin"]
    found = client.get_vpc_origin(Id=made["Id"])["VpcOrigin"]
    assert found["VpcOriginEndpointConfig"] == config
    assert client.list_tags_for_resource(Resource=made["Arn"])["Tags"] == tags
    rows = client.list_vpc_origins()["VpcOriginList"]["Items"]
    assert [row["Name"] for row in rows] == ["origin"]
    client.delete_vpc_origin(Id=made["Id"], IfMatch="E1")


def test_a_site_answers_with_the_headers_of_its_policy():
    """The policy's configuration, as CloudFront stores it, becomes headers without entities."""
    config = {
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {"ContentSecurityPolicy": POLICY},
            "FrameOptions": {"FrameOption": "DENY"},
            "ContentTypeOptions": {"Override": "true"},
            "StrictTransportSecurity": {"AccessControlMaxAgeSec": "60"},
        }
    }
    assert entrypoints.policy_headers(config) == {
        "content-security-policy": POLICY,
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=60; includeSubDomains",
    }
    assert entrypoints.policy_headers({}) == {}
