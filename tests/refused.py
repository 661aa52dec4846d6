"""Wrong inputs that AWS refuses: one row each, with the code of AWS's error."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

Calls = tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One call with one wrong value; ``before`` is called first, and is right."""

    name: str
    service: str
    operation: str
    fields: dict[str, Any]
    code: str
    region: str = "us-east-1"
    before: Calls = field(default=())


def _behaviour(**policies: str) -> dict[str, Any]:
    return {
        "TargetOriginId": "o",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        **policies,
    }


def _distribution(behaviour: dict[str, Any], **fields: Any) -> dict[str, Any]:
    origin = {
        "Id": "o",
        "DomainName": "example.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    return {
        "DistributionConfig": {
            "CallerReference": "r",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behaviour,
            **fields,
        }
    }


def _acl(group: str, **fields: Any) -> dict[str, Any]:
    seen = {
        "SampledRequestsEnabled": True,
        "CloudWatchMetricsEnabled": True,
        "MetricName": "m",
    }
    rule = {
        "Name": "r",
        "Priority": 0,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": seen,
    }
    return {
        "Name": "acl",
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": seen,
        "Rules": [rule],
        **fields,
    }


def _database(**fields: Any) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": "wrong",
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "EngineVersion": "17",
        "AllocatedStorage": 20,
        "MasterUsername": "app_owner",
        "MasterUserPassword": "x" * 20,
        **fields,
    }


def _task(**fields: Any) -> dict[str, Any]:
    return {
        "family": "wrong",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{"name": "app", "image": "a:b"}],
        **fields,
    }


def _cloudfront(name: str, code: str, behaviour: dict[str, Any], **fields: Any) -> Wrong:
    return Wrong(
        name=f"cloudfront-{name}",
        service="cloudfront",
        operation="create_distribution",
        fields=_distribution(behaviour, **fields),
        code=code,
    )


_GONE = "216adef6-2c7f-47e4-b989-5492eafa07d3"  # one group of digits is another than AllViewer's

CLOUDFRONT = (
    _cloudfront(
        "origin-policy",
        "NoSuchOriginRequestPolicy",
        _behaviour(OriginRequestPolicyId=_GONE),
    ),
    _cloudfront("cache-policy", "NoSuchCachePolicy", _behaviour(CachePolicyId=_GONE)),
    _cloudfront(
        "headers-policy",
        "NoSuchResponseHeadersPolicy",
        _behaviour(ResponseHeadersPolicyId=_GONE),
    ),
    _cloudfront("protocol", "MalformedXML", _behaviour(ViewerProtocolPolicy="https")),
    _cloudfront("price-class", "MalformedXML", _behaviour(), PriceClass="PriceClass_300"),
    _cloudfront("http-version", "MalformedXML", _behaviour(), HttpVersion="http4"),
    _cloudfront(
        "tls",
        "MalformedXML",
        _behaviour(),
        ViewerCertificate={"MinimumProtocolVersion": "TLSv1.9"},
    ),
)


def _one(service: str, name: str, operation: str, fields: dict[str, Any], code: str) -> Wrong:
    return Wrong(
        name=f"{service}-{name}", service=service, operation=operation, fields=fields, code=code
    )


_LISTENER = (
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/0123456789abcdef"
)
_ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}

