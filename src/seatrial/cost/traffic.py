"""What an estimate must assume of an app's use; every number can be given."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

Words = dict[str, str]


def _assumed(default: float, words: str) -> Any:
    return field(default=default, metadata={"words": words})


@dataclass(frozen=True)
class Traffic:
    """A month of use; the defaults are a small app's, as in the guides."""

    lcu: float = _assumed(0.1, "load balancer capacity units, on average")
    egress: float = _assumed(20, "GB to the internet")
    requests: float = _assumed(1, "million requests")
    nat: float = _assumed(10, "GB through NAT gateways")
    logs: float = _assumed(1, "GB of output, each service")
    images: float = _assumed(1, "GB of images, each build")
    objects: float = _assumed(10, "GB, each bucket")
    writes: float = _assumed(10, "thousand writes, each bucket")
    reads: float = _assumed(100, "thousand reads, each bucket")
    zones: float = _assumed(0, "GB between zones, each way")
    snapshots: float = _assumed(0, "GB of backups and snapshots beyond its storage, each database")
    site: float = _assumed(0.1, "GB of files, each site")
    messages: float = _assumed(0.1, "million messages, each queue")
    users: float = _assumed(1, "thousand people who sign in")
    flows: float = _assumed(1, "GB of access logs, and of refused connections")
    runs: float = _assumed(30, "runs, each job")
    minutes: float = _assumed(5, "minutes, each run of a job")

    def as_json(self) -> dict[str, float]:
        """Return every number by its name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def words(cls) -> Words:
        """Return what each number means."""
        return {item.name: str(item.metadata["words"]) for item in fields(cls)}
