"""Tasks of services that ended without being asked to: for who watches a rehearsal."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from seatrial_emulator.ecs import task_start
from seatrial_emulator.ecs.task_runner import Local

MOST_ENDS = 50
_STOPPED_ON_REQUEST = ("Scaling activity", "Task stopped by")


@dataclass
class EndedTasks:
    """The newest ends, numbered from 1 on."""

    rows: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_ENDS))
    count: int = 0

    def add(self, task: Any, local: Local) -> None:
        """Record the end of a task, unless the scheduler or a user asked for it."""
        service = task_start.service_of(task)
        if not service or str(task.stopped_reason).startswith(_STOPPED_ON_REQUEST):
            return
        if task.stop_code == "UserInitiated":
            return
        self.count += 1
        self.rows.append(
            {
                "number": self.count,
                "service": service,
                "task": task.task_arn,
                "reason": str(task.stopped_reason),
                "exit_code": local.exit_code,
                "last": local.handle.last if local.handle else "",
            }
        )
