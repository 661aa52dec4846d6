"""Events as lines on standard error, and the tables that commands print."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from datetime import UTC, datetime

import click

from seatrial.cli.progress import Progress
from seatrial.cli.style import style
from seatrial.events import (
    DeploymentChanged,
    Event,
    LogLine,
    Note,
    ResourceChanged,
    ResourcesPlanned,
    ResourceStarted,
    StepEnded,
    StepFailed,
    StepStarted,
    TaskChanged,
)

# Control sequences in a service's output must not steer the reader's terminal.
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f]"
    r"|[\u202a-\u202e\u2066-\u2069]"  # marks that reorder what is read
)
LIVE_SECONDS = 0.25  # between two updates of the progress line on a terminal
SILENT_SECONDS = 30.0  # without output until progress is printed where there is no terminal
COLOURS = ("cyan", "magenta", "yellow", "green", "blue")


class EventPrinter:
    """Prints events as they come, from any thread."""

    def __init__(
        self, *, quiet: bool = False, expected: int = 0, silence: float = SILENT_SECONDS
    ) -> None:
        self.quiet = quiet
        self.silence = silence
        self.lock = threading.Lock()
        self.resources = 0
        self.colours: dict[str, str] = {}
        self.progress = Progress(expected)
        self.ended = threading.Event()
        self.last_output = time.monotonic()
        if not quiet:
            threading.Thread(target=self._show_progress, daemon=True, name="progress").start()
            if context := click.get_current_context(silent=True):
                context.call_on_close(self.close)

    def __call__(self, event: Event) -> None:
        """Print one event."""
        text = None if self.quiet else self._text(event)
        with self.lock:
            self.progress.record(event, time.monotonic())
            if text is not None:
                self._clear_line()
                self.last_output = time.monotonic()
                click.echo(text, err=not isinstance(event, LogLine))

    def close(self) -> None:
        """Stop updating the progress line."""
        self.ended.set()
        with self.lock:
            self._clear_line()

    def _show_progress(self) -> None:
        """Show progress: on a terminal in one line, elsewhere a line after some silence."""
        live = sys.stderr.isatty()
        while not self.ended.wait(LIVE_SECONDS if live else self.silence / 10):
            with self.lock:
                now = time.monotonic()
                line = self.progress.line(now)
                if self.ended.is_set() or not line:
                    continue
                if live:
                    width = shutil.get_terminal_size().columns - 1
                    click.echo(f"\x1b[K{style(line[:width], dim=True)}\r", err=True, nl=False)
                elif now - self.last_output >= self.silence:
                    self.last_output = now
                    click.echo(line, err=True)

    def _clear_line(self) -> None:
        if not self.quiet and sys.stderr.isatty():
            click.echo("\x1b[K", err=True, nl=False)

    def _text(self, event: Event) -> str | None:
        match event:
            case StepStarted():
                self.resources = 0
                return None
            case ResourceChanged():
                self.resources += 1
                return None
            case StepFailed() | ResourcesPlanned() | ResourceStarted():
                return None
            case StepEnded(name, seconds, detail):
                changed = f"  {self.resources} resources" if self.resources else ""
                return f"  {name:<12} {seconds:5.1f} s{changed}{detail}"
            case TaskChanged(service, _, state, reason):
                return f"    {service}: {state} {plain(reason)}".rstrip()
            case DeploymentChanged(service, state, _):
                return f"    {service}: {state}"
            case Note(text, warning):
                return style(f"  warning: {text}", fg="yellow") if warning else f"  {text}"
            case LogLine():
                return self._line(event)

    def _line(self, event: LogLine) -> str:
        colour = self.colours.setdefault(event.service, COLOURS[len(self.colours) % len(COLOURS)])
        at = datetime.fromtimestamp(event.time / 1000, UTC).astimezone().strftime("%H:%M:%S")
        return f"{at} {style(event.service, fg=colour)} {plain(event.text)}"


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
