"""Logs: a group for each service and job; the balancer's accesses and the network's refusals.

Access and flow logs lie in one bucket, which only AWS's delivery service of this account writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.resources import bucket
from seatrial.resources.context import ACCOUNT, Context, foundation
from seatrial.resources.graph import Ref, Resource, joined

BUCKET = "access_logs"  # no noun's name has an underscore
NOUN = "logs"


def wants_access(context: Context) -> bool:
    """Return whether the balancer's access logs are kept."""
    given = context.app.logs.access
    balanced = bool(context.called) or any(s.public for s in context.app.services.values())
    return balanced and (context.production if given is None else given)


def wants_flows(context: Context) -> bool:
    """Return whether refused connections are logged."""
    given = context.app.logs.flows
    return context.has_network and (context.production if given is None else given)


def access(context: Context) -> list[dict[str, Any]] | None:
    """Return a balancer's setting."""
    if not wants_access(context):
        return None
    return [{"bucket": Ref("aws_s3_bucket_policy", BUCKET, "bucket"), "enabled": True}]


def build(context: Context) -> Iterator[Resource]:
    """Yield the log groups of services and jobs, and the bucket of the other logs."""
    for section in ("services", "jobs"):
        for name in sorted(getattr(context.app, section)):
            yield foundation(
                f"{section}.{name}",
                "aws_cloudwatch_log_group",
                name,
                name=f"/{context.app.app}/{context.app.environment}/{name}",
                retention_in_days=context.app.logs.retention,
            )
    statements = (
        *([_balancer()] if wants_access(context) else ()),
        *(_flows(context) if wants_flows(context) else ()),
    )
    if statements:
        days = context.app.logs.retention
        wanted = bucket.Private(
            NOUN,
            BUCKET,
            name="logs",
            versioned=False,
            expire=days,
            statements=statements,
            lasting=False,
        )
        yield from bucket.private(context, wanted)
    if wants_flows(context):
        yield _flow_log(context)


def _flow_log(context: Context) -> Resource:
    return foundation(
        NOUN,
        "aws_flow_log",
        "main",
        Ref("aws_s3_bucket_policy", BUCKET),
        vpc_id=Ref("aws_vpc", "main"),
        traffic_type="REJECT",
        log_destination_type="s3",
        log_destination=joined(Ref("aws_s3_bucket", BUCKET, "arn"), "/flows/"),
        tags={"Name": context.prefix},
    )


def _put(sid: str, service: str, path: str, **more: Any) -> dict[str, Any]:
    arn = Ref("aws_s3_bucket", BUCKET, "arn")
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:PutObject",
        "Resource": joined(arn, f"/{path}AWSLogs/", ACCOUNT, "/*"),
        **more,
    }


def _balancer() -> dict[str, Any]:
    """Elastic Load Balancing user guide, "Access logs for your Application Load Balancer"."""
    return _put("Balancer", "logdelivery.elasticloadbalancing.amazonaws.com", "")


def _flows(context: Context) -> list[dict[str, Any]]:
    """VPC user guide, "Amazon S3 bucket permissions for flow logs"."""
    source = joined(f"arn:aws:logs:{context.app.region}:", ACCOUNT, ":*")
    only = {
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": source},
        }
    }
    service = "delivery.logs.amazonaws.com"
    access_check = {
        "Sid": "FlowsAsk",
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:GetBucketAcl",
        "Resource": Ref("aws_s3_bucket", BUCKET, "arn"),
        **only,
    }
    return [_put("Flows", service, "flows/", **only), access_check]
