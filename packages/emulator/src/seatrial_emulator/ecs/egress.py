"""What a task may connect to: one egress for each destination its security groups allow."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial_emulator.api import records, security_groups
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs.task_start import Placement
from seatrial_emulator.sandbox.base import CREDENTIALS_HOST, Egress
from seatrial_emulator.servers.elasticache import endpoints

PROXY_PORT = 61_080
HTTPS = 443


@dataclass(frozen=True)
class EgressRoutes:
    """How this rehearsal reaches things that AWS reaches otherwise."""

    endpoint_port: int
    isolated: bool
    databases: dict[str, str]  # RDS identifier: socket path
    caches: dict[str, str]  # replication group: socket path


def tokens_host(region: str) -> str:
    """Return where a pool of users publishes the keys that its tokens are signed with.

    Programs ask there over HTTPS and without an SDK, so no endpoint can be given to them.
    """
    return f"cognito-idp.{region}.amazonaws.com"


def reaches_aws(
    emulator: Emulator, placement: Placement, rules: tuple[security_groups.Rule, ...]
) -> bool:
    """Return whether a task can call AWS: HTTPS out, and a route."""
    out = security_groups.allows(
        rules, placement.groups, HTTPS, security_groups.Peer(), egress=True
    )
    public = placement.public
    return out and records.has_route_to_aws(emulator, placement.subnet, public_address=public)


def allowed(
    emulator: Emulator,
    task_id: str,
    placement: Placement,
    rules: tuple[security_groups.Rule, ...],
    routes: EgressRoutes,
    credentials_port: int,
) -> tuple[Egress, ...]:
    """Return every egress of a task."""
    found = [
        _egress(
            "credentials",
            CREDENTIALS_HOST,
            credentials_port,
            kind="balancer",
            listener=f"credentials:{task_id}",
        )
    ]
    if reaches_aws(emulator, placement, rules) and routes.isolated:
        found.append(
            _egress(
                "aws", "127.0.0.1", routes.endpoint_port, kind="aws", port=str(routes.endpoint_port)
            )
        )
        if records.internet(emulator, placement.subnet, public_address=placement.public):
            out = security_groups.ranges_out(rules, placement.groups)
            found.append(_egress("proxy", "127.0.0.1", PROXY_PORT, kind="proxy", ports=out))
            found += [
                _egress(f"internet:{host}:{port}", host, port, kind="internet", to=f"{host}:{port}")
                for host, port in security_groups.hosts_out(rules, placement.groups)
            ]
        if emulator.backend("cognito-idp").user_pools:
            host = tokens_host(emulator.region)
            found.append(
                _egress("tokens", host, HTTPS, kind="https", port=str(routes.endpoint_port))
            )
    me = security_groups.Peer(placement.groups, placement.address)
    found += _databases(emulator, me, rules, routes)
    found += _caches(emulator, me, rules, routes)
    found += _balancers(emulator, me, rules)
    return tuple(found)


def _egress(key: str, host: str, port: int, /, **purpose: str) -> Egress:
    return Egress(key, host, port, tuple(sorted(purpose.items())))


def _databases(
    emulator: Emulator,
    me: security_groups.Peer,
    rules: tuple[security_groups.Rule, ...],
    routes: EgressRoutes,
) -> list[Egress]:
    found = []
    for name, database in emulator.backend("rds").databases.items():
        peer = security_groups.Peer(frozenset(database.vpc_security_group_ids or ()), "10.0.0.1")
        port = int(database.port)
        if name in routes.databases and security_groups.connects(rules, me, peer, port):
            found.append(
                _egress(
                    f"database:{name}",
                    str(database.address),
                    port,
                    kind="mysql" if database.engine == "mysql" else "database",
                    socket=routes.databases[name],
                )
            )
    return found


def _caches(
    emulator: Emulator,
    me: security_groups.Peer,
    rules: tuple[security_groups.Rule, ...],
    routes: EgressRoutes,
) -> list[Egress]:
    found = []
    for name, group in emulator.backend("elasticache").replication_groups.items():
        peer = security_groups.Peer(frozenset(group.security_group_ids or ()), "10.0.0.3")
        if name in routes.caches and security_groups.connects(rules, me, peer, int(group.port)):
            hosts = [host for members in group.node_groups for host in endpoints(members)]
            purpose = {"kind": "cache", "socket": routes.caches[name], "tls": f"cache-{name}"}
            found += [_egress(f"cache:{h}", h, int(group.port), **purpose) for h in hosts]
    return found


def _balancers(
    emulator: Emulator, me: security_groups.Peer, rules: tuple[security_groups.Rule, ...]
) -> list[Egress]:
    found = []
    for balancer in emulator.backend("elbv2").load_balancers.values():
        peer = security_groups.Peer(frozenset(balancer.security_groups), "10.0.0.2")
        for arn, listener in balancer.listeners.items():
            port = int(listener.port)
            if balancer.scheme == "internal" and security_groups.connects(rules, me, peer, port):
                found.append(
                    _egress(
                        f"balancer:{arn}",
                        str(balancer.dns_name),
                        port,
                        kind="balancer",
                        listener=str(arn),
                        source=me.address,
                    )
                )
    return found
