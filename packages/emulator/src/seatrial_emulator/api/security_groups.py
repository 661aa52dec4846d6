"""Who can connect to whom: security-group rules and routes, read as the VPC reads them. Pure.

Security groups are stateful and allow only (VPC user guide, "Security group rules").
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

ANYWHERE = "203.0.113.1"  # RFC 5737: stands for an address of the internet


@dataclass(frozen=True)
class Rule:
    """One rule of one group; exactly one of the peers is set."""

    group: str
    egress: bool
    protocol: str
    low: int
    high: int
    peer_group: str = ""
    peer_network: str = ""
    peer_prefix: str = ""
    hosts: tuple[str, ...] = ()  # that its description names

    def covers(self, port: int) -> bool:
        """Return whether the rule speaks of a TCP port."""
        if self.protocol == "-1":
            return True
        return self.protocol == "tcp" and self.low <= port <= self.high


@dataclass(frozen=True)
class Peer:
    """The other side: its groups, its address, or a managed prefix list it belongs to."""

    groups: frozenset[str] = frozenset()
    address: str = ANYWHERE
    prefix: str = ""


def allows(
    rules: tuple[Rule, ...], groups: frozenset[str], port: int, peer: Peer, *, egress: bool
) -> bool:
    """Return whether any rule of these groups lets this port through."""
    return any(
        rule.group in groups and rule.egress == egress and rule.covers(port) and _is(rule, peer)
        for rule in rules
    )


def ranges_out(rules: tuple[Rule, ...], groups: frozenset[str]) -> str:
    """Return the TCP ports that these groups let out to the internet: ``443-443,8000-8010``."""
    found = {
        (0, 65_535) if rule.protocol == "-1" else (rule.low, rule.high)
        for rule in rules
        if rule.group in groups
        and rule.egress
        and rule.protocol in ("-1", "tcp")
        and _is(rule, Peer())
    }
    return ",".join(f"{low}-{high}" for low, high in sorted(found))


def hosts_out(rules: tuple[Rule, ...], groups: frozenset[str]) -> list[tuple[str, int]]:
    """Return the hosts of the internet that rules name, each with its port."""
    found = {
        (host, rule.low)
        for rule in rules
        if rule.group in groups and rule.egress and rule.protocol == "tcp" and _is(rule, Peer())
        for host in rule.hosts
    }
    return sorted(found)


def _is(rule: Rule, peer: Peer) -> bool:
    if rule.peer_group:
        return rule.peer_group in peer.groups
    if rule.peer_prefix:
        return rule.peer_prefix == peer.prefix
    return bool(rule.peer_network) and ip_address(peer.address) in ip_network(rule.peer_network)


def connects(rules: tuple[Rule, ...], source: Peer, target: Peer, port: int) -> bool:
    """Return whether the source may open a connection to the target's port."""
    out = allows(rules, source.groups, port, target, egress=True)
    return out and allows(rules, target.groups, port, source, egress=False)


def lacking(rules: tuple[Rule, ...], source: Peer, target: Peer, port: int) -> list[str]:
    """Return which rules a connection lacks, in words; none where it may be opened."""
    found = []
    mine, theirs = ", ".join(sorted(source.groups)), ", ".join(sorted(target.groups))
    if not allows(rules, source.groups, port, target, egress=True):
        found.append(f"no egress rule of {mine} lets TCP {port} out to {theirs}")
    if not allows(rules, target.groups, port, source, egress=False):
        found.append(f"no ingress rule of {theirs} lets TCP {port} in from {mine}")
    return found
