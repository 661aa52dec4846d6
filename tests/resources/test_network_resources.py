"""The network: zones, security groups, what an app without tasks does not need."""

from __future__ import annotations

import pytest

from graphs import API, HEAD, Make, one
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Ref
from seatrial.terraform import document


@pytest.mark.G6
@pytest.mark.parametrize("region", ["us-east-1", "ap-northeast-1", "us-west-1", "eu-central-1"])
def test_subnets_lie_in_zones_that_the_account_has(app: Make, region: str):
    """No letter is guessed: Tokyo has no b; zones that VPC origins do not reach are left out."""
    made = graph(app(f"app: shop\nregion: {region}\n" + API % ""))
    text = document.text(document.documents(made)["foundation"])
    assert f'"{region}a"' not in text
    assert f'"{region}b"' not in text
    subnet = one(made, "aws_subnet", "private_b").body
    assert subnet["availability_zone"] == Ref("aws_availability_zones", "main", "names[1]")
    assert subnet["lifecycle"] == [{"ignore_changes": ["availability_zone"]}]
    excluded = one(made, "aws_availability_zones", "main").body.get("exclude_zone_ids")
    assert excluded == {
        "us-east-1": ["use1-az3"], "ap-northeast-1": ["apne1-az3"], "us-west-1": ["usw1-az2"],
    }.get(region)  # fmt: skip


def test_no_security_group_has_more_rules_than_aws_allows(app: Make):
    """CloudFront's prefix list counts 55 of 60, so it has a group beside the private calls'."""
    callers = "".join(
        f"  s{n}: {{build: ./api, command: run, port: 8080, uses: [s{n + 1}]}}\n" for n in range(9)
    )
    last = "  s9: {build: ./api, command: run, port: 8080, public: /}\n"
    made = graph(app(HEAD + "services:\n" + callers + last))
    count: dict[str, int] = {}
    for (type_, _), rule in made.by_address.items():
        if type_ == "aws_vpc_security_group_ingress_rule":
            at = rule.body["security_group_id"].name
            count[at] = count.get(at, 0) + (55 if "prefix_list_id" in rule.body else 1)
    assert max(count.values()) <= 60
    balancer = one(made, "aws_lb", "main").body["security_groups"]
    assert [group.name for group in balancer] == ["balancer", "balancer_cdn"]


def test_vpc_origins_have_more_time_than_aws_may_take(app: Make):
    """AWS says up to 15 minutes; the provider's own limit is the same, and taints what it cuts."""
    made = one(
        graph(app(f"app: shop\nregion: us-east-1\n{API % ''}")), "aws_cloudfront_vpc_origin", "main"
    )
    assert made.body["timeouts"] == {"create": "30m", "update": "30m", "delete": "30m"}


def test_container_insights_writes_to_a_group_of_ours(app: Make):
    """Made by AWS it would have neither retention nor tags, and outlive the environment."""
    made = graph(app(HEAD + "profile: production\n" + API % ""))
    group = one(made, "aws_cloudwatch_log_group", "container_insights")
    assert group.body["name"] == "/aws/ecs/containerinsights/shop-dev/performance"
    assert group.body["retention_in_days"] > 0
    assert Ref(*group.address) in one(made, "aws_ecs_cluster", "main").after
    assert ("aws_cloudwatch_log_group", "container_insights") not in graph(
        app(HEAD + API % "")
    ).by_address


def test_an_app_without_tasks_or_data_needs_no_network(app: Make):
    """A site alone has no VPC."""
    made = graph(app(HEAD + "sites: {web: ./api}"))
    assert not [r for r in made.resources if r.type == "aws_vpc"]
