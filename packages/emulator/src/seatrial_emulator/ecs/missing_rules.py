"""Which security-group rules are missing: what the targets' and databases' silence comes from.

AWS only shows a time-out; here the rules are at hand. Callers hold the emulator's lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial_emulator.api import security_groups
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs.task_start import Placement

Placements = dict[str, Placement]


def sentences(
    emulator: Emulator, rules: tuple[security_groups.Rule, ...], placements: Placements
) -> list[str]:
    """Return a sentence for each connection that was meant and is not allowed."""
    names = {
        group.id: group.name
        for groups in emulator.backend("ec2").groups.values()
        for group in groups.values()
    }
    found = [*_targets(emulator, rules, placements), *_databases(emulator, rules, placements)]
    named = [re.sub(r"sg-[0-9a-f]+", lambda m: names.get(m[0], m[0]), text) for text in found]
    return sorted(set(named))


def _targets(
    emulator: Emulator, rules: tuple[security_groups.Rule, ...], placements: Placements
) -> Iterator[str]:
    """Yield what keeps balancers from their targets."""
    elb = emulator.backend("elbv2")
    for group in elb.target_groups.values():
        sources = [b for b in elb.load_balancers.values() if b.arn in group.load_balancer_arns]
        for address, port in emulator.state.target_group(group.arn).targets:
            placement = placements.get(address)
            for balancer in sources if placement else ():
                source = security_groups.Peer(frozenset(balancer.security_groups), "10.0.0.2")
                peer = (
                    security_groups.Peer(placement.groups, address)
                    if placement
                    else security_groups.Peer()
                )
                for text in security_groups.lacking(rules, source, peer, int(port)):
                    yield f"balancer to {group.name}: {text}"


def _databases(
    emulator: Emulator, rules: tuple[security_groups.Rule, ...], placements: Placements
) -> Iterator[str]:
    """Yield what keeps every task from a database: one that nobody may reach is a mistake."""
    for name, database in emulator.backend("rds").databases.items():
        peer = security_groups.Peer(frozenset(database.vpc_security_group_ids or ()), "10.0.0.1")
        lacks = [
            security_groups.lacking(
                rules, security_groups.Peer(p.groups, p.address), peer, int(database.port)
            )
            for p in placements.values()
        ]
        if lacks and all(lacks):
            for text in lacks[0]:
                yield f"tasks to database {name}: {text}"
