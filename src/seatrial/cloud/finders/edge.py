"""Balancers with their listeners and targets, and distributions."""

from __future__ import annotations

from typing import Any

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session


def _balancer(session: Session, body: Body, mine: Tags) -> str | None:
    elb = session.client("elbv2")
    arn = elb.describe_load_balancers(Names=[body["name"]])["LoadBalancers"][0]["LoadBalancerArn"]
    return _tagged_elb(elb, arn, mine)


def _targets(session: Session, body: Body, mine: Tags) -> str | None:
    elb = session.client("elbv2")
    arn = elb.describe_target_groups(Names=[body["name"]])["TargetGroups"][0]["TargetGroupArn"]
    return _tagged_elb(elb, arn, mine)


def _tagged_elb(elb: Any, arn: str, mine: Tags) -> str | None:
    rows = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return arn if mine.items() <= tags(rows[0]["Tags"]).items() else None


def _listener(session: Session, body: Body, _: Tags) -> str | None:
    arn = body["load_balancer_arn"]
    rows = session.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]
    same = (row["ListenerArn"] for row in rows if str(row["Port"]) == str(body["port"]))
    return next(same, None)


def _listener_rule(session: Session, body: Body, _: Tags) -> str | None:
    arn = body["listener_arn"]
    rows = session.client("elbv2").describe_rules(ListenerArn=arn)["Rules"]
    return next((r["RuleArn"] for r in rows if r["Priority"] == str(body["priority"])), None)


def _distribution(session: Session, body: Body, mine: Tags) -> str | None:
    cdn = session.client("cloudfront")
    for row in cdn.list_distributions()["DistributionList"].get("Items", []):
        if row.get("Comment") == body["comment"]:
            own = cdn.list_tags_for_resource(Resource=row["ARN"])["Tags"]["Items"]
            if mine.items() <= tags(own).items():
                return str(row["Id"])
    return None


def _vpc_origin(session: Session, body: Body, _: Tags) -> str | None:
    name = body["vpc_origin_endpoint_config"][0]["name"]
    rows = session.client("cloudfront").list_vpc_origins()["VpcOriginList"].get("Items", [])
    return next((str(row["Id"]) for row in rows if row["Name"] == name), None)


def _function(session: Session, body: Body, _: Tags) -> str | None:
    session.client("cloudfront").describe_function(Name=body["name"])
    return str(body["name"])


FINDERS: dict[str, Finder] = {
    "aws_lb": _balancer,
    "aws_lb_target_group": _targets,
    "aws_lb_listener": _listener,
    "aws_lb_listener_rule": _listener_rule,
    "aws_cloudfront_distribution": _distribution,
    "aws_cloudfront_vpc_origin": _vpc_origin,
    "aws_cloudfront_function": _function,
}
