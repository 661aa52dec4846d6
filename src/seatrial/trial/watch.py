"""What tasks and deployments did, read from the ECS API as any client would read it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from seatrial.cloud.session import Session
from seatrial.target import Target

LOOK_SECONDS = 0.4


@dataclass
class Bar:
    """One task or deployment from its first to its last sighting, with each state it had.

    Times are seconds of the monotonic clock; ``label`` tells revisions or reasons apart.
    """

    id: str
    service: str
    label: str
    states: list[tuple[float, str]] = field(default_factory=list)
    last: float = 0.0
    why: str = ""

    def see(self, now: float, state: str, why: str = "") -> None:
        """Note a state; the same one again only moves the end."""
        if not self.states or self.states[-1][1] != state:
            self.states.append((now, state))
        self.last, self.why = now, why or self.why


@dataclass
class Watch:
    """Looks a few times a second until it is stopped; an API that is away is asked again."""

    target: Target
    cluster: str
    services: tuple[str, ...]
    tasks: dict[str, Bar] = field(default_factory=dict)
    deployments: dict[str, Bar] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self.thread = threading.Thread(target=self._run, daemon=True, name="watch")
        self.thread.start()

    def stop(self) -> None:
        """Look no more."""
        self.ended.set()
        if self.thread:
            self.thread.join()

    def _run(self) -> None:
        ecs = Session(self.target).client("ecs")
        while not self.ended.wait(LOOK_SECONDS):
            try:
                self._look(ecs)
            except (BotoCoreError, ClientError):
                continue

    def _look(self, ecs: Any) -> None:
        now = time.monotonic()
        for start in range(0, len(self.services), 10):
            rows = ecs.describe_services(
                cluster=self.cluster, services=list(self.services[start : start + 10])
            )
            for service in rows["services"]:
                for row in service["deployments"]:
                    self._deployment(now, service["serviceName"], row)
        for status in ("RUNNING", "STOPPED"):
            listed = ecs.list_tasks(cluster=self.cluster, desiredStatus=status)["taskArns"]
            fresh = [arn for arn in listed if status == "RUNNING" or self._open(arn)]
            if fresh:
                for row in ecs.describe_tasks(cluster=self.cluster, tasks=fresh[:100])["tasks"]:
                    self._task(now, row)

    def _open(self, arn: str) -> bool:
        bar = self.tasks.get(arn)
        return bar is None or bar.states[-1][1] != "STOPPED"

    def _deployment(self, now: float, service: str, row: dict[str, Any]) -> None:
        revision = row["taskDefinition"].rsplit(":", 1)[-1]
        bar = self.deployments.setdefault(
            row["id"], Bar(row["id"], service, f"revision {revision}")
        )
        bar.see(now, row.get("rolloutState", ""), row.get("rolloutStateReason", ""))

    def _task(self, now: float, row: dict[str, Any]) -> None:
        group = str(row.get("group", ""))
        family, _, revision = row["taskDefinitionArn"].rsplit("/", 1)[-1].rpartition(":")
        service = group[8:] if group.startswith("service:") else family
        label = f"revision {revision}"
        bar = self.tasks.setdefault(row["taskArn"], Bar(row["taskArn"], service, label))
        why = str(row.get("stoppedReason", ""))
        code = next((c["exitCode"] for c in row.get("containers", []) if "exitCode" in c), None)
        if why and code is not None:
            why += f" (exit code {code})"
        bar.see(now, row["lastStatus"], why)
