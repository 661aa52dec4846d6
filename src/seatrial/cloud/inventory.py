"""What an account still holds of an environment: everything billable, and what AWS made beside it.

Terraform's state says what it made. This asks AWS itself, because nobody deletes what a state lost:
the Resource Groups Tagging API first, which knows most kinds in one call, then each service, which
knows what is only remembered, what takes no tags, and what AWS made by itself. What may not be
asked is reported as such: it is never counted as gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from seatrial.cloud.listing import EVERYWHERE, Listing, Scope, tagged
from seatrial.cloud.listings import LISTINGS, SNAPSHOTS
from seatrial.cloud.session import Session, aws_errors, code

KINDS = tuple(dict.fromkeys(listing.kind for listing in LISTINGS))
REFUSED = ("AccessDenied", "UnauthorizedOperation", "Forbidden", "AuthorizationError")


@dataclass(frozen=True)
class Thing:
    """One thing that exists; ``kind`` is AWS's word for it."""

    kind: str
    name: str


@dataclass(frozen=True)
class Inventory:
    """What exists, and the kinds that these credentials may not list, each with AWS's words."""

    things: tuple[Thing, ...]
    unseen: tuple[str, ...] = ()


def look(session: Session, app: str, environment: str) -> Inventory:
    """Return everything of an environment that exists; snapshots are not in it (``retained``)."""
    scope = _scope(session, app, environment)
    found, unseen, seen = dict[Thing, None](), list[str](), set[str]()
    by_tag = _by_tag(session, scope, unseen)
    vpcs: list[str] = []
    for listing in LISTINGS:
        if (names := _listed(session, scope, listing, unseen)) is not None:
            seen.add(listing.kind)
            found |= dict.fromkeys(Thing(listing.kind, name) for name in names)
            vpcs += names if listing.kind == "VPC" else []
    for listing in map(_beside, vpcs):
        names = _listed(session, scope, listing, unseen) or []
        found |= dict.fromkeys(Thing(listing.kind, name) for name in names)
    # The Tagging API remembers for a while what is gone: where a service was asked, it decides.
    # Snapshots are kept on purpose: ``retained`` lists them.
    seen.update(listing.kind for listing in SNAPSHOTS)
    found |= dict.fromkeys(thing for thing in by_tag if thing.kind not in seen)
    return Inventory(tuple(found), tuple(dict.fromkeys(unseen)))


def find(session: Session, app: str, environment: str) -> list[Thing]:
    """Return everything of an environment that exists, as far as it may be listed."""
    return list(look(session, app, environment).things)


def retained(session: Session, app: str, environment: str) -> tuple[str, ...]:
    """Return the names of the snapshots that were kept on purpose: they cost by GB and month."""
    scope = _scope(session, app, environment)
    found = [(one.kind, _listed(session, scope, one, [])) for one in SNAPSHOTS]
    return tuple(f"{kind} {name}" for kind, names in found for name in names or ())


def _scope(session: Session, app: str, environment: str) -> Scope:
    return Scope(app, environment, session.target.region, session.target.account)


def _beside(vpc: str) -> Listing:
    """Return how to list the interfaces in a VPC: CloudFront's VPC origin has some, without tags,
    and the VPC cannot go before them.
    """
    return Listing(
        kind="network interface",
        service="ec2",
        operation="describe_network_interfaces",
        rows="NetworkInterfaces[]",
        name="NetworkInterfaceId",
        owner=lambda _, __, ___: True,
        parameters={"Filters": [{"Name": "vpc-id", "Values": [vpc]}]},
    )


def _listed(
    session: Session, scope: Scope, listing: Listing, unseen: list[str]
) -> list[str] | None:
    """Return the names of one kind; None where it may not be listed, which ``unseen`` tells."""
    with aws_errors(f"to list each {listing.kind}"):
        try:
            return list(listing.find(session, scope))
        except ClientError as error:
            if not any(word in code(error) for word in REFUSED):
                raise
            unseen.append(f"{listing.kind}: {error.response['Error'].get('Message', code(error))}")
            return None


