"""Pools of users, their clients and sign-in pages."""

from __future__ import annotations

from seatrial.cloud.finder import Body, Finder, Tags
from seatrial.cloud.session import Session


def _pool(session: Session, body: Body, mine: Tags) -> str | None:
    cognito = session.client("cognito-idp")
    for page in cognito.get_paginator("list_user_pools").paginate(
        PaginationConfig={"PageSize": 60}
    ):
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


FINDERS: dict[str, Finder] = {
    "aws_cognito_user_pool": _pool,
    "aws_cognito_user_pool_client": _pool_client,
    "aws_cognito_user_pool_domain": _pool_domain,
}
