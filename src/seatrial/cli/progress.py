"""The progress of a running command as one line of text. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from seatrial.events import (
    DeploymentChanged,
    Event,
    ResourceChanged,
    ResourcesPlanned,
    ResourceStarted,
    StepEnded,
    StepFailed,
    StepStarted,
)

SHOWN = 3  # names of resources and of services in the line
LONG = 2.0  # seconds until a resource is named


@dataclass
class Progress:
    """A running command; times are seconds of one clock, ``expected`` those of the whole."""

    expected: int = 0
    began: float | None = None
    step: str = ""
    since: float = 0.0
    planned: int = 0
    done: int = 0
    pending: dict[str, tuple[str, float]] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)

    def record(self, event: Event, now: float) -> None:
        """Update the progress by one event."""
        match event:
            case StepStarted(name):
                self.began = now if self.began is None else self.began
                self.step, self.since, self.planned, self.done = name, now, 0, 0
                self.pending, self.services = {}, {}
            case StepEnded() | StepFailed():
                self.step = ""
            case ResourcesPlanned(count):
                self.planned += count
            case ResourceStarted(address, noun):
                self.pending[address] = noun, now
            case ResourceChanged(address):
                self.done += 1
                self.pending.pop(address, None)
            case DeploymentChanged(service, state):
                self.services[service] = state
            case _:
                pass

    def line(self, now: float) -> str:
        """Return the line; empty between steps."""
        if not self.step or self.began is None:
            return ""
        parts = [f"{self.step} {clock(now - self.since)}", *self._counted(), *self._named(now)]
        whole = f"{clock(now - self.began)} in total"
        if self.expected:
            whole += f", about {max(round(self.expected / 60), 1)} min on AWS"
        return "  " + "; ".join([*parts, whole])

    def _counted(self) -> list[str]:
        return [f"{self.done} of {self.planned} resources"] if self.planned else []

    def _named(self, now: float) -> list[str]:
        """Return what takes longest, by the app file's names, and services not yet steady."""
        longest: dict[str, float] = {}
        for noun, since in self.pending.values():
            longest[noun] = max(longest.get(noun, 0.0), now - since)
        slow = sorted((-s, noun) for noun, s in longest.items() if s >= LONG)[:SHOWN]
        found = [f"{noun} {clock(-seconds)}" for seconds, noun in slow]
        waiting = [f"{n}: {s}" for n, s in sorted(self.services.items()) if s != "steady"]
        return [", ".join(part) for part in (found, waiting[:SHOWN]) if part]


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
