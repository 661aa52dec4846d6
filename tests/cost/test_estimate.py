"""Estimates: the guides' stacks to the cent, nothing unpriced, every number with its source."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import golden
from seatrial.appfile import load
from seatrial.cost import prices
from seatrial.cost.case import Traffic
from seatrial.cost.estimate import Estimate, estimate
from seatrial.model.app import App
from seatrial.ops import cost
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph, Resource

Make = Callable[[str], App]
# reference/prices.md, "Guide 1 - configuration in its own table" and "Guide 3 - configuration in
# its README": the same quantities, the same cents.
ON = "open-source-rds-extended-support"
GUIDE_1 = """
app: guide
region: us-east-1
edge: {kind: balancer, insecure: true}
services:
  api:
    {build: ./api, command: run, port: 8000, public: /, cpu: 0.5, memory: 1 GB, uses: [db, files]}
databases: {db: {class: db.t3.micro, storage: 20 GB}}
buckets: {files: {}}
"""
GUIDE_3 = """
app: guide
region: us-east-1
edge: {kind: balancer, insecure: true}
network: {outbound: nat, nat: one}
services:
  api: {build: ./api, command: run, port: 8000, public: /, uses: [db]}
databases: {db: {class: db.t3.micro, storage: 20 GB}}
"""
# The same page, "Guide 0 - as written", "Guide 2 - low case", "Guide 4 - Fargate variant".
GUIDE_0 = """
app: guide
region: us-east-1
services:
  api: {build: ./api, command: run, port: 8002, uses: [db, config, key]}
  front: {build: ./api, command: run, port: 8501, public: /, uses: [api]}
databases: {db: {class: db.t3.micro}}
buckets: {config: {}}
secrets: {key: by-hand}
"""
GUIDE_2 = """
app: guide
region: us-east-1
network: {outbound: nat, nat: one}
services:
  api: {build: ./api, command: run, port: 8080, public: /, cpu: 1, memory: 4 GB, count: 4,
        uses: [db]}
databases: {db: {engine: mysql, version: "8.0", class: db.t3.medium, multi_az: true}}
"""
GUIDE_4 = """
app: guide
region: us-east-1
network: {outbound: nat, nat: one}
services:
  api: {build: ./api, command: run, port: 8000, public: /, count: 2, uses: [db, files]}
