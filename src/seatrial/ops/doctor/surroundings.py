"""What is around a service's tasks: their network, and the databases with who may reach them."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

from seatrial.cloud import examination
from seatrial.cloud.examination import Row
from seatrial.cloud.session import Session
from seatrial.diagnosis.facts import Database, Network
from seatrial.model.app import App
from seatrial.ops.pause import paused
from seatrial.resources.context import Context

HTTPS = 443
EVERYWHERE = "0.0.0.0/0"


def network(session: Session, given: Row) -> Network:
    """Return the network of tasks that start with this ``awsvpcConfiguration``."""
    if not given.get("subnets"):
        return Network()
    rows = examination.subnets(session, list(given["subnets"]))
    tables, gateways, endpoints = examination.of_vpc(session, rows[0]["VpcId"])
    groups = examination.groups(session, list(given.get("securityGroups", ())))
    return Network(
        public=given.get("assignPublicIp") == "ENABLED",
        routes={row["SubnetId"]: default_route(tables, row["SubnetId"]) for row in rows},
        gateways={row["NatGatewayId"]: row["State"] for row in gateways},
        endpoints=frozenset(
            row["ServiceName"].split(".", 3)[-1]
            for row in endpoints
            if row.get("State", "available").lower() == "available"
        ),
        free={row["SubnetId"]: row["AvailableIpAddressCount"] for row in rows},
        lets_out=any(
            allows(rule, HTTPS) for group in groups for rule in group["IpPermissionsEgress"]
        ),
    )


def default_route(tables: Iterable[Row], subnet: str) -> str:
    """Return where a subnet's default route leads; its own table, else the VPC's main one."""
    listed = list(tables)

    def used(table: Row) -> bool:
        return any(a.get("SubnetId") == subnet for a in table.get("Associations", ()))

    def main(table: Row) -> bool:
        return any(a.get("Main") for a in table.get("Associations", ()))

    table = next(filter(used, listed), None) or next(filter(main, listed), None) or {}
    for route in table.get("Routes", ()):
        if route.get("DestinationCidrBlock") == EVERYWHERE and route.get("State") != "blackhole":
            return str(route.get("NatGatewayId") or route.get("GatewayId") or "other")
    return ""


def allows(rule: Row, port: int) -> bool:
    """Return whether a rule of a security group is for TCP at a port, whoever the other end is."""
    if rule["IpProtocol"] == "-1":
        return True
    within = rule.get("FromPort", 0) <= port <= rule.get("ToPort", 65535)
    return rule["IpProtocol"] in ("tcp", "6") and within


def databases(app: App, session: Session) -> tuple[Database, ...]:
    """Return the app's databases that exist or should."""
    asleep = bool(paused(session, app.app))
    found = [_database(app, session, noun) for noun in sorted(app.databases)]
    return tuple(replace(database, paused=asleep) for database in found)


def _database(app: App, session: Session, noun: str) -> Database:
    identifier = Context(app).name("database", noun)
    row = examination.instance(session, identifier)
    if not row:
        return Database(name=identifier, status="missing")
    endpoint = row.get("Endpoint") or {}
    status = row["DBInstanceStatus"]
    port = int(endpoint.get("Port", 5432))
    return Database(
        name=identifier,
        status=status,
        host=endpoint.get("Address", ""),
        port=port,
        version=row.get("EngineVersion", ""),
        extended=row.get("EngineLifecycleSupport") == "open-source-rds-extended-support",
        restarts=row.get("AutomaticRestartTime"),
        events=tuple(examination.database_events(session, identifier))
        if status != "available"
        else (),
        closed_to=tuple(_closed_to(app, session, noun, row, port)),
    )


def _closed_to(app: App, session: Session, noun: str, row: Row, port: int) -> list[str]:
    """Return the services that use a database and that no rule of its groups lets in."""
    names = [group["VpcSecurityGroupId"] for group in row.get("VpcSecurityGroups", ())]
    rules = [
        rule
        for group in examination.groups(session, names)
        for rule in group["IpPermissions"]
        if allows(rule, port)
    ]
    users = [n for n, s in app.services.items() if any(use.name == noun for use in s.uses)]
    own = service_groups(app, session, users)
    return [name for name in users if name in own and not let_in(rules, own[name])]


def let_in(rules: list[Row], groups: Set[str]) -> bool:
    """Return whether rules let in one of some security groups, or addresses of their own."""
    from_groups = {p.get("GroupId") for rule in rules for p in rule.get("UserIdGroupPairs", ())}
    return any(rule.get("IpRanges") for rule in rules) or bool(from_groups & groups)


def service_groups(app: App, session: Session, names: list[str]) -> dict[str, set[str]]:
    """Return the security groups of services that are deployed."""
    from seatrial.cloud import services

    rows = services.active(session, Context(app).name("service"), sorted(names))
    return {
        row["serviceName"]: set(
            row.get("networkConfiguration", {})
            .get("awsvpcConfiguration", {})
            .get("securityGroups", ())
        )
        for row in rows
    }
