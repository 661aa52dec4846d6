"""Finders of what stands around services and data; see ``existing``."""

from __future__ import annotations

from typing import Any

from seatrial.cloud.finder import Body, Finder, Tags, tags
from seatrial.cloud.session import Session

GLOBAL = "us-east-1"  # the region of what CloudFront uses


def _cache(session: Session, body: Body, mine: Tags) -> str | None:
    cache, name = session.client("elasticache"), body["replication_group_id"]
    row = cache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    found = cache.list_tags_for_resource(ResourceName=row["ARN"])["TagList"]
    alive = row["Status"] != "deleting"
    return str(name) if alive and mine.items() <= tags(found).items() else None


def _cache_subnets(session: Session, body: Body, _: Tags) -> str | None:
    session.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=body["name"])
    return str(body["name"])


def _queue(session: Session, body: Body, mine: Tags) -> str | None:
    sqs = session.client("sqs")
    url = sqs.get_queue_url(QueueName=body["name"])["QueueUrl"]
    found = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    return str(url) if mine.items() <= found.items() else None


def _pool(session: Session, body: Body, mine: Tags) -> str | None:
    cognito = session.client("cognito-idp")
    for page in cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
        for row in page["UserPools"]:
            if row["Name"] == body["name"]:
                pool = cognito.describe_user_pool(UserPoolId=row["Id"])["UserPool"]
                if mine.items() <= pool.get("UserPoolTags", {}).items():
                    return str(row["Id"])
    return None


def _pool_client(session: Session, body: Body, _: Tags) -> str | None:
    pool = body["user_pool_id"]
    rows = session.client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=60)
    same = (row for row in rows["UserPoolClients"] if row["ClientName"] == body["name"])
    return next((f"{pool}/{row['ClientId']}" for row in same), None)


def _pool_domain(session: Session, body: Body, _: Tags) -> str | None:
    found = session.client("cognito-idp").describe_user_pool_domain(Domain=body["domain"])
    return str(body["domain"]) if found["DomainDescription"].get("UserPoolId") else None


def _topic(session: Session, body: Body, mine: Tags) -> str | None:
    region, account = session.target.region, session.target.account
    arn = f"arn:aws:sns:{region}:{account}:{body['name']}"
    found = session.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return arn if mine.items() <= tags(found).items() else None


def _alarm(session: Session, body: Body, _: Tags) -> str | None:
    name = body["alarm_name"]
    rows = session.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(name) if rows else None


def _dashboard(session: Session, body: Body, _: Tags) -> str | None:
    session.client("cloudwatch").get_dashboard(DashboardName=body["dashboard_name"])
    return str(body["dashboard_name"])


def _budget(session: Session, body: Body, _: Tags) -> str | None:
    account = session.target.account
    session.client("budgets").describe_budget(AccountId=account, BudgetName=body["name"])
    return f"{account}:{body['name']}"


def _zone(session: Session, body: Body, mine: Tags) -> str | None:
    dns = session.client("route53")
    for row in dns.list_hosted_zones_by_name(DNSName=body["name"])["HostedZones"]:
        name = row["Id"].rpartition("/")[2]
        found = dns.list_tags_for_resource(ResourceType="hostedzone", ResourceId=name)
        kept = tags(found["ResourceTagSet"].get("Tags"))
        if row["Name"].rstrip(".") == body["name"] and mine.items() <= kept.items():
            return str(name)
    return None


def _certificate(session: Session, body: Body, mine: Tags) -> str | None:
    acm = session.at(GLOBAL if "provider" in body else session.target.region, "acm")
    for page in acm.get_paginator("list_certificates").paginate():
        for row in page["CertificateSummaryList"]:
            if row["DomainName"] == body["domain_name"]:
                arn = row["CertificateArn"]
                found = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
                if mine.items() <= tags(found).items():
                    return str(arn)
    return None


def _web_acl(session: Session, body: Body, _: Tags) -> str | None:
    scope = body["scope"]
    region = GLOBAL if scope == "CLOUDFRONT" else session.target.region
    rows = session.at(region, "wafv2").list_web_acls(Scope=scope)["WebACLs"]
    same = (row for row in rows if row["Name"] == body["name"])
    return next((f"{row['Id']}/{row['Name']}/{scope}" for row in same), None)


def _access_control(session: Session, body: Body, _: Tags) -> str | None:
    found = session.client("cloudfront").list_origin_access_controls()["OriginAccessControlList"]
    return _named(found, body)


def _headers(session: Session, body: Body, _: Tags) -> str | None:
    cdn = session.client("cloudfront")
    rows = cdn.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
    for row in rows.get("Items", []):
        policy = row["ResponseHeadersPolicy"]
        if policy["ResponseHeadersPolicyConfig"]["Name"] == body["name"]:
            return str(policy["Id"])
    return None


def _function(session: Session, body: Body, _: Tags) -> str | None:
    session.client("cloudfront").describe_function(Name=body["name"])
    return str(body["name"])


def _named(listed: dict[str, Any], body: Body) -> str | None:
    rows = listed.get("Items", [])
    return next((str(row["Id"]) for row in rows if row["Name"] == body["name"]), None)


FINDERS: dict[str, Finder] = {
    "aws_elasticache_replication_group": _cache,
    "aws_elasticache_subnet_group": _cache_subnets,
    "aws_sqs_queue": _queue,
    "aws_cognito_user_pool": _pool,
    "aws_cognito_user_pool_client": _pool_client,
    "aws_cognito_user_pool_domain": _pool_domain,
    "aws_sns_topic": _topic,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_dashboard": _dashboard,
    "aws_budgets_budget": _budget,
    "aws_route53_zone": _zone,
    "aws_acm_certificate": _certificate,
    "aws_wafv2_web_acl": _web_acl,
    "aws_cloudfront_origin_access_control": _access_control,
    "aws_cloudfront_response_headers_policy": _headers,
    "aws_cloudfront_function": _function,
}
