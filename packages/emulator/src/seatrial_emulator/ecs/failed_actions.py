"""What becomes of an action at which the emulator itself failed: nothing may wait for ever."""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from typing import TYPE_CHECKING

from seatrial_emulator.api import mistakes
from seatrial_emulator.ecs.types import Action, Drain, Kill, Launch, Start, Terminate

if TYPE_CHECKING:
    from seatrial_emulator.ecs.action_runner import ActionRunner


def give_up(runner: ActionRunner, action: Action, error: Exception) -> None:
    """Stop the task that an action concerns, or count a failure of its deployment, with the reason.

    What concerns neither is decided again at the next look. The traceback is in emulator.log.
    """
    traceback.print_exception(error, file=sys.stderr)
    why = f"the emulator itself failed: {mistakes.said(error)}"
    match action:
        case Start() | Drain() | Terminate() | Kill():
            runner.runner.kill(action.task)
            runner.runner.local(action.task).why = why
        case Launch():
            noted = runner.notes.of(action.deployment)
            noted.count, noted.last, noted.why = noted.count + 1, time.monotonic(), why
            with contextlib.suppress(Exception):  # the service may be what is broken
                runner.event(runner.service(action.service), f"was unable to place a task: {why}")
        case _:
            return