sites: {web: {build: ./api, routes: {/api/*: api}}}
databases: {db: {class: db.t3.small, multi_az: true}}
buckets: {files: {}}
domain: {name: example.com, zone: create, health_check: true}
firewall: {rules: [common, bad-inputs]}
"""


def of(found: Estimate, *items: str) -> float:
    """Return the sum of lines by their items."""
    return round(sum(line.monthly for line in found.lines if line.item in items), 2)


@pytest.mark.G45
def test_guide_1_is_priced_to_the_cent(app: Make):
    """Each line of its table that we have as well, and the lines that it forgot."""
    found = cost.estimate(app(GUIDE_1), Traffic(lcu=0.1, egress=20, objects=10, writes=10, reads=0))
    assert of(found, "Fargate: vCPU", "Fargate: memory") == 18.02
    assert of(found, "db.t3.micro, single-AZ") == 13.14
    assert of(found, "storage") == 2.30
    assert of(found, "load balancer") == 16.43
    assert of(found, "load balancer: capacity") == 0.58
    assert of(found, "objects", "writes") == 0.28
    assert of(found, "to the internet") == 0.00
    assert of(found, "public IPv4 of the balancer") == 7.30
    assert of(found, "public IPv4 of tasks") == 3.65
    assert of(found, "images") == 0.10


@pytest.mark.G45
@pytest.mark.G7
def test_guide_3_is_priced_to_the_cent(app: Make):
    """A NAT gateway, its address and its data; no address for a private task."""
    found = cost.estimate(app(GUIDE_3), Traffic(nat=10))
    assert of(found, "Fargate: vCPU", "Fargate: memory") == 9.01
    assert of(found, "NAT gateway") == 32.85
    assert of(found, "public IPv4 of the NAT gateway") == 3.65
    assert of(found, "NAT gateway: data") == 0.45
    assert of(found, "public IPv4 of tasks") == 0.00
    assert of(found, "secret") == 0.40  # the database's


def test_guide_0_is_priced_to_the_cent(app: Make):
    """Streamlit before an API that only it calls, a bucket, one secret."""
    found = cost.estimate(app(GUIDE_0), Traffic(lcu=0.1, objects=0.5, writes=0, reads=0, logs=1))
    assert of(found, "Fargate: vCPU", "Fargate: memory") == 18.02
    assert of(found, "db.t3.micro, single-AZ") == 13.14
    assert of(found, "storage") == 2.30
    assert of(found, "public IPv4 of tasks") == 2 * 3.65  # the guide gives one to the front alone
    assert of(found, "objects") == 0.01
    assert of(found, "secret") == 2 * 0.40  # the guide's own, and the database's
    assert of(found, "images") == 0.10


@pytest.mark.G45
def test_guide_2_is_priced_to_the_cent(app: Make):
    """No Extended Support is paid for MySQL past its end; what its table forgot is there."""
    use = Traffic(nat=50, zones=100, snapshots=10, logs=10)
    found = cost.estimate(app(GUIDE_2), use)
    assert of(found, "Fargate: vCPU", "Fargate: memory") == 170.12
    assert of(found, "db.t3.medium, multi-AZ") == 99.28
    assert of(found, "storage") == 4.60
    assert of(found, "backups beyond") == 0.95
    assert of(found, "Extended Support of version 8.0") == 0
    assert of(found, "NAT gateway") == 32.85
    assert of(found, "NAT gateway: data") == 2.25
    assert of(found, "public IPv4 of the NAT gateway") == 3.65
    assert of(found, "between zones") == 2.00
    assert of(found, "output", "output kept") == 5.30


def test_guide_2_on_spot_is_priced_to_the_cent(app: Make):
    """Two of four tasks on Spot, on Graviton: its optimised equal."""
    mixed = GUIDE_2.replace(
        "count: 4", "count: 4, platform: arm64, capacity: {fargate: 1, spot: 1}"
    )
    found = cost.estimate(app(mixed.replace('"8.0"', '"8.4"').replace("t3.medium", "t4g.medium")))
    # One sum of two products, as the guide's page has it; each line is rounded by itself.
    arm = [line for line in found.lines if line.item.startswith("Fargate, arm64")]
    assert round(sum(line.quantity * line.price for line in arm), 2) == 68.07
    assert of(found, "Fargate Spot, arm64: vCPU", "Fargate Spot, arm64: memory") == 20.42
    assert of(found, "db.t4g.medium, multi-AZ") == 94.90
    assert "Extended" not in " ".join(line.item for line in found.lines)


@pytest.mark.G45
def test_guide_4_is_priced_to_the_cent(app: Make):
    """A site, a firewall, a zone with a health check; the guide forgot to price Multi-AZ."""
    use = Traffic(lcu=0.2, egress=100, requests=1, nat=10, objects=50, writes=0, reads=0, logs=5)
    found = cost.estimate(app(GUIDE_4), use)
    assert of(found, "Fargate: vCPU", "Fargate: memory") == 18.02
    assert of(found, "db.t3.small, multi-AZ") == 52.56
    assert of(found, "storage") == 4.60
    assert of(found, "objects") == 1.15
    assert of(found, "CloudFront: to the internet", "CloudFront: requests") == 0.00
    assert of(found, "load balancer") == 16.43
    assert of(found, "load balancer: capacity") == 1.17
    assert of(found, "NAT gateway", "NAT gateway: data") == 33.30
    assert of(found, "web ACL", "rules", "requests looked at") == 8.60
    assert of(found, "zone", "health check") == 1.00
    assert of(found, "images") == 0.10


@pytest.mark.parametrize("example", golden.examples(), ids=lambda path: path.name)
def test_every_resource_of_every_example_is_priced_or_free(example):
    """No environment of an example has a resource that nobody thought of; lines add up."""
    file = load.read(example / "seatrial.yml")
    for environment in file.environments:
        found = cost.estimate(load.app_for(file, environment))
        assert found.monthly == round(sum(line.monthly for line in found.lines), 2) > 0
        assert found.high >= found.monthly
        assert all(line.source and line.status for line in found.lines)


def test_unpriced_resource_raises(app: Make):
    """An unknown kind of resource never counts as nothing."""
    made = graph(app(GUIDE_1))
    other = Resource("aws_mq_broker", "q", "foundation", "queues.q", {})
    changed = Graph(made.app, made.environment, made.region, made.builds, (*made.resources, other))
    with pytest.raises(LookupError, match="aws_mq_broker"):
        estimate(changed, prices.load("us-east-1"), Traffic())


def test_multi_az_doubles_instance_and_storage(app: Make):
    """Multi-AZ is twice as much of both."""
    single = cost.estimate(app(GUIDE_1))
    double = cost.estimate(app(GUIDE_1.replace("storage: 20 GB", "storage: 20 GB, multi_az: true")))
    assert of(double, "db.t3.micro, multi-AZ") == 2 * of(single, "db.t3.micro, single-AZ")
    assert of(double, "storage") == 2 * of(single, "storage")


def test_extended_support_is_priced_by_vcpu(app: Make):
    """Extended Support: two vCPUs, 730 hours, a tenth of a dollar; the standby's as well.

    It is off unless a patch turns it on.
    """
    on = "\nterraform: {patches: {aws_db_instance.db: {engine_lifecycle_support: " + ON + "}}}\n"
    old = GUIDE_1.replace("class: db.t3.micro", 'class: db.t3.micro, version: "13"')
    assert of(cost.estimate(app(old)), "Extended Support of version 13") == 0
    assert of(cost.estimate(app(old + on)), "Extended Support of version 13") == 146.00
    pair = old.replace("storage: 20 GB", "storage: 20 GB, multi_az: true")
    assert of(cost.estimate(app(pair + on)), "Extended Support of version 13") == 292.00


def test_region_without_prices_is_marked(app: Make):
    """Its own prices where it has some, the base region's marked as assumed; a class that nobody
    knows is a line without a price.
    """
    found = cost.estimate(app(GUIDE_1.replace("us-east-1", "eu-west-1")))
    status = {line.item: line.status for line in found.lines}
    assert status["load balancer"] != status["secret"] == "assumed: us-east-1's"
    odd = cost.estimate(app(GUIDE_1.replace("db.t3.micro", "db.x9.huge")))
    assert {line.status for line in odd.lines if "db.x9" in line.item} == {"no price known"}


def test_high_estimate_counts_what_may_grow(app: Make):
    """Tasks up to their count's maximum and storage up to five times its size."""
    found = cost.estimate(
        app(GUIDE_1.replace("cpu: 0.5", "count: {min: 1, max: 3, target: {cpu: 70%}}, cpu: 0.5"))
    )
    grown = {line.item: round(line.most / line.monthly, 2) for line in found.lines if line.monthly}
    assert grown["Fargate: vCPU"] == grown["public IPv4 of tasks"] == 3.0
    assert grown["storage"] == 5.0
    assert grown["load balancer"] == 1.0


@pytest.mark.G49
def test_advice_is_the_difference_of_two_estimates(app: Make):
    """Each saving is a difference of two estimates; what changes nothing is not said. A lavish app
    is offered each option of the guides.
    """
    wanted = app(GUIDE_3)
    report = cost.cost(wanted, Traffic())
    saved = {row.what: row.saves for row in report.advice}
    network = wanted.network.model_copy(update={"outbound": "public"})
    public = cost.estimate(wanted.model_copy(update={"network": network}))
    assert saved["`network: {outbound: public}`"] == round(
        report.estimate.monthly - public.monthly, 2
    )
    assert "`multi_az: false`" not in saved
    assert "`network: {nat: one}`" not in saved
    assert [row.saves for row in report.advice] == sorted(saved.values(), reverse=True)
    lavish = app(GUIDE_4.replace("nat: one", "nat: zone") + "logs: {retention: 365 days}\n")
    offered = {row.what for row in cost.cost(lavish, Traffic(logs=50)).advice}
    assert offered >= {
        "`platform: arm64` for every service", "`multi_az: false`", "`network: {nat: one}`",
        "`capacity: {base: 1, fargate: 0, spot: 1}` for services of several tasks",
        "`logs: {retention: 14 days}`",
    }  # fmt: skip


def test_assumption_changes_only_its_own_lines(app: Make):
    """More output costs more, and nothing else does."""
    usual = cost.estimate(app(GUIDE_1))
    more = cost.estimate(app(GUIDE_1), Traffic(logs=3))
    changed = {a.item for a, b in zip(usual.lines, more.lines, strict=True) if a != b}
    assert changed == {"output", "output kept"}
