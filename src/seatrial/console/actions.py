"""What may be done from the page: each is a command of ``seatrial``, run as one."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.ops.status import StatusReport
from seatrial_emulator.faults import FAULTS

TIMEOUT = 600  # seconds that a command may take


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button: its words, and those of the command; ``group`` gathers several in one list."""

    label: str
    words: tuple[str, ...]
    group: str = ""

    @property
    def command(self) -> str:
        """Return the command as a person types it."""
        return " ".join(("seatrial", *self.words))

    def as_json(self) -> dict[str, str]:
        """Return what the page shows."""
        return {"id": self.command, "label": self.label, "command": self.command} | (
            {"group": self.group} if self.group else {}
        )


def of_rehearsal(report: StatusReport) -> Iterator[Action]:
    """Yield what may be done in a rehearsal, as it is now."""
    names = sorted(report.names)
    for name in names:
        yield Action(label=name, words=("kill", name), group="Kill a task")
    for name in names:
        yield Action(label=name, words=("restart", name), group="Restart")
    for fault in FAULTS.values():
        yield Action(label=fault.id, words=("inject", fault.id), group="Inject a fault")
    yield Action(label="End faults", words=("inject", "--clear"))
    if report.has_data:
        yield Action(label="Kill the databases", words=("kill", "--databases"))
    yield Action(label="AWS's API down", words=("kill", "--api", "5"))
    if (report.release or 0) > 1:
        yield Action(label="Roll back", words=("rollback",))


@dataclass
class Runner:
    """Runs commands one at a time; their output is passed line by line."""

    path: Path
    environment: str
    say: Callable[[str, str], None]  # a line, and its tone
    allowed: dict[str, Action] = field(default_factory=dict)
    busy: threading.Lock = field(default_factory=threading.Lock)

    def offer(self, actions: Iterable[Action]) -> list[dict[str, str]]:
        """Allow these actions and no other; return what the page shows of them."""
        self.allowed = {action.command: action for action in actions}
        return [action.as_json() for action in self.allowed.values()]

    def start(self, command: Any) -> int:
        """Start a command that is allowed; return an HTTP status: 202, 403, or 409 while busy."""
        action = self.allowed.get(command) if isinstance(command, str) else None
        if action is None:
            return 403
        if not self.busy.acquire(blocking=False):
            return 409
        threading.Thread(target=self._run, args=(action,), daemon=True, name="action").start()
        return 202

    def _run(self, action: Action) -> None:
        where = ["-f", str(self.path), "--env", self.environment]
        where += [] if action.words[0] in ("kill", "inject") else ["--rehearsal"]
        begin = time.monotonic()
        self.say(f"$ {action.command}", "command")
        try:
            with subprocess.Popen(
                [sys.executable, "-m", "seatrial.cli.main", *action.words, *where],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process:
                for line in process.stdout or ():
                    if line.strip():
                        self.say(line.strip(), "")
            seconds = time.monotonic() - begin
            tone = "bad" if process.returncode else "good"
            self.say(f"exit code {process.returncode} after {seconds:.1f} s", tone)
        finally:
            self.busy.release()