def _by_tag(session: Session, scope: Scope, unseen: list[str]) -> list[Thing]:
    """Ask the Resource Groups Tagging API, in the region and where global services are."""
    filters = [{"Key": key, "Values": [value]} for key, value in scope.tags.items()]
    found: list[Thing] = []
    for region in dict.fromkeys((scope.region, EVERYWHERE)):
        listing = Listing(
            kind="tagged resource",
            service="resourcegroupstaggingapi",
            operation="get_resources",
            rows="ResourceTagMappingList[]",
            name="ResourceARN",
            owner=tagged("Tags"),
            region=region,
            parameters={"TagFilters": filters},
        )
        found += [_thing(arn) for arn in _listed(session, scope, listing, unseen) or ()]
    return found


def _thing(arn: str) -> Thing:
    """Return what an ARN names: its kind where we know it, else the service's own words."""
    service, resource = arn.split(":", 5)[2], arn.split(":", 5)[5]
    part = (
        resource.replace(":", "/").partition("/")[0] if service not in ("s3", "sqs", "sns") else ""
    )
    kind = KIND_OF_ARN.get(f"{service}:{part}", f"{service} {part}".strip())
    return Thing(kind, arn)


KIND_OF_ARN = {
    "ec2:natgateway": "NAT gateway",
    "ec2:elastic-ip": "public address",
    "ec2:vpc-endpoint": "VPC endpoint",
    "ec2:vpc": "VPC",
    "ec2:subnet": "subnet",
    "ec2:route-table": "route table",
    "ec2:internet-gateway": "internet gateway",
    "ec2:vpc-flow-log": "flow log",
    "ec2:security-group": "security group",
    "ec2:security-group-rule": "security group",
    "elasticloadbalancing:loadbalancer": "load balancer",
    "elasticloadbalancing:targetgroup": "target group",
    "elasticloadbalancing:listener": "load balancer",
    "elasticloadbalancing:listener-rule": "load balancer",
    "cloudfront:distribution": "CloudFront distribution",
    "cloudfront:vpcorigin": "VPC origin",
    "rds:db": "database",
    "rds:subgrp": "database subnet group",
    "rds:pg": "database parameter group",
    "rds:snapshot": "database snapshot",
    "rds:auto-backup": "automated backup",
    "ecs:cluster": "cluster",
    "ecs:service": "cluster",
    "ecs:task": "cluster",
    "ecs:task-definition": "task definition",
    "ecr:repository": "image repository",
    "s3:": "bucket",
    "secretsmanager:secret": "secret",
    "logs:log-group": "log group",
    "elasticache:replicationgroup": "cache",
    "elasticache:cluster": "cache",
    "elasticache:subnetgroup": "cache subnet group",
    "elasticache:snapshot": "cache snapshot",
    "sqs:": "queue",
    "sns:": "topic",
    "dynamodb:table": "table",
    "cognito-idp:userpool": "user pool",
    "route53:hostedzone": "hosted zone",
    "route53:healthcheck": "health check",
    "cloudwatch:alarm": "alarm",
    "acm:certificate": "certificate",
    "scheduler:schedule-group": "schedule group",
    "wafv2:regional": "web ACL",
    "wafv2:global": "web ACL",
    "iam:role": "role",
    "application-autoscaling:scalable-target": "scalable target",
    "bedrock:agent": "agent",
    "bedrock:agent-alias": "agent",
    "bedrock:guardrail": "guardrail",
    "bedrock:knowledge-base": "knowledge base",
    "budgets:budget": "budget",
    "chatbot:chat-configuration": "chat channel",
}