MODELS = (
    _one("wafv2", "scope", "create_web_acl", _acl("AWSManagedRulesCommonRuleSet", Scope="GLOBAL"), "ValidationException"),
    _one("wafv2", "name", "create_web_acl", _acl("AWSManagedRulesCommonRuleSet", Name="my acl"), "ValidationException"),
    _one("wafv2", "group", "create_web_acl", _acl("AWSManagedRulesEverything"), "WAFInvalidParameterException"),
    _one("iam", "role-name", "create_role", {**_ROLE, "RoleName": "a b"}, "ValidationError"),
    _one("iam", "role-name-length", "create_role", {**_ROLE, "RoleName": "a" * 65}, "ValidationError"),
    _one("iam", "role-path", "create_role", {**_ROLE, "Path": "seatrial"}, "ValidationError"),
    _one("iam", "session", "create_role", {**_ROLE, "MaxSessionDuration": 600}, "ValidationError"),
    _one("ecs", "launch-type", "run_task", {"taskDefinition": "x", "launchType": "SERVERLESS"}, "InvalidParameterException"),
    _one("ecs", "network-mode", "register_task_definition", _task(networkMode="vpc"), "InvalidParameterException"),
    _one("ecs", "operating-system", "register_task_definition", _task(runtimePlatform={"operatingSystemFamily": "MACOS"}), "InvalidParameterException"),
    _one("ecs", "architecture", "register_task_definition", _task(runtimePlatform={"cpuArchitecture": "AMD64"}), "InvalidParameterException"),
    _one("ecs", "log-driver", "register_task_definition", _task(containerDefinitions=[{"name": "a", "image": "b", "logConfiguration": {"logDriver": "cloudwatch"}}]), "InvalidParameterException"),
    _one("logs", "group-name", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException"),
    _one("logs", "class", "create_log_group", {"logGroupName": "a", "logGroupClass": "CHEAP"}, "InvalidParameterException"),
    _one("cognito-idp", "pool-name", "create_user_pool", {"PoolName": ""}, "InvalidParameterException"),
    _one("cognito-idp", "mfa", "create_user_pool", {"PoolName": "p", "MfaConfiguration": "MAYBE"}, "InvalidParameterException"),
    _one("cognito-idp", "password-length", "create_user_pool", {"PoolName": "p", "Policies": {"PasswordPolicy": {"MinimumLength": 4}}}, "InvalidParameterException"),
    _one("cognito-idp", "flow", "create_user_pool_client", {"UserPoolId": "us-east-1_a", "ClientName": "c", "ExplicitAuthFlows": ["PASSWORD"]}, "InvalidParameterException"),
    _one("cognito-idp", "oauth", "create_user_pool_client", {"UserPoolId": "us-east-1_a", "ClientName": "c", "AllowedOAuthFlows": ["password"]}, "InvalidParameterException"),
    _one("scheduler", "flexible", "create_schedule", {"Name": "s", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "NONE"}, "Target": {"Arn": "a", "RoleArn": "b"}}, "ValidationException"),
    _one("scheduler", "name", "create_schedule", {"Name": "my schedule", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "a", "RoleArn": "arn:aws:iam::123456789012:role/r"}}, "ValidationException"),
    _one("elbv2", "target-type", "create_target_group", {"Name": "t", "TargetType": "fargate"}, "ValidationError"),
    _one("elbv2", "protocol", "create_target_group", {"Name": "t", "Protocol": "HTTP3"}, "ValidationError"),
    _one("elbv2", "port", "create_target_group", {"Name": "t", "Protocol": "HTTP", "Port": 70000}, "ValidationError"),
    _one("elbv2", "health-interval", "create_target_group", {"Name": "t", "Protocol": "HTTP", "Port": 80, "HealthCheckIntervalSeconds": 1}, "ValidationError"),
    _one("elbv2", "scheme", "create_load_balancer", {"Name": "b", "Scheme": "private"}, "ValidationError"),
    _one("elbv2", "tls-policy", "create_listener", {"LoadBalancerArn": _LISTENER, "Protocol": "HTTPS", "Port": 443, "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2022-06", "DefaultActions": [{"Type": "fixed-response"}]}, "SSLPolicyNotFound"),
    _one("elbv2", "action", "create_listener", {"LoadBalancerArn": _LISTENER, "Protocol": "HTTP", "Port": 80, "DefaultActions": [{"Type": "respond"}]}, "ValidationError"),
    _one("cloudwatch", "comparison", "put_metric_alarm", {"AlarmName": "a", "EvaluationPeriods": 1, "ComparisonOperator": "MoreThan"}, "ValidationError"),
    _one("cloudwatch", "periods", "put_metric_alarm", {"AlarmName": "a", "EvaluationPeriods": 0, "ComparisonOperator": "GreaterThanThreshold"}, "ValidationError"),
    _one("secretsmanager", "name", "create_secret", {"Name": ""}, "ValidationException"),
    _one("ecr", "name", "create_repository", {"repositoryName": "My Repo"}, "InvalidParameterException"),
    _one("ecr", "mutability", "create_repository", {"repositoryName": "repo", "imageTagMutability": "FIXED"}, "InvalidParameterException"),
    _one("application-autoscaling", "dimension", "register_scalable_target", {"ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:Tasks"}, "ValidationException"),
    _one("application-autoscaling", "policy-type", "put_scaling_policy", {"PolicyName": "p", "PolicyType": "Tracking", "ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount"}, "ValidationException"),
    _one("rds", "missing", "create_db_instance", {"DBInstanceIdentifier": "a", "Engine": "postgres"}, "MissingParameter"),
    _one("route53", "record-type", "change_resource_record_sets", {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": "a", "Type": "ALIAS"}}]}}, "InvalidInput"),
    _one("ec2", "missing", "create_subnet", {"CidrBlock": "10.0.0.0/24"}, "MissingParameter"),
    _one("ec2", "tenancy", "create_vpc", {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "shared"}, "InvalidParameterValue"),
    _one("budgets", "type", "create_budget", {"AccountId": "123456789012", "Budget": {"BudgetName": "b", "TimeUnit": "WEEKLY", "BudgetType": "COST"}}, "ValidationException"),
    _one("sns", "missing", "create_topic", {}, "InvalidParameter"),
)  # fmt: skip

_PARAMETER = {"ParameterName": "shared_buffers", "ParameterValue": "1", "ApplyMethod": "immediate"}
_GROUP = {
    "DBParameterGroupName": "static",
    "DBParameterGroupFamily": "postgres17",
    "Description": "d",
}

FACTS = (
    _one("rds", "class", "create_db_instance", _database(DBInstanceClass="db.t9.micro"), "InvalidParameterCombination"),
    replace(_one("rds", "class-of-region", "create_db_instance", _database(), "InvalidParameterCombination"), region="ca-west-1"),
    _one("rds", "version", "create_db_instance", _database(EngineVersion="17.99"), "InvalidParameterCombination"),
    _one("rds", "engine", "create_db_instance", _database(Engine="postgresql"), "InvalidParameterValue"),
    _one("rds", "database-name", "create_db_instance", _database(DBName="db"), "InvalidParameterValue"),
    _one("rds", "user", "create_db_instance", _database(MasterUsername="user"), "InvalidParameterValue"),
    _one("rds", "password-short", "create_db_instance", _database(MasterUserPassword="short"), "InvalidParameterValue"),
    _one("rds", "password-letters", "create_db_instance", _database(MasterUserPassword="with/a/slash"), "InvalidParameterValue"),
    _one("rds", "storage", "create_db_instance", _database(AllocatedStorage=5, StorageType="gp3"), "InvalidParameterCombination"),
    _one("rds", "backups", "create_db_instance", _database(BackupRetentionPeriod=40), "InvalidParameterValue"),
    _one("rds", "identifier", "create_db_instance", _database(DBInstanceIdentifier="1-database"), "InvalidParameterValue"),
    replace(_one("rds", "static-parameter", "modify_db_parameter_group", {"DBParameterGroupName": "static", "Parameters": [_PARAMETER]}, "InvalidParameterCombination"), before=(("create_db_parameter_group", _GROUP),)),
    replace(_one("rds", "protected", "delete_db_instance", {"DBInstanceIdentifier": "protected", "SkipFinalSnapshot": True}, "InvalidParameterCombination"), before=(("create_db_instance", _database(DBInstanceIdentifier="protected", DeletionProtection=True)),)),
    _one("rds", "past-support", "create_db_instance", _database(EngineVersion="13", EngineLifecycleSupport="open-source-rds-extended-support-disabled"), "InvalidParameterCombination"),
    replace(_one("rds", "major-version", "modify_db_instance", {"DBInstanceIdentifier": "old", "EngineVersion": "17"}, "InvalidParameterCombination"), before=(("create_db_instance", _database(DBInstanceIdentifier="old", EngineVersion="16")),)),
    replace(_one("rds", "lower-version", "modify_db_instance", {"DBInstanceIdentifier": "new", "EngineVersion": "16", "AllowMajorVersionUpgrade": True}, "InvalidParameterCombination"), before=(("create_db_instance", _database(DBInstanceIdentifier="new")),)),
    replace(_one("rds", "family", "modify_db_instance", {"DBInstanceIdentifier": "raised", "EngineVersion": "18", "AllowMajorVersionUpgrade": True, "DBParameterGroupName": "of-17"}, "InvalidParameterCombination"), before=(("create_db_parameter_group", {**_GROUP, "DBParameterGroupName": "of-17"}), ("create_db_instance", _database(DBInstanceIdentifier="raised", DBParameterGroupName="of-17")))),
    replace(_one("rds", "group-in-use", "delete_db_parameter_group", {"DBParameterGroupName": "used"}, "InvalidDBParameterGroupState"), before=(("create_db_parameter_group", {**_GROUP, "DBParameterGroupName": "used"}), ("create_db_instance", _database(DBInstanceIdentifier="user", DBParameterGroupName="used")))),
    _one("ecs", "weights", "create_service", {"serviceName": "s", "taskDefinition": "t", "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "base": 1, "weight": 0}, {"capacityProvider": "FARGATE_SPOT", "weight": 0}]}, "InvalidParameterException"),
    _one("ecs", "bases", "create_service", {"serviceName": "s", "taskDefinition": "t", "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "base": 1, "weight": 1}, {"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 1}]}, "InvalidParameterException"),
    _one("elasticache", "node", "create_replication_group", {"ReplicationGroupId": "c", "ReplicationGroupDescription": "d", "Engine": "valkey", "CacheNodeType": "cache.t9.micro"}, "InvalidParameterValue"),
    replace(_one("elasticache", "node-of-region", "create_replication_group", {"ReplicationGroupId": "c", "ReplicationGroupDescription": "d", "Engine": "valkey", "CacheNodeType": "cache.t4g.micro"}, "InvalidParameterValue"), region="me-central-1"),
    replace(_one("ec2", "zone", "create_subnet", {"VpcId": "vpc-0", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "ap-northeast-1b"}, "InvalidParameterValue"), region="ap-northeast-1"),
    _one("ec2", "description", "create_security_group", {"GroupName": "g", "Description": "caf\u00e9"}, "InvalidParameterValue"),
    replace(_one("secretsmanager", "scheduled", "create_secret", {"Name": "gone"}, "InvalidRequestException"), before=(("create_secret", {"Name": "gone"}), ("delete_secret", {"SecretId": "gone"}))),
    _one("ecs", "fargate-size", "register_task_definition", _task(cpu="256", memory="8192"), "ClientException"),
    _one("ecs", "fargate-cpu", "register_task_definition", _task(cpu="300"), "ClientException"),
    _one("ecs", "fargate-network", "register_task_definition", _task(networkMode="bridge"), "ClientException"),
    _one("elbv2", "name", "create_load_balancer", {"Name": "internal-main", "Subnets": ["subnet-1"]}, "ValidationError"),
    _one("elbv2", "name-length", "create_target_group", {"Name": "t" * 33, "Protocol": "HTTP", "Port": 80}, "ValidationError"),
    _one("logs", "retention", "put_retention_policy", {"logGroupName": "g", "retentionInDays": 42}, "InvalidParameterException"),
    _one("cognito-idp", "callback", "create_user_pool_client", {"UserPoolId": "us-east-1_a", "ClientName": "c", "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"], "CallbackURLs": ["http://example.com/done"]}, "InvalidParameterException"),
    _one("sqs", "visibility", "create_queue", {"QueueName": "q", "Attributes": {"VisibilityTimeout": "50000"}}, "InvalidAttributeValue"),
    _one("sqs", "name", "create_queue", {"QueueName": "a b"}, "InvalidParameterValue"),
    _one("scheduler", "expression", "create_schedule", {"Name": "s", "ScheduleExpression": "every day", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "a", "RoleArn": "arn:aws:iam::123456789012:role/r"}}, "ValidationException"),
)  # fmt: skip

REFUSED = (*CLOUDFRONT, *MODELS, *FACTS)
