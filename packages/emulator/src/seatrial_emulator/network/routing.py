"""Which target group answers a request: listener rules, as an Application Load Balancer reads them.

Pure. Source: ELB user guide, "Condition types for listener rules" and "Target group health".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

Target = tuple[str, int]  # address and port
IDLE = 60  # seconds without a byte until a balancer closes a connection, by default


@dataclass(frozen=True)
class Request:
    """What rules look at."""

    host: str
    path: str
    source: str
    method: str = "GET"


@dataclass(frozen=True)
class Action:
    """Forward to a target group, or a fixed answer."""

    group: str = ""
    status: int = 0
    body: str = ""
    content_type: str = "text/plain"


@dataclass(frozen=True)
class Rule:
    """Conditions that must all hold; each holds when one of its values matches."""

    priority: int
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    action: Action


@dataclass(frozen=True)
class Listener:
    """A listener with its rules in order of priority and its default action."""

    rules: tuple[Rule, ...]
    default: Action
    idle: int = IDLE
    scheme: str = "http"
    port: int = 80


@dataclass(frozen=True)
class Group:
    """A target group: its targets with their state, and how they are checked."""

    targets: dict[Target, str] = field(default_factory=dict)
    sticky: bool = False
    path: str = "/"
    codes: str = "200"
    interval: float = 5
    timeout: float = 4
    blocked: tuple[Target, ...] = ()
    probes: dict[Target, str] = field(default_factory=dict)  # faults of health checks
    delays: dict[Target, float] = field(default_factory=dict)  # seconds before an answer


@lru_cache(maxsize=1024)
def _pattern(text: str, *, fold: bool) -> re.Pattern[str]:
    escaped = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL | (re.IGNORECASE if fold else 0))


def matches(pattern: str, path: str) -> bool:
    """Return whether a path fits a pattern with ``*`` and ``?``, as CloudFront's behaviours do."""
    return bool(_pattern(pattern, fold=False).fullmatch(path))


def _holds(kind: str, values: tuple[str, ...], request: Request) -> bool:
    match kind:
        case "path-pattern":
            path = request.path.split("?", 1)[0]
            return any(_pattern(value, fold=False).fullmatch(path) for value in values)
        case "host-header":
            host = request.host.rsplit(":", 1)[0]
            return any(_pattern(value, fold=True).fullmatch(host) for value in values)
        case "source-ip":
            return any(ip_address(request.source) in ip_network(value) for value in values)
        case "http-request-method":
            return request.method in values
        case _:
            return False  # a condition we do not know never matches: nothing is sent astray


def choose(listener: Listener, request: Request) -> Action:
    """Return the action of the first rule whose conditions all hold."""
    for rule in listener.rules:
        if all(_holds(kind, values, request) for kind, values in rule.conditions):
            return rule.action
    return listener.default


def eligible(group: Group) -> list[Target]:
    """Return the targets that get requests: the healthy ones; with none, the unhealthy ones (fail
    open); new ones, not checked yet, only where there are no others.
    """
    for wanted in ("healthy", "unhealthy", "initial"):
        if found := [target for target, state in group.targets.items() if state == wanted]:
            return sorted(found)
    return []


def code_counts(codes: str, status: int) -> bool:
    """Return whether a status code is among ``200``, ``200,302`` or ``200-299``."""
    for part in codes.split(","):
        low, _, high = part.partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False


def listener_from(row: dict[str, Any]) -> Listener:
    """Read a listener from its message."""
    rules = [
        Rule(
            r["priority"],
            tuple((c[0], tuple(c[1])) for c in r["conditions"]),
            Action(**r["action"]),
        )
        for r in row["rules"]
    ]
    return Listener(
        tuple(sorted(rules, key=lambda r: r.priority)),
        Action(**row["default"]),
        row["idle"],
        row.get("scheme", "http"),
        row.get("port", 80),
    )


def group_from(row: dict[str, Any]) -> Group:
    """Read a target group from its message."""
    targets = {(t[0], t[1]): t[2] for t in row["targets"]}
    faults = row.get("faults", [])
    rest = {k: v for k, v in row.items() if k not in ("targets", "blocked", "faults")}
    return Group(
        targets=targets,
        blocked=tuple((b[0], b[1]) for b in row["blocked"]),
        probes={(f[0], f[1]): f[2] for f in faults if f[2]},
        delays={(f[0], f[1]): f[3] for f in faults if f[3]},
        **rest,
    )
