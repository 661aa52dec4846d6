"""Which IAM actions a purpose takes, by where they come from: types, Terraform, Seatrial itself."""

from __future__ import annotations

from seatrial.ops.policy.own_calls import LOOKS, OTHERS, PUSHES
from seatrial.resources.graph import Graph
from seatrial.schemas import store
from seatrial.schemas.mapping import MAPPINGS

Actions = frozenset[str]

# What a type's handlers name of services that an app does not have: only these are wanted.
ACROSS = frozenset({"iam:PassRole", "iam:CreateServiceLinkedRole"})
# Services whose IAM name is not CloudFormation's in small letters.
SERVICES = {
    "ApplicationAutoScaling": "application-autoscaling",
    "CertificateManager": "acm",
    "Cognito": "cognito-idp",
    "ElasticLoadBalancingV2": "elasticloadbalancing",
}
# What handlers name and IAM does not know (Service Authorization Reference, Amazon S3): an
# operation whose action has another name, which the handlers name as well.
NO_ACTIONS = frozenset(
    {
        "s3:DeleteBucketAnalyticsConfiguration", "s3:DeleteBucketCors",
        "s3:DeleteBucketEncryption", "s3:DeleteBucketLifecycle",
        "s3:DeleteBucketMetricsConfiguration", "s3:DeleteBucketReplication",
        "s3:GetObjectMetadata", "s3:PutBucketReplication", "s3:PutObjectLockConfiguration",
        "s3:REST.PUT.OBJECT",
    }
)  # fmt: skip
# What Terraform's provider calls beside the actions of CloudFormation's handlers, by the type that
# it calls them for (recorded at its calls: apply, plan and destroy of every type).
OF_PROVIDER: dict[str, tuple[str, ...]] = {
    "aws_appautoscaling_scheduled_action": (
        "application-autoscaling:DeleteScheduledAction",
        "application-autoscaling:DescribeScheduledActions",
        "application-autoscaling:PutScheduledAction",
    ),
    "aws_appautoscaling_target": ("application-autoscaling:ListTagsForResource",),
    "aws_budgets_budget": ("budgets:ViewBudget", "budgets:ModifyBudget"),
    "aws_cloudfront_vpc_origin": ("ec2:DescribeManagedPrefixLists",),
    "aws_db_instance": ("rds:ListTagsForResource", "rds:DescribeDBParameters"),
    "aws_eip": ("ec2:DescribeAddressesAttribute",),
    "aws_iam_role": ("iam:ListInstanceProfilesForRole", "iam:ListAttachedRolePolicies"),
    "aws_internet_gateway": ("ec2:AttachInternetGateway", "ec2:DetachInternetGateway"),
    "aws_lb": (
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
    ),
    "aws_route53_record": ("route53:GetChange", "route53:GetHostedZone"),
    "aws_s3_bucket": (
        "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS",
        "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy", "s3:GetBucketRequestPayment", "s3:GetBucketTagging",
        "s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket",
        "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions",
    ),
    "aws_secretsmanager_secret": (
        "secretsmanager:GetRandomPassword", "secretsmanager:GetResourcePolicy",
        "secretsmanager:RestoreSecret",
    ),
    "aws_vpc": (
        "ec2:DescribeVpcAttribute", "ec2:DescribeNetworkAcls", "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups", "ec2:DescribeAvailabilityZones",
    ),
    "aws_vpc_endpoint": ("ec2:DescribePrefixLists", "ec2:GetManagedPrefixListEntries"),
    "aws_vpc_security_group_ingress_rule": (
        "ec2:DescribeSecurityGroupRules", "ec2:ModifySecurityGroupRules",
    ),
}  # fmt: skip
# The state, its lock and its records: in the one state bucket.
OF_STATE = frozenset(
    {
        "s3:CreateBucket", "s3:DeleteObject", "s3:GetBucketPolicy", "s3:GetBucketTagging",
        "s3:GetBucketVersioning", "s3:GetObject", "s3:ListBucket", "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
        "s3:PutObject",
    }
)  # fmt: skip
# What ends data or the network under it: a CI deploys, and somebody with a name destroys.
ENDS = frozenset(
    {
        "cloudfront:DeleteDistribution", "cognito-idp:DeleteUserPool", "dynamodb:DeleteTable",
        "ec2:DeleteVpc", "ecr:DeleteRepository", "elasticache:DeleteReplicationGroup",
        "rds:DeleteDBInstance", "rds:DeleteDBInstanceAutomatedBackup", "rds:DeleteDBSnapshot",
        "route53:DeleteHostedZone", "s3:DeleteBucket", "s3:DeleteObjectVersion",
        "secretsmanager:DeleteSecret", "sqs:DeleteQueue", "sqs:PurgeQueue",
    }
)  # fmt: skip

# How the names of actions begin that change nothing, and which of them read what users wrote.
READS = ("Describe", "Get", "List", "Filter", "BatchGet", "View", "Simulate", "BatchCheck")
CONTENTS = frozenset(
    {
        "logs:FilterLogEvents", "logs:GetLogEvents", "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue", "ssm:GetParameter",
    }
)  # fmt: skip


def of_deploys(graph: Graph) -> Actions:
    """Return what every command on an environment takes, from the first deploy to destroy."""
    return _of_types(graph) | _of_provider(graph) | LOOKS | OTHERS | PUSHES | OF_STATE


def of_ci(graph: Graph) -> Actions:
    """Return what deploys take, without what ends data."""
    return of_deploys(graph) - ENDS


def of_plans(graph: Graph) -> Actions:
    """Return what a plan takes: all that a deploy reads, and no secret's value or log."""
    return frozenset(a for a in of_ci(graph) - CONTENTS if a.partition(":")[2].startswith(READS))


def of_looks(_: Graph) -> Actions:
    """Return what commands take that change nothing: status, logs, releases, backups, cost."""
    return LOOKS | {"s3:GetObject", "s3:ListBucket"}


def _types(graph: Graph) -> set[str]:
    return {resource.type for resource in graph.resources if not resource.data}


def _of_provider(graph: Graph) -> Actions:
    return frozenset(a for type_ in _types(graph) for a in OF_PROVIDER.get(type_, ()))


def _of_types(graph: Graph) -> Actions:
    """Return the actions of all types' handlers, of the services that the app has."""
    found = [MAPPINGS[type_].type for type_ in sorted(_types(graph) & MAPPINGS.keys())]
    services = {_service(type_) for type_ in found}
    every = frozenset(action for type_ in found for action in store.actions(type_))
    return frozenset(
        a
        for a in every - NO_ACTIONS
        if a.partition(":")[0] in services or a in ACROSS or _looks_at_network(a)
    )


def _service(type_: str) -> str:
    """Return the IAM name of a CloudFormation type's service."""
    name = type_.split("::")[1]
    return SERVICES.get(name, name.lower())


def _looks_at_network(action: str) -> bool:
    return action.startswith("ec2:Describe")
