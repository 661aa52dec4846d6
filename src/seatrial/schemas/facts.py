"""What AWS allows and its CloudFormation schemas do not say: values by type and property.

Each row names its source; ``tests/schemas`` compares those of botocore's models with the models.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fact:
    """What one property may be; ``*`` in its path is each item of a list."""

    type: str
    path: str
    schema: dict[str, Any]
    source: str

    @property
    def rooted(self) -> dict[str, Any]:
        """Return the schema as one of the whole resource."""
        found = self.schema
        for part in reversed(self.path.split(".")):
            found = {"items": found} if part == "*" else {"properties": {part: found}}
        return found


def _enum(values: str) -> dict[str, Any]:
    """Return the schema of one of the words of a text."""
    return {"enum": values.split()}


_NOTICE = "NotificationsWithSubscribers.*.Notification"
_PORT = {"minimum": -1, "maximum": 65_535}
_PORTS = "EC2 API reference, AuthorizeSecurityGroupIngress, IpPermission"
_NETWORK = {"pattern": r"/(1[6-9]|2[0-8])$"}
_INSTANCE = "RDS API reference, CreateDBInstance"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = "([Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)"

FACTS = (
    Fact(
        "AWS::CertificateManager::Certificate",
        "ValidationMethod",
        _enum("EMAIL DNS HTTP"),
        "botocore acm.ValidationMethod",
    ),
    Fact(
        "AWS::Budgets::Budget",
        "Budget.TimeUnit",
        _enum("DAILY MONTHLY QUARTERLY ANNUALLY CUSTOM"),
        "botocore budgets.TimeUnit",
    ),
    Fact(
        "AWS::Budgets::Budget",
        "Budget.BudgetType",
        _enum(
            "USAGE COST RI_UTILIZATION RI_COVERAGE SAVINGS_PLANS_UTILIZATION SAVINGS_PLANS_COVERAGE"
        ),
        "botocore budgets.BudgetType",
    ),
    Fact(
        "AWS::Budgets::Budget",
        f"{_NOTICE}.ThresholdType",
        _enum("PERCENTAGE ABSOLUTE_VALUE"),
        "botocore budgets.ThresholdType",
    ),
    Fact(
        "AWS::Budgets::Budget",
        f"{_NOTICE}.NotificationType",
        _enum("ACTUAL FORECASTED"),
        "botocore budgets.NotificationType",
    ),
    Fact(
        "AWS::Budgets::Budget",
        f"{_NOTICE}.ComparisonOperator",
        _enum("GREATER_THAN LESS_THAN EQUAL_TO"),
        "botocore budgets.ComparisonOperator",
    ),
    Fact(
        "AWS::ECS::Cluster",
        "ClusterSettings.*.Name",
        _enum("containerInsights"),
        "botocore ecs.ClusterSettingName",
    ),
    Fact(
        "AWS::ECS::Cluster",
        "ClusterSettings.*.Value",
        _enum("enabled disabled enhanced"),
        "ECS API reference, ClusterSetting",
    ),
    Fact(
        "AWS::EC2::FlowLog",
        "MaxAggregationInterval",
        _enum("60 600"),
        "EC2 API reference, CreateFlowLogs",
    ),
    Fact(
        "AWS::EC2::Subnet",
        "CidrBlock",
        _NETWORK,
        'VPC user guide, "Subnet CIDR blocks"',
    ),
    Fact(
        "AWS::EC2::VPC",
        "CidrBlock",
        _NETWORK,
        'VPC user guide, "VPC CIDR blocks"',
    ),
    Fact("AWS::EC2::SecurityGroupEgress", "FromPort", _PORT, _PORTS),
    Fact("AWS::EC2::SecurityGroupEgress", "ToPort", _PORT, _PORTS),
    Fact("AWS::EC2::SecurityGroupIngress", "FromPort", _PORT, _PORTS),
    Fact("AWS::EC2::SecurityGroupIngress", "ToPort", _PORT, _PORTS),
    Fact(
        "AWS::ECS::Service",
        "SchedulingStrategy",
        _enum("REPLICA"),
        "ECS API reference, CreateService: Fargate has no DAEMON",
    ),
    Fact(
        "AWS::ECS::Service",
        "PlatformVersion",
        _enum("LATEST 1.4.0 1.3.0"),
        'ECS developer guide, "Fargate platform versions for Linux"',
    ),
    Fact(
        "AWS::ECS::TaskDefinition",
        "EphemeralStorage.SizeInGiB",
        {"minimum": 21, "maximum": 200},
        "ECS API reference, EphemeralStorage",
    ),
    Fact(
        "AWS::ElastiCache::ReplicationGroup",
        "ReplicationGroupId",
        {"pattern": r"^[a-zA-Z](-?[a-zA-Z0-9]){0,39}$"},
        "ElastiCache API reference, CreateReplicationGroup",
    ),
    Fact(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Name",
        {"pattern": r"^(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$"},
        "ELB API reference, CreateLoadBalancer",
    ),
    Fact(
        "AWS::RDS::DBInstance",
        "DBInstanceIdentifier",
        {"pattern": r"^[a-zA-Z](-?[a-zA-Z0-9]){0,62}$"},
        _INSTANCE,
    ),
    Fact("AWS::RDS::DBInstance", "StorageType", _enum("gp2 gp3 io1 io2 standard"), _INSTANCE),
    Fact("AWS::RDS::DBInstance", "MonitoringInterval", _enum("0 1 5 10 15 30 60"), _INSTANCE),
    Fact("AWS::RDS::DBInstance", "Port", {"minimum": 1150, "maximum": 65_535}, _INSTANCE),
    Fact(
        "AWS::RDS::DBInstance",
        "PreferredBackupWindow",
        {"pattern": f"^{_TIME}-{_TIME}$"},
        _INSTANCE,
    ),
    Fact(
        "AWS::RDS::DBInstance",
        "PreferredMaintenanceWindow",
        {"pattern": f"^{_DAY}:{_TIME}-{_DAY}:{_TIME}$"},
        _INSTANCE,
    ),
    Fact(
        "AWS::RDS::DBInstance",
        "CACertificateIdentifier",
        _enum("rds-ca-rsa2048-g1 rds-ca-rsa4096-g1 rds-ca-ecc384-g1"),
        'RDS user guide, "Using SSL/TLS to encrypt a connection to a DB instance"',
    ),
    Fact(
        "AWS::Route53::HealthCheck",
        "HealthCheckConfig.RequestInterval",
        _enum("10 30"),
        "Route 53 API reference, HealthCheckConfig",
    ),
    Fact(
        "AWS::Route53::RecordSet",
        "Type",
        _enum("SOA A TXT NS CNAME MX NAPTR PTR SRV SPF AAAA CAA DS TLSA SSHFP SVCB HTTPS"),
        "botocore route53.RRType",
    ),
    Fact(
        "AWS::SNS::Subscription",
        "Protocol",
        _enum("http https email email-json sms sqs application lambda firehose"),
        "SNS API reference, Subscribe",
    ),
)


def of(type_: str) -> list[dict[str, Any]]:
    """Return what a CloudFormation type's own schema lacks."""
    return [fact.rooted for fact in FACTS if fact.type == type_]


def _network(value: str) -> bool:
    try:
        ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        return False
    return "/" in value


def _form(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


# The formats that cfn-lint's schemas name; its rules E1150 to E1156 and S3's, EC2's and CloudWatch
# Logs' API references say what they are.
FORMATS: dict[str, Callable[[str], bool]] = {
    "ipv4-network": _network,
    "AWS::EC2::SecurityGroup.Id": _form(r"sg-([a-f0-9]{8}|[a-f0-9]{17})"),
    "AWS::EC2::SecurityGroup.Name": _form(r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}"),
    "AWS::EC2::Subnet.Id": _form(r"subnet-([a-f0-9]{8}|[a-f0-9]{17})"),
    "AWS::EC2::VPC.Id": _form(r"vpc-([a-f0-9]{8}|[a-f0-9]{17})"),
    "AWS::IAM::Role.Arn": _form(r"arn:aws[a-z-]*:iam::\d{12}:role/.+"),
    "AWS::Logs::LogGroup.Name": _form(r"[.\-_/#A-Za-z0-9]{1,512}"),
    "AWS::S3::Bucket.Name": _form(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    "AWS::SNS::Topic.Arn": _form(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:.+"),
}
