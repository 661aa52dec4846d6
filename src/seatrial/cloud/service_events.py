"""ECS: what it wrote of a service, in its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NEWEST = 20  # events of a service, of the hundred that ECS keeps


@dataclass(frozen=True)
class ServiceEvent:
    """One event of a service."""

    id: str
    at: datetime
    text: str


def events(row: Mapping[str, Any]) -> tuple[ServiceEvent, ...]:
    """Return the newest events of a service's record, the newest first."""
    return tuple(
        ServiceEvent(event["id"], event["createdAt"], event["message"])
        for event in row.get("events", [])[:NEWEST]
    )
