"""On what each action is allowed: an app's own things by name, the rest by region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from seatrial.model.app import KINDS, App
from seatrial.resources.context import GLOBAL_REGION, Context

PREFIX = 40  # characters of a name that no limit of AWS's ever cuts
# Actions of services that are scoped, which are allowed on everything: AWS knows no resource for
# them (Service Authorization Reference), or they list an account's things and ask for their tags,
# which alone say whose they are.
UNSCOPED = frozenset(
    {
        "ecr:DescribeRepositories", "ecr:ListTagsForResource", "logs:ListTagsForResource",
        "s3:GetBucketTagging", "sns:ListTagsForResource", "sqs:ListQueueTags",
        "ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition",
        "ecs:ListClusters", "ecs:ListServices", "ecs:ListTaskDefinitions", "ecs:CreateCluster",
        "ecs:ListTaskDefinitionFamilies", "ecs:ListTasks", "ecs:PutAccountSetting",
        "ecs:DescribeCapacityProviders", "ecs:DescribeServiceDeployments", "ecs:ListAttributes",
        "iam:ListRoles", "iam:ListPolicies", "iam:SimulatePrincipalPolicy",
        "logs:DescribeLogGroups", "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
        "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
        "logs:DeleteResourcePolicy", "logs:DescribeDeliveries", "logs:DescribeAccountPolicies",
        "logs:DescribeIndexPolicies", "logs:DescribeQueryDefinitions", "logs:DescribeExportTasks",
        "s3:ListAllMyBuckets", "secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets",
        "secretsmanager:BatchGetSecretValue", "sns:GetSubscriptionAttributes",
        "sns:ListSubscriptions", "sns:ListTopics", "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe", "sqs:ListQueues",
    }
)  # fmt: skip
# Only on what the app uses and has not made.
BORROWED = frozenset({"ssm:GetParameter"})
STATE, OBJECTS = "state", "s3:GetObject"  # the state bucket, as if it were a service
ROLES = ("iam:PassRole", "iam:CreateServiceLinkedRole")
# Who is handed a role of the app (the trusts that are generated).
TRUSTED = ("ecs-tasks", "scheduler", "chatbot")


@dataclass(frozen=True)
class Place:
    """An app's environment in an account (``*`` where that is not known)."""

    app: App
    account: str
    reads_objects: bool = True  # of the app's buckets; the state is read in any case

    @property
    def names(self) -> str:
        """Return what all names of the app's things begin with."""
        return f"{Context(self.app).prefix[:PREFIX]}*"

    def arns(self, service: str) -> list[str] | None:
        """Return what is the app's own of a service; None where names do not say it."""
        own = f"{self.app.region}:{self.account}"
        pair = f"{self.app.app}/{self.app.environment}/*"
        names = self.names
        state = f"s3:::seatrial-{self.account}-{self.app.region}"
        found = {
            "ecr": [f"ecr:{own}:repository/{names}"],
            "ecs": [
                f"ecs:{own}:cluster/{names}",
                f"ecs:{own}:service/{names}",
                f"ecs:{own}:service-deployment/{names}",
                f"ecs:{own}:task/{names}",
                f"ecs:{own}:task-definition/{names}",
            ],
            "iam": [f"iam::{self.account}:role/seatrial/{pair}"],
            "logs": [
                f"logs:{own}:log-group:/{pair}",
                f"logs:{own}:log-group:/aws/rds/instance/{names}",
                f"logs:{own}:log-group:/aws/ecs/containerinsights/{names}",
                f"logs:{own}:log-group:{names}",
            ],
            "s3": [f"s3:::{names}", state, f"{state}/*"],
            STATE: [f"{state}/*"],
            "secretsmanager": [f"secretsmanager:{own}:secret:{pair}"],
            "sns": [f"sns:{own}:{names}"],
            "sqs": [f"sqs:{own}:{names}"],
        }.get(service)
        known = [*(f"arn:aws:{arn}" for arn in found or ()), *self.borrowed(service)]
        return known or None

    def borrowed(self, service: str) -> list[str]:
        """Return the ARNs of a service's that the app uses and that are not its own."""
        arns = (arn for kind in KINDS for arn in kind.borrowed(self.app, self.account))
        return [arn for arn in arns if arn.split(":")[2] == service]


def scoped(actions: Iterable[str], place: Place) -> list[dict[str, Any]]:
    """Return the statements that allow these actions, each on what it is about."""
    by_service: dict[str, list[str]] = {}
    anywhere: list[str] = []
    wanted = sorted(set(actions))
    for action in (a for a in wanted if a not in ROLES):
        service = action.partition(":")[0]
        if action in BORROWED and not place.borrowed(service):
            continue
        if action in UNSCOPED or place.arns(service) is None:
            anywhere.append(action)
        else:
            own = action != OBJECTS or place.reads_objects
            by_service.setdefault(service if own else STATE, []).append(action)
    found = [
        {"Effect": "Allow", "Action": listed, "Resource": place.arns(service)}
        for service, listed in by_service.items()
    ]
    return [*found, *_roles(wanted, place), _anywhere(anywhere, place)]


def _roles(wanted: list[str], place: Place) -> list[dict[str, Any]]:
    """Return the statements about roles that are handed on, or that AWS makes for itself."""
    found = []
    if "iam:PassRole" in wanted:
        services = [f"{name}.amazonaws.com" for name in TRUSTED]
        found.append(
            {
                "Effect": "Allow",
                "Action": ["iam:PassRole"],
                "Resource": place.arns("iam"),
                "Condition": {"StringEquals": {"iam:PassedToService": services}},
            }
        )
    if "iam:CreateServiceLinkedRole" in wanted:
        linked = f"arn:aws:iam::{place.account}:role/aws-service-role/*"
        found.append(
            {"Effect": "Allow", "Action": ["iam:CreateServiceLinkedRole"], "Resource": [linked]}
        )
    return found


def _anywhere(actions: list[str], place: Place) -> dict[str, Any]:
    """Return the statement of what has no names of its own: in the app's region, and the global."""
    regions = list(dict.fromkeys((place.app.region, GLOBAL_REGION)))
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": regions}},
    }
