"""What happens in a rehearsal that nobody asked for: tasks that end, processes started again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seatrial.events import Emit, Note, TaskChanged
from seatrial.rehearsal.session import Running

LOOK_SECONDS = 1.0


@dataclass
class Incidents:
    """Tells each incident once; those of a deploy are the deploy's to tell."""

    running: Running
    emit: Emit
    deploying: Callable[[], bool]
    last: int = 0  # the number of the last end that was reported
    reported: set[str] = field(default_factory=set)

    def run(self, ended: threading.Event) -> None:
        """Look until ``ended``."""
        while not ended.wait(LOOK_SECONDS):
            try:
                self.look(self.running.call("describe"))
            except (OSError, ValueError):  # it is ending, or too busy to answer
                continue

    def look(self, described: dict[str, Any]) -> None:
        """Tell what is new in the daemon's description."""
        quiet = self.deploying()
        for row in described["ended"]:
            if row["number"] > self.last:
                self.last = row["number"]
                if not quiet:
                    self.emit(_event(row))
        for note in described["notes"]:
            if note not in self.reported:
                self.reported.add(note)
                self.emit(Note(note, warning=True))


def _event(row: dict[str, Any]) -> TaskChanged:
    code = f" (exit code {row['exit_code']})" if row["exit_code"] is not None else ""
    last = f"; last line: {row['last']}" if row["last"] else ""
    text = f"{row['reason']}{code}{last}"
    return TaskChanged(row["service"], row["task"], "a task ended:", text)
