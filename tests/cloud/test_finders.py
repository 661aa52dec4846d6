"""After a killed Terraform, what AWS holds and no state knows is found: each type of resource by
its name and its tags, among AWS's answers in the shapes of botocore's models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from canned import answers, refused
from seatrial.cloud import existing
from seatrial.cloud.finders import (
    alarms,
    bedrock,
    bucket,
    cache,
    cluster,
    database,
    domain,
    edge,
    firewall,
    job,
    network,
    queue,
    secret,
    service,
    site,
    users,
)
from seatrial.cloud.session import Session
from seatrial.errors import UserError
from seatrial.resources.catalog import KINDS
from seatrial.target import Target

ACCOUNT, REGION = "123456789012", "us-east-1"
MINE = {"seatrial:app": "shop", "seatrial:environment": "live"}
OTHERS = {"seatrial:app": "shop", "seatrial:environment": "other"}
MODULES = (
    alarms, bedrock, bucket, cache, cluster, database, domain, edge, firewall, job, network, queue,
    secret, service, site, users,
)  # fmt: skip
Calls = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """What Terraform would create, what AWS answers, and the ID to import it by.

    ``tagged`` where its tags are in the answers. ``ended`` are answers once it was deleted: AWS
    lists it for a while.
    """

    type: str
    body: dict[str, Any]
    service: str
    calls: Calls
    id: str
    tagged: bool = False
    ended: Calls = field(default_factory=dict)


def listed(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Return tags as most services list them."""
    return [{key: k, value: v} for k, v in tags.items()]


