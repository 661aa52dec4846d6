"""Which CloudFormation type each generated Terraform type is, and the names that differ.

``tests/schemas`` fails for a type that has no row, and for an argument that has neither a property
of a like name nor a row here.
"""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field

# An argument that CloudFormation has no property for: Terraform's own, or written another way.
NOWHERE = ""
# A block whose arguments stand one level higher in CloudFormation.
INLINE = "."


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """One Terraform type: its CloudFormation type, and where arguments go that no rule places.

    ``names``: argument (dotted) to property (dotted): from the top, or after a dot from where the
    argument stands. ``under``: the property that the whole of it belongs to. ``extensions``: files
    of cfn-lint's extensions, each with the property it is about (empty: the resource).
    ``prefixes``: properties of which a version's first parts are enough.
    """

    type: str
    names: ReadOnly[str, str] = field(default_factory=dict)
    under: str = ""
    extensions: tuple[tuple[str, str], ...] = ()
    prefixes: frozenset[str] = frozenset()


def _of(
    type_: str,
    /,
    names: ReadOnly[str, str] | None = None,
    *,
    under: str = "",
    extensions: tuple[tuple[str, str], ...] = (),
    prefixes: tuple[str, ...] = (),
) -> Mapping:
    return Mapping(
        type=f"AWS::{type_}",
        names=names or {},
        under=under,
        extensions=extensions,
        prefixes=frozenset(prefixes),
    )


def _bucket(under: str, names: ReadOnly[str, str] | None = None) -> Mapping:
    """Return a part of a bucket that Terraform has as a resource of its own."""
    return _of("S3::Bucket", {"bucket": "BucketName", **(names or {})}, under=under)


def _rule(type_: str, other: str) -> Mapping:
    """Return a rule of a security group; ``other`` begins the names of who is at the other end."""
    names = {
        "cidr_ipv4": "CidrIp",
        "prefix_list_id": f"{other}PrefixListId",
        "referenced_security_group_id": f"{other}SecurityGroupId",
        "security_group_id": "GroupId",
    }
    files = ("include", "exclude")
    about = tuple(("", f"aws_ec2_securitygroup/protocols_and_port_ranges_{f}") for f in files)
    return _of(type_, names, extensions=about)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


_HEALTH = {
    "path": "HealthCheckPath",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
    "matcher": "Matcher.HttpCode",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
}
_NOTICES = ("comparison_operator", "notification_type", "threshold", "threshold_type")
_ATTRIBUTES = (
    "access_logs", "desync_mitigation_mode", "drop_invalid_header_fields",
    "enable_deletion_protection", "idle_timeout", "internal", "enable_http2",
    "preserve_host_header", "xff_header_processing_mode",
)  # fmt: skip

