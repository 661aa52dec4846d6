"""What is under way, in one line that is drawn over and over where there is a terminal. Pure."""

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

SHOWN = 3  # nouns and services that are named in the line
LONG = 2.0  # seconds until a resource is worth naming


@dataclass
class Progress:
    """A verb while it runs; times are seconds of one clock, ``expected`` is the whole verb's."""

    expected: int = 0
    began: float | None = None
    step: str = ""
    since: float = 0.0
    planned: int = 0
    done: int = 0
    making: dict[str, tuple[str, float]] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event, now: float) -> None:
        """Learn from an event."""
        match event:
            case StepStarted(name):
                self.began = now if self.began is None else self.began
                self.step, self.since, self.planned, self.done = name, now, 0, 0
                self.making, self.services = {}, {}
            case StepEnded() | StepFailed():
                self.step = ""
            case ResourcesPlanned(count):
                self.planned += count
            case ResourceStarted(address, noun):
                self.making[address] = noun, now
            case ResourceChanged(address):
                self.done += 1
                self.making.pop(address, None)
            case DeploymentChanged(service, state):
                self.services[service] = state
            case _:
                pass

    def line(self, now: float) -> str:
        """Return the line; empty where nothing is under way."""
        if not self.step or self.began is None:
            return ""
        parts = [f"{self.step} {clock(now - self.since)}", *self._counted(), *self._named(now)]
        whole = f"{clock(now - self.began)} in all"
        if self.expected:
            whole += f", about {max(round(self.expected / 60), 1)} min on AWS"
        return "  " + "; ".join([*parts, whole])

    def _counted(self) -> list[str]:
        return [f"{self.done} of {self.planned} resources"] if self.planned else []

    def _named(self, now: float) -> list[str]:
        """Name what takes longest, by the app file's nouns, and the services on their way."""
        longest: dict[str, float] = {}
        for noun, since in self.making.values():
            longest[noun] = max(longest.get(noun, 0.0), now - since)
        slow = sorted((-s, noun) for noun, s in longest.items() if s >= LONG)[:SHOWN]
        found = [f"{noun} {clock(-seconds)}" for seconds, noun in slow]
        waiting = [f"{n}: {s}" for n, s in sorted(self.services.items()) if s != "steady"]
        return [", ".join(part) for part in (found, waiting[:SHOWN]) if part]


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