def arn(service: str, name: str) -> str:
    """Return an ARN of the account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def ec2(kind: str, operation: str, rows: str, key: str) -> Row:
    """Return the row of what EC2 finds by its tag ``Name``: it filters by all tags itself."""
    found = {operation: {rows: [{key: "x-1", "State": "available"}]}}
    gone = {operation: {rows: [{key: "x-1", "State": "deleted"}]}}
    return Row(kind, {"tags": {"Name": "shop"}}, "ec2", found, "x-1", ended=gone)


def edge_rows(tags: Mapping[str, str]) -> list[Row]:
    """Return the rows of what stands between users and services."""
    elb, own = arn("elasticloadbalancing", "loadbalancer/app/x/1"), listed(tags)
    elb_tags = {"DescribeTags": {"TagDescriptions": [{"ResourceArn": elb, "Tags": own}]}}
    return [
        Row("aws_lb", {"name": "x"}, "elbv2",
            {"DescribeLoadBalancers": {"LoadBalancers": [{"LoadBalancerArn": elb}]}} | elb_tags,
            elb, tagged=True),
        Row("aws_lb_target_group", {"name": "x"}, "elbv2",
            {"DescribeTargetGroups": {"TargetGroups": [{"TargetGroupArn": elb}]}} | elb_tags,
            elb, tagged=True),
        Row("aws_lb_listener", {"load_balancer_arn": elb, "port": 443}, "elbv2",
            {"DescribeListeners": {"Listeners": [{"ListenerArn": "http", "Port": 80},
                                                 {"ListenerArn": "https", "Port": 443}]}},
            "https"),
        Row("aws_lb_listener_rule", {"listener_arn": elb, "priority": 7}, "elbv2",
            {"DescribeRules": {"Rules": [{"RuleArn": "a", "Priority": "70"},
                                         {"RuleArn": "b", "Priority": "7"}]}}, "b"),
        Row("aws_cloudfront_distribution", {"comment": "shop live"}, "cloudfront",
            {"ListDistributions": {"DistributionList": {"Items": [
                {"Id": "E0", "ARN": "a", "Comment": "another"},
                {"Id": "E1", "ARN": arn("cloudfront", "distribution/E1"), "Comment": "shop live"},
            ]}}, "ListTagsForResource": {"Tags": {"Items": own}}}, "E1", tagged=True),
        Row("aws_cloudfront_vpc_origin", {"vpc_origin_endpoint_config": [{"name": "x"}]},
            "cloudfront",
            {"ListVpcOrigins": {"VpcOriginList": {"Items": [{"Id": "vo_1", "Name": "x"}]}}},
            "vo_1"),
        Row("aws_cloudfront_function", {"name": "x"}, "cloudfront", {"DescribeFunction": {}}, "x"),
        Row("aws_cloudfront_origin_access_control", {"name": "x"}, "cloudfront",
            {"ListOriginAccessControls": {"OriginAccessControlList": {"Items": [
                {"Id": "O1", "Name": "x"}]}}}, "O1"),
        Row("aws_cloudfront_response_headers_policy", {"name": "x"}, "cloudfront",
            {"ListResponseHeadersPolicies": {"ResponseHeadersPolicyList": {"Items": [
                {"ResponseHeadersPolicy": {
                    "Id": "P1", "ResponseHeadersPolicyConfig": {"Name": "x"}}}]}}}, "P1"),
        Row("aws_wafv2_web_acl", {"name": "x", "scope": "CLOUDFRONT"}, "wafv2",
            {"ListWebACLs": {"WebACLs": [{"Id": "w", "Name": "x"}]}}, "w/x/CLOUDFRONT"),
        Row("aws_route53_zone", {"name": "example.com"}, "route53",
            {"ListHostedZonesByName": {"HostedZones": [{"Id": "/hostedzone/Z1",
                                                        "Name": "example.com."}]},
             "ListTagsForResource": {"ResourceTagSet": {"Tags": own}}}, "Z1", tagged=True),
        Row("aws_acm_certificate", {"domain_name": "example.com", "provider": "aws.global"}, "acm",
            {"ListCertificates": {"CertificateSummaryList": [
                {"DomainName": "other.com", "CertificateArn": "no"},
                {"DomainName": "example.com", "CertificateArn": arn("acm", "certificate/1")}]},
             "ListTagsForCertificate": {"Tags": own}}, arn("acm", "certificate/1"), tagged=True),
    ]  # fmt: skip


def data_rows(tags: Mapping[str, str]) -> list[Row]:
    """Return the rows of what holds data."""
    own = listed(tags)
    instance = {"DBInstanceIdentifier": "db", "DBInstanceStatus": "available", "TagList": own}
    group = {"ARN": arn("elasticache", "replicationgroup:c"), "Status": "available"}
    cache_tags = {"ListTagsForResource": {"TagList": own}}
    return [
        Row("aws_db_instance", {"identifier": "db"}, "rds",
            {"DescribeDBInstances": {"DBInstances": [instance]}}, "db", tagged=True,
            ended={"DescribeDBInstances": {
                "DBInstances": [instance | {"DBInstanceStatus": "deleting"}]}}),
        Row("aws_db_parameter_group", {"name": "p"}, "rds", {"DescribeDBParameterGroups": {}}, "p"),
        Row("aws_db_subnet_group", {"name": "s"}, "rds", {"DescribeDBSubnetGroups": {}}, "s"),
        Row("aws_elasticache_replication_group", {"replication_group_id": "c"}, "elasticache",
            {"DescribeReplicationGroups": {"ReplicationGroups": [group]}} | cache_tags, "c",
            tagged=True,
            ended={"DescribeReplicationGroups": {
                "ReplicationGroups": [group | {"Status": "deleting"}]}} | cache_tags),
        Row("aws_elasticache_subnet_group", {"name": "s"}, "elasticache",
            {"DescribeCacheSubnetGroups": {}}, "s"),
        Row("aws_s3_bucket", {"bucket": "b"}, "s3", {"GetBucketTagging": {"TagSet": own}}, "b",
            tagged=True),
        Row("aws_sqs_queue", {"name": "q"}, "sqs",
            {"GetQueueUrl": {"QueueUrl": "https://sqs/1/q"},
             "ListQueueTags": {"Tags": dict(tags)}}, "https://sqs/1/q", tagged=True),
        Row("aws_secretsmanager_secret", {"name": "s"}, "secretsmanager",
            {"DescribeSecret": {"ARN": arn("secretsmanager", "secret:s"), "Tags": own}},
            arn("secretsmanager", "secret:s"), tagged=True,
            ended={"DescribeSecret": {"ARN": "x", "Tags": own, "DeletedDate": "2026-01-01"}}),
        Row("aws_cognito_user_pool", {"name": "u"}, "cognito-idp",
            {"ListUserPools": {"UserPools": [{"Id": "p0", "Name": "v"}, {"Id": "p1", "Name": "u"}]},
             "DescribeUserPool": {"UserPool": {"UserPoolTags": dict(tags)}}}, "p1", tagged=True),
        Row("aws_cognito_user_pool_client", {"user_pool_id": "us-east-1_p1", "name": "u"},
            "cognito-idp",
            {"ListUserPoolClients": {"UserPoolClients": [{"ClientId": "c", "ClientName": "u"}]}},
            "us-east-1_p1/c"),
        Row("aws_cognito_user_pool_domain", {"domain": "d"}, "cognito-idp",
            {"DescribeUserPoolDomain": {"DomainDescription": {"UserPoolId": "p1"}}}, "d",
            ended={"DescribeUserPoolDomain": {"DomainDescription": {}}}),
    ]  # fmt: skip


def task_rows(tags: Mapping[str, str]) -> list[Row]:
    """Return the rows of what runs, and what watches it."""
    own, lower = listed(tags), listed(tags, "key", "value")
    return [
        Row("aws_ecr_repository", {"name": "repo"}, "ecr",
            {"DescribeRepositories": {"repositories": [{"repositoryArn": arn("ecr", "repo")}]},
             "ListTagsForResource": {"tags": own}}, "repo", tagged=True),
        Row("aws_ecs_cluster", {"name": "c"}, "ecs",
            {"DescribeClusters": {"clusters": [{"status": "ACTIVE", "tags": lower}]}}, "c",
            tagged=True,
            ended={"DescribeClusters": {"clusters": [{"status": "INACTIVE", "tags": lower}]}}),
        Row("aws_ecs_service", {"cluster": arn("ecs", "cluster/c"), "name": "s"}, "ecs",
            {"DescribeServices": {"services": [{"status": "ACTIVE"}]}}, "c/s",
            ended={"DescribeServices": {"services": [{"status": "DRAINING"}]}}),
        Row("aws_cloudwatch_log_group", {"name": "/l"}, "logs",
            {"DescribeLogGroups": {"logGroups": [{"logGroupName": "/l"}]}}, "/l",
            ended={"DescribeLogGroups": {"logGroups": [{"logGroupName": "/longer"}]}}),
        Row("aws_iam_role", {"name": "r"}, "iam", {"GetRole": {"Role": {"Tags": own}}}, "r",
            tagged=True),
        Row("aws_bedrock_guardrail", {"name": "g"}, "bedrock",
            {"ListGuardrails": {"guardrails": [
                {"id": "g0", "name": "f", "arn": arn("bedrock", "guardrail/g0")},
                {"id": "g1", "name": "g", "arn": arn("bedrock", "guardrail/g1")}]},
             "ListTagsForResource": {"tags": lower}}, "g1,DRAFT", tagged=True),
        Row("aws_bedrockagent_agent", {"agent_name": "a"}, "bedrock-agent",
            {"ListAgents": {"agentSummaries": [
                {"agentId": "A0", "agentName": "b"}, {"agentId": "A1", "agentName": "a"}]}}, "A1"),
        Row("aws_bedrockagent_knowledge_base", {"name": "k"}, "bedrock-agent",
            {"ListKnowledgeBases": {"knowledgeBaseSummaries": [
                {"knowledgeBaseId": "K0", "name": "j"}, {"knowledgeBaseId": "K1", "name": "k"}]}},
            "K1"),
        Row("aws_bedrockagent_data_source", {"knowledge_base_id": "K" * 10, "name": "d"},
            "bedrock-agent",
            {"ListDataSources": {"dataSourceSummaries": [{"dataSourceId": "D1", "name": "d"}]}},
            f"D1,{'K' * 10}"),
        Row("aws_scheduler_schedule_group", {"name": "g"}, "scheduler", {"GetScheduleGroup": {}},
            "g"),
        Row("aws_scheduler_schedule", {"group_name": "g", "name": "j"}, "scheduler",
            {"GetSchedule": {}}, "g/j"),
        Row("aws_sns_topic", {"name": "t"}, "sns", {"ListTagsForResource": {"Tags": own}},
            arn("sns", "t"), tagged=True),
        Row("aws_cloudwatch_metric_alarm", {"alarm_name": "a"}, "cloudwatch",
            {"DescribeAlarms": {"MetricAlarms": [{"AlarmName": "a"}]}}, "a",
            ended={"DescribeAlarms": {"MetricAlarms": []}}),
        Row("aws_cloudwatch_dashboard", {"dashboard_name": "d"}, "cloudwatch",
            {"GetDashboard": {}}, "d"),
        Row("aws_budgets_budget", {"name": "b"}, "budgets", {"DescribeBudget": {}},
            f"{ACCOUNT}:b"),
    ]  # fmt: skip


def rule(egress: bool, **more: Any) -> dict[str, Any]:
    """Return a rule of a security group as EC2 lists it."""
    return {
        "SecurityGroupRuleId": "sgr-1", "IsEgress": egress, "IpProtocol": "tcp",
        "FromPort": 5432, "ToPort": 5432, **more,
    }  # fmt: skip


def network_rows() -> list[Row]:
    """Return the rows of the network."""
    wanted = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 5432, "to_port": 5432}
    group = {"referenced_security_group_id": "sg-2"}
    other, same = ({"ReferencedGroupInfo": {"GroupId": name}} for name in ("sg-3", "sg-2"))
    table = {"RouteTables": [{"Routes": [{"DestinationCidrBlock": "0.0.0.0/0"}],
                              "Associations": [{"SubnetId": "subnet-1"}]}]}  # fmt: skip
    nothing = {"RouteTables": [{"Routes": [], "Associations": []}]}
    return [
        ec2("aws_vpc", "DescribeVpcs", "Vpcs", "VpcId"),
        ec2("aws_internet_gateway", "DescribeInternetGateways", "InternetGateways",
            "InternetGatewayId"),
        ec2("aws_subnet", "DescribeSubnets", "Subnets", "SubnetId"),
        ec2("aws_route_table", "DescribeRouteTables", "RouteTables", "RouteTableId"),
        ec2("aws_eip", "DescribeAddresses", "Addresses", "AllocationId"),
        ec2("aws_nat_gateway", "DescribeNatGateways", "NatGateways", "NatGatewayId"),
        ec2("aws_vpc_endpoint", "DescribeVpcEndpoints", "VpcEndpoints", "VpcEndpointId"),
        Row("aws_route", {"route_table_id": "r", "destination_cidr_block": "0.0.0.0/0"}, "ec2",
            {"DescribeRouteTables": table}, "r_0.0.0.0/0", ended={"DescribeRouteTables": nothing}),
        Row("aws_route_table_association", {"route_table_id": "r", "subnet_id": "subnet-1"}, "ec2",
            {"DescribeRouteTables": table}, "subnet-1/r", ended={"DescribeRouteTables": nothing}),
        Row("aws_security_group", {"name": "g"}, "ec2",
            {"DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1"}]}}, "sg-1",
            ended={"DescribeSecurityGroups": {"SecurityGroups": []}}),
        Row("aws_vpc_security_group_ingress_rule", wanted | group, "ec2",
            {"DescribeSecurityGroupRules": {"SecurityGroupRules": [rule(False, **same)]}}, "sgr-1",
            ended={"DescribeSecurityGroupRules": {"SecurityGroupRules": [
                rule(True, **same), rule(False, **other), rule(False, CidrIpv4="0.0.0.0/0"),
                rule(False, **same) | {"ToPort": 5433}]}}),
        Row("aws_vpc_security_group_egress_rule", wanted | {"prefix_list_id": "pl-1"}, "ec2",
            {"DescribeSecurityGroupRules": {"SecurityGroupRules": [
                rule(True, PrefixListId="pl-1")]}}, "sgr-1",
            ended={"DescribeSecurityGroupRules": {"SecurityGroupRules": [rule(True)]}}),
    ]  # fmt: skip


def rows_by_tags() -> list[Row]:
    """Return a row of each type that a noun leaves to the Resource Groups Tagging API."""
    found = []
    for kind in KINDS:
        for name, tagged in kind.tagged.items():
            whole, other = f"arn:aws:x:{REGION}:{ACCOUNT}:x/one", f"arn:aws:x:{REGION}:1:x/not-one"
            page = {"ResourceTagMappingList": [{"ResourceARN": a} for a in (other, whole)]}
            body, wanted = {tagged.by: "one"}, whole if tagged.whole else "one"
            calls = {"GetResources": page}
            found.append(Row(name, body, "resourcegroupstaggingapi", calls, wanted))
    return found


def rows(tags: Mapping[str, str] = MINE) -> list[Row]:
    """Return a row of each type that can be found, tagged so."""
    return [*edge_rows(tags), *data_rows(tags), *task_rows(tags), *network_rows(), *rows_by_tags()]


def found(row: Row, calls: Calls, body: Mapping[str, Any] | None = None) -> str | None:
    """Look for a row's resource where AWS answers so."""
    session = Session(Target("live", ACCOUNT, REGION, Path("nowhere")), 1)
    answers(session, row.service, **calls)
    return existing.find(session, row.type, row.body if body is None else body, MINE)