MAPPINGS: dict[str, Mapping] = {
    "aws_acm_certificate": _of("CertificateManager::Certificate"),
    "aws_appautoscaling_policy": _of(
        "ApplicationAutoScaling::ScalingPolicy", {"name": "PolicyName"}
    ),
    "aws_appautoscaling_scheduled_action": _of(
        "ApplicationAutoScaling::ScalableTarget",
        {
            "name": "ScheduledActions.ScheduledActionName",
            "schedule": "ScheduledActions.Schedule",
            "timezone": "ScheduledActions.Timezone",
            "scalable_target_action": "ScheduledActions.ScalableTargetAction",
        },
    ),
    "aws_appautoscaling_target": _of("ApplicationAutoScaling::ScalableTarget"),
    "aws_bedrock_guardrail": _of("Bedrock::Guardrail"),
    "aws_bedrock_guardrail_version": _of(
        "Bedrock::GuardrailVersion",
        {"guardrail_arn": "GuardrailIdentifier", "skip_destroy": NOWHERE},
    ),
    "aws_bedrockagent_agent": _of(
        "Bedrock::Agent",
        {
            "idle_session_ttl_in_seconds": "IdleSessionTTLInSeconds",
            "prepare_agent": "AutoPrepare",
            "skip_resource_in_use_check": "SkipResourceInUseCheckOnDelete",
        },
    ),
    "aws_bedrockagent_agent_alias": _of("Bedrock::AgentAlias"),
    "aws_bedrockagent_data_source": _of("Bedrock::DataSource"),
    "aws_bedrockagent_knowledge_base": _of("Bedrock::KnowledgeBase"),
    "aws_budgets_budget": _of(
        "Budgets::Budget",
        {
            "name": "Budget.BudgetName",
            "limit_amount": "Budget.BudgetLimit.Amount",
            "limit_unit": "Budget.BudgetLimit.Unit",
            "cost_filter": NOWHERE,
            "notification": "NotificationsWithSubscribers",
            **{f"notification.{n}": f".Notification.{_camel(n)}" for n in _NOTICES},
            "notification.subscriber_email_addresses": NOWHERE,
            "notification.subscriber_sns_topic_arns": NOWHERE,
        },
        under="Budget",
    ),
    "aws_chatbot_slack_channel_configuration": _of(
        "Chatbot::SlackChannelConfiguration",
        {"guardrail_policy_arns": "GuardrailPolicies", "slack_team_id": "SlackWorkspaceId"},
    ),
    "aws_cloudfront_distribution": _of(
        "CloudFront::Distribution",
        {
            "is_ipv6_enabled": "DistributionConfig.IPV6Enabled",
            "ordered_cache_behavior": "DistributionConfig.CacheBehaviors",
            "origin.origin_id": ".Id",
        },
        under="DistributionConfig",
    ),
    "aws_cloudfront_function": _of(
        "CloudFront::Function",
        {
            "code": "FunctionCode",
            "comment": "FunctionConfig.Comment",
            "publish": "AutoPublish",
            "runtime": "FunctionConfig.Runtime",
        },
    ),
    "aws_cloudfront_origin_access_control": _of(
        "CloudFront::OriginAccessControl", under="OriginAccessControlConfig"
    ),
    "aws_cloudfront_response_headers_policy": _of(
        "CloudFront::ResponseHeadersPolicy", under="ResponseHeadersPolicyConfig"
    ),
    "aws_cloudfront_vpc_origin": _of("CloudFront::VpcOrigin"),
    "aws_cloudwatch_dashboard": _of("CloudWatch::Dashboard"),
    "aws_cloudwatch_log_group": _of("Logs::LogGroup", {"name": "LogGroupName"}),
    "aws_cloudwatch_metric_alarm": _of(
        "CloudWatch::Alarm", extensions=(("", "aws_cloudwatch_alarm/period"),)
    ),
    "aws_cognito_user_pool": _of(
        "Cognito::UserPool",
        {
            "name": "UserPoolName",
            "password_policy": "Policies.PasswordPolicy",
            "software_token_mfa_configuration": NOWHERE,
        },
    ),
    "aws_cognito_user_pool_client": _of("Cognito::UserPoolClient"),
    "aws_cognito_user_pool_domain": _of("Cognito::UserPoolDomain"),
    "aws_db_instance": _of(
        "RDS::DBInstance",
        {
            "backup_window": "PreferredBackupWindow",
            "maintenance_window": "PreferredMaintenanceWindow",
            "ca_cert_identifier": "CACertificateIdentifier",
            "enabled_cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
            "final_snapshot_identifier": NOWHERE,
            "iam_database_authentication_enabled": "EnableIAMDatabaseAuthentication",
            "identifier": "DBInstanceIdentifier",
            "instance_class": "DBInstanceClass",
            "parameter_group_name": "DBParameterGroupName",
            "password_wo": NOWHERE,
            "password_wo_version": NOWHERE,
            "performance_insights_enabled": "EnablePerformanceInsights",
            "skip_final_snapshot": NOWHERE,
            "username": "MasterUsername",
            "vpc_security_group_ids": "VPCSecurityGroups",
        },
        extensions=(
            ("", "aws_rds_dbinstance/dbinstanceclass_enum"),
            ("", "aws_rds_dbinstance/engine_version"),
            ("", "aws_rds_dbinstance/backupretentionperiod_maximum"),
        ),
        prefixes=("EngineVersion",),
    ),
    "aws_db_parameter_group": _of("RDS::DBParameterGroup", {"name": "DBParameterGroupName"}),
    "aws_db_subnet_group": _of("RDS::DBSubnetGroup", {"name": "DBSubnetGroupName"}),
    "aws_dynamodb_table": _of(
        "DynamoDB::Table",
        {
            "name": "TableName",
            "attribute": "AttributeDefinitions",
            "attribute.name": ".AttributeName",
            "attribute.type": ".AttributeType",
            "hash_key": NOWHERE,
            "range_key": NOWHERE,
            "global_secondary_index.name": ".IndexName",
            "global_secondary_index.hash_key": NOWHERE,
            "global_secondary_index.range_key": NOWHERE,
            "global_secondary_index.projection_type": ".Projection.ProjectionType",
            "point_in_time_recovery.enabled": ".PointInTimeRecoveryEnabled",
            "ttl": "TimeToLiveSpecification",
        },
    ),
    "aws_ecr_lifecycle_policy": _of(
        "ECR::Repository",
        {"policy": "LifecyclePolicy.LifecyclePolicyText", "repository": "RepositoryName"},
    ),
    "aws_ecr_repository": _of(
        "ECR::Repository", {"name": "RepositoryName", "force_delete": "EmptyOnDelete"}
    ),
    "aws_ecs_cluster": _of("ECS::Cluster", {"name": "ClusterName", "setting": "ClusterSettings"}),
    "aws_ecs_cluster_capacity_providers": _of(
        "ECS::ClusterCapacityProviderAssociations", {"cluster_name": "Cluster"}
    ),
    "aws_ecs_service": _of(
        "ECS::Service",
        {
            "name": "ServiceName",
            "deployment_circuit_breaker": "DeploymentConfiguration.DeploymentCircuitBreaker",
            "deployment_maximum_percent": "DeploymentConfiguration.MaximumPercent",
            "deployment_minimum_healthy_percent": "DeploymentConfiguration.MinimumHealthyPercent",
            "network_configuration": "NetworkConfiguration.AwsvpcConfiguration",
            "network_configuration.assign_public_ip": NOWHERE,  # true there, ENABLED here
            "wait_for_steady_state": NOWHERE,
        },
    ),
    "aws_ecs_task_definition": _of(
        "ECS::TaskDefinition",
        {"skip_destroy": NOWHERE},
        extensions=(
            ("", "aws_ecs_taskdefinition/fargate_cpu_memory"),
            ("", "aws_ecs_taskdefinition/fargate_properties"),
        ),
    ),
    "aws_eip": _of("EC2::EIP"),
    "aws_elasticache_replication_group": _of(
        "ElastiCache::ReplicationGroup",
        {
            "apply_immediately": NOWHERE,
            "description": "ReplicationGroupDescription",
            "final_snapshot_identifier": NOWHERE,
            "node_type": "CacheNodeType",
            "subnet_group_name": "CacheSubnetGroupName",
        },
        extensions=(
            ("CacheNodeType", "aws_elasticache_cachecluster/cachenodetype_enum"),
            ("", "aws_elasticache_cachecluster/engine_version"),
        ),
        prefixes=("EngineVersion",),
    ),
    "aws_elasticache_subnet_group": _of(
        "ElastiCache::SubnetGroup", {"name": "CacheSubnetGroupName"}
    ),
    "aws_flow_log": _of("EC2::FlowLog", {"vpc_id": "ResourceId"}),
    "aws_iam_role": _of(
        "IAM::Role", {"name": "RoleName", "assume_role_policy": "AssumeRolePolicyDocument"}
    ),
    "aws_iam_role_policy": _of(
        "IAM::RolePolicy",
        {"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"},
    ),
    "aws_internet_gateway": _of("EC2::InternetGateway", {"vpc_id": NOWHERE}),
    "aws_lb": _of(
        "ElasticLoadBalancingV2::LoadBalancer",
        {"load_balancer_type": "Type", **dict.fromkeys(_ATTRIBUTES, NOWHERE)},
    ),
    "aws_lb_listener": _of("ElasticLoadBalancingV2::Listener", {"certificate_arn": NOWHERE}),
    "aws_lb_listener_rule": _of("ElasticLoadBalancingV2::ListenerRule"),
    "aws_lb_target_group": _of(
        "ElasticLoadBalancingV2::TargetGroup",
        {
            "deregistration_delay": NOWHERE,
            "health_check": INLINE,
            **{f"health_check.{name}": f".{there}" for name, there in _HEALTH.items()},
            "stickiness": NOWHERE,
        },
    ),
    "aws_nat_gateway": _of("EC2::NatGateway"),
    "aws_route": _of("EC2::Route"),
    "aws_route53_health_check": _of(
        "Route53::HealthCheck",
        {"fqdn": "HealthCheckConfig.FullyQualifiedDomainName"},
        under="HealthCheckConfig",
    ),
    "aws_route53_record": _of(
        "Route53::RecordSet",
        {
            "alias": "AliasTarget",
            "alias.name": ".DNSName",
            "alias.zone_id": ".HostedZoneId",
            "allow_overwrite": NOWHERE,
            "records": "ResourceRecords",
            "zone_id": "HostedZoneId",
        },
    ),
    "aws_route53_zone": _of("Route53::HostedZone"),
    "aws_route_table": _of("EC2::RouteTable"),
    "aws_route_table_association": _of("EC2::SubnetRouteTableAssociation"),
    "aws_s3_bucket": _of("S3::Bucket", {"bucket": "BucketName", "force_destroy": NOWHERE}),
    "aws_s3_bucket_lifecycle_configuration": _bucket(
        "LifecycleConfiguration",
        {
            "rule.filter": NOWHERE,
            "rule.expiration": INLINE,
            "rule.expiration.days": ".ExpirationInDays",
            "rule.expiration.expired_object_delete_marker": ".ExpiredObjectDeleteMarker",
        },
    ),
    "aws_s3_bucket_ownership_controls": _bucket("OwnershipControls"),
    "aws_s3_bucket_policy": _of("S3::BucketPolicy", {"policy": "PolicyDocument"}),
    "aws_s3_bucket_public_access_block": _bucket("PublicAccessBlockConfiguration"),
    "aws_s3_bucket_server_side_encryption_configuration": _bucket(
        "BucketEncryption",
        {
            "rule": "BucketEncryption.ServerSideEncryptionConfiguration",
            "rule.apply_server_side_encryption_by_default": ".ServerSideEncryptionByDefault",
        },
    ),
    "aws_s3_bucket_versioning": _bucket(
        "VersioningConfiguration", {"versioning_configuration": INLINE}
    ),
    "aws_scheduler_schedule": _of(
        "Scheduler::Schedule",
        {
            "target.ecs_parameters.network_configuration": (
                ".NetworkConfiguration.AwsvpcConfiguration"
            ),
            "target.ecs_parameters.network_configuration.assign_public_ip": NOWHERE,
        },
    ),
    "aws_scheduler_schedule_group": _of("Scheduler::ScheduleGroup"),
    "aws_secretsmanager_secret": _of(
        "SecretsManager::Secret", {"recovery_window_in_days": NOWHERE}
    ),
    "aws_security_group": _of(
        "EC2::SecurityGroup", {"name": "GroupName", "description": "GroupDescription"}
    ),
    "aws_sns_topic": _of("SNS::Topic", {"name": "TopicName"}),
    "aws_sns_topic_policy": _of(
        "SNS::TopicInlinePolicy", {"arn": "TopicArn", "policy": "PolicyDocument"}
    ),
    "aws_sns_topic_subscription": _of("SNS::Subscription", {"endpoint_auto_confirms": NOWHERE}),
    "aws_sqs_queue": _of(
        "SQS::Queue",
        {
            "name": "QueueName",
            "message_retention_seconds": "MessageRetentionPeriod",
            "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
            "visibility_timeout_seconds": "VisibilityTimeout",
        },
        extensions=(("", "aws_sqs_queue/properties"),),
    ),
    "aws_sqs_queue_policy": _of(
        "SQS::QueueInlinePolicy", {"policy": "PolicyDocument", "queue_url": "Queue"}
    ),
    "aws_subnet": _of("EC2::Subnet"),
    "aws_vpc": _of("EC2::VPC"),
    "aws_vpc_endpoint": _of("EC2::VPCEndpoint"),
    "aws_vpc_security_group_egress_rule": _rule("EC2::SecurityGroupEgress", "Destination"),
    "aws_vpc_security_group_ingress_rule": _rule("EC2::SecurityGroupIngress", "Source"),
    "aws_wafv2_web_acl": _of("WAFv2::WebACL"),
    "aws_wafv2_web_acl_association": _of("WAFv2::WebACLAssociation"),
}
# Types that are no resource of AWS: nothing of them is sent with a value of ours.
WITHOUT: dict[str, str] = {
    "aws_bedrockagent_agent_knowledge_base_association": "CloudFormation has it in the agent",
    "aws_acm_certificate_validation": "it waits for a certificate",
    "aws_default_security_group": "it takes the rules of the group that each VPC has",
}
