"""Targets whose health checks fail, and what the machine knows of why. Callers hold the lock.

AWS tells nothing of a target before it is unhealthy, and of a refused connection only that health
checks failed. Here the program can be looked at: what it listens on is known.
"""

from __future__ import annotations

import time
from typing import Any

from seatrial_emulator.api.server import Emulator
from seatrial_emulator.ecs import observation, task_start
from seatrial_emulator.ecs.task_runner import Local, Runner
from seatrial_emulator.servers.listening import listening


def rows(emulator: Emulator, runner: Runner) -> list[dict[str, Any]]:
    """Return a row for each running task's target whose last health check failed.

    A row is the check's result with ``service``, ``cluster``, ``group``, ``port``, ``seconds``
    since the program started, ``listens`` (``address:port``), and the target's ``state``.
    """
    found = []
    for task in observation.records(emulator):
        local = runner.local(task.task_arn)
        if local.phase != "running" or local.handle is None:
            continue
        for group, address, port in local.targets:
            state = emulator.state.target_group(group).targets.get((address, port))
            if state is None or not state.last_check or state.last_check["good"]:
                continue
            found.append(
                state.last_check
                | {
                    "service": task_start.service_of(task),
                    "cluster": task.cluster_name,
                    "deployment": task.started_by,
                    "task": task.task_arn,
                    "group": group,
                    "port": port,
                    "seconds": time.monotonic() - local.started,
                    "listens": _listens(local),
                    "state": state.health,
                }
            )
    return found


def _listens(local: Local) -> list[str]:
    """Return where the program listens, by the ports of its task definition."""
    handle = local.handle
    if handle is None:
        return []
    own = {actual: wanted for wanted, actual in handle.ports.items()}
    found = listening(handle.root)
    return sorted(f"{address}:{own.get(number, number)}" for address, number in found)
