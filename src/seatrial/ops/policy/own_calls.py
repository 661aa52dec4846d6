"""The IAM actions of Seatrial's own calls; a test compares them with the sources.

An action has its operation's name, but where IAM has another (``ACTIONS``).
"""

from __future__ import annotations

# Operations whose action has another name (Service Authorization Reference).
ACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("budgets", "DescribeBudget"): ("budgets:ViewBudget",),
    ("budgets", "DescribeBudgets"): ("budgets:ViewBudget",),
    ("s3", "CopyObject"): ("s3:GetObject", "s3:PutObject"),
    ("s3", "DeleteObjects"): ("s3:DeleteObject",),
    ("s3", "HeadBucket"): ("s3:ListBucket",),
    ("s3", "HeadObject"): ("s3:GetObject",),
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "ListObjectsV2"): ("s3:ListBucket",),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions",),
    ("s3", "PutBucketEncryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "PutPublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
}
# Services whose actions begin otherwise than boto3's name.
PREFIXES = {
    "bedrock-agent": "bedrock",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
}
# Calls that change nothing.
LOOKS = frozenset(
    {
        "acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate",
        "application-autoscaling:DescribeScalableTargets",
        "bedrock:GetFoundationModelAvailability", "bedrock:GetInferenceProfile",
        "bedrock:ListAgents", "bedrock:ListDataSources", "bedrock:ListGuardrails",
        "bedrock:ListIngestionJobs", "bedrock:ListKnowledgeBases", "bedrock:ListTagsForResource",
        "budgets:ViewBudget",
        "ce:GetCostAndUsage", "cloudfront:DescribeFunction", "cloudfront:GetDistribution",
        "cloudfront:ListDistributions",
        "cloudfront:ListFunctions", "cloudfront:ListOriginAccessControls",
        "cloudfront:ListResponseHeadersPolicies", "cloudfront:ListTagsForResource",
        "cloudfront:ListVpcOrigins", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListDashboards", "cloudwatch:ListTagsForResource",
        "cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:DescribeUserPoolDomain",
        "cognito-idp:ListUserPoolClients", "cognito-idp:ListUserPools", "dynamodb:ListTables",
        "ec2:DescribeAddresses", "ec2:DescribeAvailabilityZones", "ec2:DescribeFlowLogs",
        "ec2:DescribeInternetGateways", "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs", "ecr:BatchGetImage", "ecr:DescribeImages",
        "ecr:DescribeRepositories", "ecr:GetAuthorizationToken", "ecr:ListTagsForResource",
        "ecs:DescribeClusters", "ecs:DescribeServices", "ecs:DescribeTaskDefinition",
        "ecs:DescribeServiceDeployments", "ecs:DescribeTasks", "ecs:ListClusters",
        "ecs:ListServiceDeployments", "ecs:ListTaskDefinitions", "ecs:ListTasks",
        "elasticache:DescribeCacheSubnetGroups", "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeSnapshots", "elasticache:ListTagsForResource",
        "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
        "iam:GetRole", "iam:ListRoles", "iam:SimulatePrincipalPolicy", "logs:DescribeLogGroups",
        "logs:FilterLogEvents", "logs:GetLogEvents", "logs:ListTagsForResource",
        "pricing:GetProducts", "rds:DescribeDBInstanceAutomatedBackups",
        "rds:DescribeDBInstances", "rds:DescribeDBParameterGroups", "rds:DescribeDBSnapshots",
        "rds:DescribeDBSubnetGroups", "rds:DescribeEvents", "rds:ListTagsForResource",
        "route53:ListHealthChecks",
        "route53:ListHostedZones", "route53:ListHostedZonesByName",
        "route53:ListTagsForResource", "s3:GetBucketPolicy", "s3:GetBucketTagging",
        "s3:ListAllMyBuckets", "scheduler:GetSchedule", "scheduler:GetScheduleGroup",
        "scheduler:ListScheduleGroups", "scheduler:ListSchedules",
        "scheduler:ListTagsForResource", "secretsmanager:DescribeSecret",
        "secretsmanager:ListSecrets", "servicequotas:GetServiceQuota", "sns:ListTagsForResource",
        "sns:ListTopics", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
        "sqs:ListQueueTags", "sqs:ListQueues",
        "tag:GetResources", "wafv2:ListTagsForResource", "wafv2:ListWebACLs",
    }
)  # fmt: skip
# Calls that change something, or read what is secret.
OTHERS = frozenset(
    {
        "application-autoscaling:RegisterScalableTarget", "bedrock:StartIngestionJob",
        "cloudfront:CreateInvalidation",
        "ecs:DeregisterTaskDefinition", "ecs:RunTask", "ecs:StopServiceDeployment",
        "ecs:StopTask", "ecs:UpdateService", "ecs:TagResource", "iam:CreateRole",
        "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PassRole", "iam:PutRolePolicy",
        "rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DeleteDBInstance",
        "rds:ModifyDBInstance", "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:RestoreDBInstanceToPointInTime", "rds:StartDBInstance", "rds:StopDBInstance",
        "scheduler:CreateSchedule", "scheduler:CreateScheduleGroup",
        "scheduler:DeleteScheduleGroup", "scheduler:UpdateSchedule",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue", "secretsmanager:RestoreSecret",
        "secretsmanager:UpdateSecretVersionStage", "ssm:GetParameter",
    }
)  # fmt: skip
# What docker, podman and buildah need to push an image, and Seatrial its manifest (ECR user guide,
# "IAM permissions for pushing an image").
PUSHES = frozenset(
    {
        "ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
    }
)  # fmt: skip


def actions(service: str, operation: str) -> tuple[str, ...]:
    """Return the IAM actions of an operation of boto3's."""
    plain = (f"{PREFIXES.get(service, service)}:{operation}",)
    return ACTIONS.get((service, operation), plain)
