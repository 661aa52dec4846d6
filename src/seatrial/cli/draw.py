"""Events as lines on standard error, and the tables that commands print."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime

import click

from seatrial.events import (
    DeploymentChanged,
    Event,
    LogLine,
    Note,
    ResourceChanged,
    StepEnded,
    StepStarted,
    TaskChanged,
)

# Control sequences in a service's output must not steer the reader's terminal.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f]")
COLOURS = ("cyan", "magenta", "yellow", "green", "blue")


class Drawer:
    """Draws events as they come, from any thread."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.lock = threading.Lock()
        self.resources = 0
        self.colours: dict[str, str] = {}

    def __call__(self, event: Event) -> None:
        """Draw one event."""
        text = None if self.quiet else self._text(event)
        if text is not None:
            with self.lock:
                click.echo(text, err=not isinstance(event, LogLine))

    def _text(self, event: Event) -> str | None:
        match event:
            case StepStarted():
                self.resources = 0
                return None
            case ResourceChanged():
                self.resources += 1
                return None
            case StepEnded(name, seconds, detail):
                changed = f"  {self.resources} resources" if self.resources else ""
                return f"  {name:<12} {seconds:5.1f} s{changed}{detail}"
            case TaskChanged(service, _, state, reason):
                return f"    {service}: {state} {reason}".rstrip()
            case DeploymentChanged(service, state, _):
                return f"    {service}: {state}"
            case Note(text, warning):
                return click.style(f"  warning: {text}", fg="yellow") if warning else f"  {text}"
            case LogLine():
                return self._line(event)

    def _line(self, event: LogLine) -> str:
        colour = self.colours.setdefault(event.service, COLOURS[len(self.colours) % len(COLOURS)])
        at = datetime.fromtimestamp(event.time / 1000, UTC).astimezone().strftime("%H:%M:%S")
        return f"{at} {click.style(event.service, fg=colour)} {plain(event.text)}"


def plain(text: str) -> str:
    """Return a line without control characters."""
    return _CONTROL.sub("", text)


def table(rows: list[tuple[str, ...]]) -> str:
    """Return rows as aligned columns; the first row is the heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join(lines)
