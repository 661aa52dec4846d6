"""What a fault is: its description, and what it does where it applies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Need = Literal["", "secret", "database", "public"]  # what a fault applies to; empty is any service
Probe = Literal["", "failing", "flapping", "fading"]


@dataclass(frozen=True)
class Facts:
    """What a fault may know of the task that is about to start."""

    role: str
    account: str
    image: str
    secret: str = ""  # ARN of the first secret of its definition; empty where it has none
    key: str = ""  # the JSON key that is read from it


@dataclass(frozen=True)
class Fault:
    """One failure on demand.

    ``applies_to``: a ``release`` with it does not come to serve; what is ``running`` is disturbed
    while it lasts. ``expects`` is a regular expression for what AWS shows: it is found in the
    stopped reason, the service's events, the target's health or the task's log.
    """

    id: str
    shows: str
    source: str
    expects: str
    applies_to: Literal["release", "running"] = "release"
    needs: Need = ""
    refuses: Callable[[Facts], str] | None = None  # the task's stopped reason, or nothing
    words: Callable[[tuple[str, ...]], tuple[str, ...]] | None = None  # what is executed instead
    memory: int = 0  # MiB that the task has instead of its own
    probe: Probe = ""  # how health checks are answered instead of by the task
    database: Literal["", "refuse", "crowd"] = ""  # what new connections to a database meet
    throttle: float = 0.0  # the part of API requests that is refused
    capacity: bool = True  # whether tasks can be placed at all
    latency: float = 0.0  # seconds before each answer of a task