by_type = pytest.mark.parametrize("row", rows(), ids=lambda row: row.type)


@by_type
def test_what_exists_is_found_with_the_id_that_terraform_imports(row: Row):
    """By name, among others of its kind; where a reference of it is unknown, it is not there."""
    assert found(row, row.calls) == row.id
    if row.service != "ec2" or "tags" not in row.body:
        assert found(row, row.calls, dict.fromkeys(row.body)) is None


@by_type
def test_what_does_not_exist_is_none_and_a_refusal_is_an_error(row: Row):
    """AWS's words for what it lacks are no error; where it refuses to look, nothing is known."""
    for word in ("ResourceNotFoundException", "NoSuchEntity"):
        assert found(row, dict.fromkeys(row.calls, refused(word))) is None
    if row.ended:
        assert found(row, row.ended) is None
    with pytest.raises(UserError, match="to look for what an interrupted run made"):
        found(row, dict.fromkeys(row.calls, refused("AccessDenied")))


@pytest.mark.parametrize("row", [r for r in rows(OTHERS) if r.tagged], ids=lambda row: row.type)
def test_another_environments_resource_is_not_taken(row: Row):
    """Its name is the same, its tags are not."""
    assert found(row, row.calls) is None


def test_every_finder_has_a_row():
    """A type that can be found is looked for here."""
    assert {row.type for row in rows()} == set(existing.FINDERS)
    assert {kind for module in MODULES for kind in module.FINDERS} <= set(existing.FINDERS)
