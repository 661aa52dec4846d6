"""Every kind of thing that an environment consists of, and how AWS is asked for it."""

from __future__ import annotations

from seatrial.cloud import bedrock, owners
from seatrial.cloud.listing import EVERYWHERE, Listing, described, named, named_globally, tagged

_CERTIFICATE, _GLOBAL_CERTIFICATE = (
    described("acm", "list_tags_for_certificate", "Tags", region, CertificateArn="CertificateArn")
    for region in ("", EVERYWHERE)
)
_WAF_TAGS = "TagInfoForResource.TagList"
_WEB_ACL, _GLOBAL_WEB_ACL = (
    described(
        "wafv2", "list_tags_for_resource", "TagInfoForResource.TagList", region, ResourceARN="ARN"
    )
    for region in ("", EVERYWHERE)
)
_DISTRIBUTION = described(
    "cloudfront", "list_tags_for_resource", "Tags.Items", EVERYWHERE, Resource="ARN"
)

LISTINGS = (
    Listing(
        "NAT gateway",
        "ec2",
        "describe_nat_gateways",
        "NatGateways[]",
        "NatGatewayId",
        owner=tagged("Tags"),
        gone=("State", ("deleted", "deleting")),
    ),
    Listing(
        "public address",
        "ec2",
        "describe_addresses",
        "Addresses[]",
        "AllocationId",
        owner=tagged("Tags"),
    ),
    Listing(
        "VPC endpoint",
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints[]",
        "VpcEndpointId",
        owner=tagged("Tags"),
        gone=("State", ("deleted", "deleting")),
    ),
    Listing("VPC", "ec2", "describe_vpcs", "Vpcs[]", "VpcId", owner=tagged("Tags")),
    Listing("subnet", "ec2", "describe_subnets", "Subnets[]", "SubnetId", owner=tagged("Tags")),
    Listing(
        "route table",
        "ec2",
        "describe_route_tables",
        "RouteTables[]",
        "RouteTableId",
        owner=tagged("Tags"),
    ),
    Listing(
        "internet gateway",
        "ec2",
        "describe_internet_gateways",
        "InternetGateways[]",
        "InternetGatewayId",
        owner=tagged("Tags"),
    ),
    Listing(
        "flow log", "ec2", "describe_flow_logs", "FlowLogs[]", "FlowLogId", owner=tagged("Tags")
    ),
    Listing(
        "security group",
        "ec2",
        "describe_security_groups",
        "SecurityGroups[]",
        "GroupId",
        owner=tagged("Tags"),
    ),
    Listing(
        "load balancer",
        "elbv2",
        "describe_load_balancers",
        "LoadBalancers[]",
        "LoadBalancerArn",
        owner=owners.balancer,
    ),
    Listing(
        "target group",
        "elbv2",
        "describe_target_groups",
        "TargetGroups[]",
        "TargetGroupArn",
        owner=owners.balancer,
    ),
    Listing(
        "CloudFront distribution",
        "cloudfront",
        "list_distributions",
        "DistributionList.Items[]",
        "Id",
        owner=_DISTRIBUTION,
        region=EVERYWHERE,
    ),
    Listing(
        "VPC origin",
        "cloudfront",
        "list_vpc_origins",
        "VpcOriginList.Items[]",
        "Id",
        owner=named_globally("Name"),
        region=EVERYWHERE,
    ),
    Listing(
        "CloudFront function",
        "cloudfront",
        "list_functions",
        "FunctionList.Items[]",
        "Name",
        owner=named_globally("Name"),
        region=EVERYWHERE,
    ),
    Listing(
        "origin access control",
        "cloudfront",
        "list_origin_access_controls",
        "OriginAccessControlList.Items[]",
        "Name",
        owner=named_globally("Name"),
        region=EVERYWHERE,
    ),
    Listing(
        "response headers policy",
        "cloudfront",
        "list_response_headers_policies",
        "ResponseHeadersPolicyList.Items[].ResponseHeadersPolicy.ResponseHeadersPolicyConfig",
        "Name",
        owner=named_globally("Name"),
        parameters={"Type": "custom"},
        region=EVERYWHERE,
    ),
    Listing(
        "database",
        "rds",
        "describe_db_instances",
        "DBInstances[]",
        "DBInstanceIdentifier",
        owner=tagged("TagList"),
    ),
    Listing(
        "database subnet group",
        "rds",
        "describe_db_subnet_groups",
        "DBSubnetGroups[]",
        "DBSubnetGroupName",
        owner=described(
            "rds", "list_tags_for_resource", "TagList", ResourceName="DBSubnetGroupArn"
        ),
    ),
    Listing(
        "database parameter group",
        "rds",
        "describe_db_parameter_groups",
        "DBParameterGroups[]",
        "DBParameterGroupName",
        owner=described(
            "rds", "list_tags_for_resource", "TagList", ResourceName="DBParameterGroupArn"
        ),
    ),
    Listing(
        "automated backup",
        "rds",
        "describe_db_instance_automated_backups",
        "DBInstanceAutomatedBackups[?Status=='retained']",
        "DBInstanceIdentifier",
        owner=named("DBInstanceIdentifier"),
    ),
    Listing("cluster", "ecs", "list_clusters", "clusterArns[]", "arn", owner=owners.cluster),
    Listing(
        "task definition",
        "ecs",
        "list_task_definitions",
        "taskDefinitionArns[]",
        "arn",
        owner=owners.family,
        parameters={"status": "ACTIVE"},
    ),
    Listing(
        "scalable target",
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets[]",
        "ResourceId",
        owner=owners.service,
        parameters={"ServiceNamespace": "ecs"},
    ),
    Listing(
        "image repository",
        "ecr",
        "describe_repositories",
        "repositories[]",
        "repositoryName",
        owner=described("ecr", "list_tags_for_resource", "tags", resourceArn="repositoryArn"),
    ),
    Listing("bucket", "s3", "list_buckets", "Buckets[]", "Name", owner=owners.bucket),
    Listing(
        "secret", "secretsmanager", "list_secrets", "SecretList[]", "Name", owner=tagged("Tags")
    ),
    Listing(
        "log group",
        "logs",
        "describe_log_groups",
        "logGroups[]",
        "logGroupName",
        owner=owners.log_group,
    ),
    Listing(
        "cache",
        "elasticache",
        "describe_replication_groups",
        "ReplicationGroups[]",
        "ReplicationGroupId",
        owner=described("elasticache", "list_tags_for_resource", "TagList", ResourceName="ARN"),
        gone=("Status", ("deleting",)),
    ),
    Listing(
        "cache subnet group",
        "elasticache",
        "describe_cache_subnet_groups",
        "CacheSubnetGroups[]",
        "CacheSubnetGroupName",
        owner=named("CacheSubnetGroupName"),
    ),
    Listing(
        "queue",
        "sqs",
        "list_queues",
        "QueueUrls[]",
        "url",
        owner=described("sqs", "list_queue_tags", "Tags || `{}`", QueueUrl="url"),
    ),
    Listing(
        "topic",
        "sns",
        "list_topics",
        "Topics[]",
        "TopicArn",
        owner=described("sns", "list_tags_for_resource", "Tags", ResourceArn="TopicArn"),
    ),
    Listing("table", "dynamodb", "list_tables", "TableNames[]", "name", owner=named("name")),
    Listing(
        "user pool",
        "cognito-idp",
        "list_user_pools",
        "UserPools[]",
        "Id",
        owner=described(
            "cognito-idp", "describe_user_pool", "UserPool.UserPoolTags", UserPoolId="Id"
        ),
        parameters={"MaxResults": 60},
    ),
    Listing(
        "hosted zone",
        "route53",
        "list_hosted_zones",
        "HostedZones[]",
        "Id",
        owner=owners.route53("hostedzone"),
        region=EVERYWHERE,
    ),
    Listing(
        "health check",
        "route53",
        "list_health_checks",
        "HealthChecks[]",
        "Id",
        owner=owners.route53("healthcheck"),
        region=EVERYWHERE,
    ),
    Listing(
        "alarm",
        "cloudwatch",
        "describe_alarms",
        "MetricAlarms[]",
        "AlarmName",
        owner=described("cloudwatch", "list_tags_for_resource", "Tags", ResourceARN="AlarmArn"),
    ),
    Listing(
        "dashboard",
        "cloudwatch",
        "list_dashboards",
        "DashboardEntries[]",
        "DashboardName",
        owner=named_globally("DashboardName"),
    ),
    Listing(
        "budget",
        "budgets",
        "describe_budgets",
        "Budgets[]",
        "BudgetName",
        owner=named_globally("BudgetName"),
        parameters={"AccountId": lambda scope: scope.account},
        region=EVERYWHERE,
    ),
    Listing(
        "certificate",
        "acm",
        "list_certificates",
        "CertificateSummaryList[]",
        "CertificateArn",
        owner=_CERTIFICATE,
    ),
    Listing(
        "certificate",
        "acm",
        "list_certificates",
        "CertificateSummaryList[]",
        "CertificateArn",
        owner=_GLOBAL_CERTIFICATE,
        region=EVERYWHERE,
    ),
    Listing(
        "schedule group",
        "scheduler",
        "list_schedule_groups",
        "ScheduleGroups[]",
        "Name",
        owner=described("scheduler", "list_tags_for_resource", "Tags", ResourceArn="Arn"),
    ),
    *bedrock.LISTINGS,
    Listing("schedule", "scheduler", "list_schedules", "Schedules[]", "Name", owner=named("Name")),
    Listing(
        "web ACL",
        "wafv2",
        "list_web_acls",
        "WebACLs[]",
        "Name",
        owner=_WEB_ACL,
        parameters={"Scope": "REGIONAL"},
    ),
    Listing(
        "web ACL",
        "wafv2",
        "list_web_acls",
        "WebACLs[]",
        "Name",
        owner=_GLOBAL_WEB_ACL,
        parameters={"Scope": "CLOUDFRONT"},
        region=EVERYWHERE,
    ),
    Listing(
        "role",
        "iam",
        "list_roles",
        "Roles[]",
        "RoleName",
        owner=named_globally("RoleName"),
        region=EVERYWHERE,
    ),
)
SNAPSHOTS = (
    Listing(
        "database snapshot",
        "rds",
        "describe_db_snapshots",
        "DBSnapshots[?SnapshotType=='manual']",
        "DBSnapshotIdentifier",
        owner=tagged("TagList"),
    ),
    Listing(
        "cache snapshot",
        "elasticache",
        "describe_snapshots",
        "Snapshots[]",
        "SnapshotName",
        owner=described("elasticache", "list_tags_for_resource", "TagList", ResourceName="ARN"),
    ),
)
