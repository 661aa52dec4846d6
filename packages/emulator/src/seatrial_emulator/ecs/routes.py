"""Listeners and target groups of the emulator as messages to the network process."""

from __future__ import annotations

import json
from typing import Any

from seatrial_emulator.api import records, security_groups
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs import task_start
from seatrial_emulator.ecs.task_start import Placement
from seatrial_emulator.faults.fault import Fault


def listeners(emulator: Emulator) -> dict[str, dict[str, Any]]:
    """Return every listener of every balancer."""
    found = {}
    for balancer in emulator.backend("elbv2").load_balancers.values():
        idle = int(balancer.attrs.get("idle_timeout.timeout_seconds") or 60)
        for arn, listener in balancer.listeners.items():
            rules = [r for r in listener.rules.values() if not r.is_default]
            found[str(arn)] = {
                "rules": [_rule(rule) for rule in rules],
                "default": _action(listener.default_actions),
                "idle": idle,
                "scheme": "https" if listener.protocol == "HTTPS" else "http",
                "port": int(listener.port),
            }
    return found


def _rule(rule: Any) -> dict[str, Any]:
    conditions = [[c["Field"], _values(c)] for c in rule.conditions]
    return {
        "priority": int(rule.priority),
        "conditions": conditions,
        "action": _action(rule.actions),
    }


def _values(condition: dict[str, Any]) -> list[str]:
    if condition.get("Values"):
        return [str(value) for value in condition["Values"]]
    return next(
        (
            [str(v) for v in value["Values"]]
            for value in condition.values()
            if isinstance(value, dict) and "Values" in value
        ),
        [],
    )


def _action(actions: list[Any]) -> dict[str, Any]:
    data = records.action_data(actions[-1])
    if data.get("Type") == "fixed-response":
        fixed = data["FixedResponseConfig"]
        return {
            "status": int(fixed["StatusCode"]),
            "body": fixed.get("MessageBody") or "",
            "content_type": fixed.get("ContentType") or "text/plain",
        }
    if arn := data.get("TargetGroupArn"):
        return {"group": arn}
    groups = (data.get("ForwardConfig") or {}).get("TargetGroups") or []
    return {"group": groups[0]["TargetGroupArn"]} if groups else {"status": 503}


def groups(
    emulator: Emulator,
    rules: tuple[security_groups.Rule, ...],
    placements: dict[str, Placement],
    faults: dict[tuple[str, str, int], tuple[Fault, ...]],
    active: tuple[Fault, ...],
    *,
    pace: float,
) -> dict[str, dict[str, Any]]:
    """Return every target group with its targets and their state.

    ``faults`` are those of single targets (ARN of the group, address, port), ``active`` hold for
    every one; ``pace`` divides the pauses between health checks.
    """
    backend = emulator.backend("elbv2")
    found = {}
    for arn, group in backend.target_groups.items():
        states = emulator.state.target_group(arn).targets
        faulty = {
            target: (*faults.get((arn, *target), ()), *active)
            for target in states
            if faults.get((arn, *target)) or active
        }
        fading = {t for t, given in faulty.items() if any(f.probe == "fading" for f in given)}
        over = {target for target in fading if _completed(emulator, target)}
        sources = [
            frozenset(b.security_groups)
            for b in backend.load_balancers.values()
            if b.arn in (group.load_balancer_arns or [])
        ]
        targets = [[address, port, state.health] for (address, port), state in states.items()]
        found[str(arn)] = {
            "targets": targets,
            "faults": [
                _fault(target, given, over=target in over) for target, given in faulty.items()
            ],
            "blocked": [t[:2] for t in targets if not _reached(rules, sources, placements, t)],
            "sticky": group.attributes.get("stickiness.enabled") == "true",
            "path": group.health_check_path or "/",
            "codes": (group.matcher or {}).get("HttpCode") or "200",
            "interval": int(group.health_check_interval_seconds or 30) / pace,
            "timeout": int(group.health_check_timeout_seconds or 5),
        }
    return found


def _fault(target: tuple[str, int], faults: tuple[Fault, ...], *, over: bool) -> list[Any]:
    """Return what the network must do to a target: its address, port, probe and delay.

    A fading health check fails once ECS has called the deployment complete.
    """
    probe = next((fault.probe for fault in faults if fault.probe), "")
    if probe == "fading":
        probe = "failing" if over else ""
    return [*target, probe, max(fault.latency for fault in faults)]


def _completed(emulator: Emulator, target: tuple[str, int]) -> bool:
    """Say whether the deployment of the task behind a target is complete."""
    ecs = emulator.backend("ecs")
    started = {
        task_start.placement(task).address: task.started_by
        for tasks in ecs.tasks.values()
        for task in tasks.values()
        if task.last_status == "RUNNING"
    }
    return any(
        d["id"] == started.get(target[0]) and d["rolloutState"] == "COMPLETED"
        for service in ecs.services.values()
        for d in service.deployments
    )


def _reached(
    rules: tuple[security_groups.Rule, ...],
    sources: list[frozenset[str]],
    placements: dict[str, Placement],
    target: list[Any],
) -> bool:
    placement = placements.get(target[0])
    if placement is None or not sources:
        return placement is None
    peer = security_groups.Peer(placement.groups, placement.address)
    return any(
        security_groups.connects(
            rules, security_groups.Peer(source, "10.0.0.2"), peer, int(target[1])
        )
        for source in sources
    )


def credentials(task_id: str, body: dict[str, str], metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the credentials and metadata endpoint of one task as a listener."""

    def answer(path: str, value: dict[str, Any], priority: int) -> dict[str, Any]:
        return {
            "priority": priority,
            "conditions": [["path-pattern", [path]]],
            "action": {
                "status": 200,
                "body": json.dumps(value),
                "content_type": "application/json",
            },
        }

    rules = [answer(f"/v4/{task_id}*", metadata, 2)]
    if body:
        rules.append(answer(f"/v2/credentials/{task_id}", body, 1))
    return {"rules": rules, "default": {"status": 404}, "idle": 60}