# The kind that lists each resource type of the generated documents. The other types are parts of
# these, or settings of them, and end with them: so they are of the same kind.
KIND_OF_TYPE = {
    "aws_acm_certificate": "certificate",
    "aws_appautoscaling_policy": "scalable target",
    "aws_appautoscaling_scheduled_action": "scalable target",
    "aws_appautoscaling_target": "scalable target",
    "aws_bedrock_guardrail": "guardrail",
    "aws_bedrock_guardrail_version": "guardrail",
    "aws_bedrockagent_agent": "agent",
    "aws_bedrockagent_agent_alias": "agent",
    "aws_bedrockagent_agent_knowledge_base_association": "agent",
    "aws_bedrockagent_data_source": "knowledge base",
    "aws_bedrockagent_knowledge_base": "knowledge base",
    "aws_budgets_budget": "budget",
    "aws_cloudfront_distribution": "CloudFront distribution",
    "aws_cloudfront_function": "CloudFront function",
    "aws_cloudfront_origin_access_control": "origin access control",
    "aws_cloudfront_response_headers_policy": "response headers policy",
    "aws_cloudfront_vpc_origin": "VPC origin",
    "aws_cloudwatch_dashboard": "dashboard",
    "aws_cloudwatch_log_group": "log group",
    "aws_cloudwatch_log_resource_policy": "log group",
    "aws_cloudwatch_metric_alarm": "alarm",
    "aws_cognito_user_pool": "user pool",
    "aws_cognito_user_pool_client": "user pool",
    "aws_cognito_user_pool_domain": "user pool",
    "aws_db_instance": "database",
    "aws_db_parameter_group": "database parameter group",
    "aws_db_subnet_group": "database subnet group",
    "aws_default_security_group": "VPC",
    "aws_dynamodb_table": "table",
    "aws_ecr_lifecycle_policy": "image repository",
    "aws_ecr_repository": "image repository",
    "aws_ecs_cluster": "cluster",
    "aws_ecs_cluster_capacity_providers": "cluster",
    "aws_ecs_service": "cluster",
    "aws_ecs_task_definition": "task definition",
    "aws_eip": "public address",
    "aws_elasticache_replication_group": "cache",
    "aws_elasticache_subnet_group": "cache subnet group",
    "aws_flow_log": "flow log",
    "aws_iam_role": "role",
    "aws_iam_role_policy": "role",
    "aws_iam_role_policy_attachment": "role",
    "aws_internet_gateway": "internet gateway",
    "aws_lb": "load balancer",
    "aws_lb_listener": "load balancer",
    "aws_lb_listener_certificate": "load balancer",
    "aws_lb_listener_rule": "load balancer",
    "aws_lb_target_group": "target group",
    "aws_nat_gateway": "NAT gateway",
    "aws_route": "route table",
    "aws_route53_health_check": "health check",
    "aws_route53_record": "hosted zone",
    "aws_route53_zone": "hosted zone",
    "aws_route_table": "route table",
    "aws_route_table_association": "route table",
    "aws_s3_bucket": "bucket",
    "aws_s3_bucket_lifecycle_configuration": "bucket",
    "aws_s3_bucket_ownership_controls": "bucket",
    "aws_s3_bucket_policy": "bucket",
    "aws_s3_bucket_public_access_block": "bucket",
    "aws_s3_bucket_server_side_encryption_configuration": "bucket",
    "aws_s3_bucket_versioning": "bucket",
    "aws_scheduler_schedule": "schedule",
    "aws_scheduler_schedule_group": "schedule group",
    "aws_secretsmanager_secret": "secret",
    "aws_secretsmanager_secret_version": "secret",
    "aws_security_group": "security group",
    "aws_sns_topic": "topic",
    "aws_sns_topic_policy": "topic",
    "aws_sns_topic_subscription": "topic",
    "aws_sqs_queue": "queue",
    "aws_sqs_queue_policy": "queue",
    "aws_sqs_queue_redrive_allow_policy": "queue",
    "aws_subnet": "subnet",
    "aws_vpc": "VPC",
    "aws_vpc_endpoint": "VPC endpoint",
    "aws_vpc_security_group_egress_rule": "security group",
    "aws_vpc_security_group_ingress_rule": "security group",
    "aws_wafv2_web_acl": "web ACL",
    "aws_wafv2_web_acl_association": "web ACL",
    "aws_wafv2_web_acl_logging_configuration": "web ACL",
}
# Types without a kind, and why nothing is lost by that.
UNLISTED = {
    "aws_acm_certificate_validation": "a wait, not a thing",
    "aws_chatbot_slack_channel_configuration": "free of charge; its API knows four regions only",
}
