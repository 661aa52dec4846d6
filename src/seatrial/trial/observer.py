"""What tasks and deployments did, read from the ECS API as any client would read it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from seatrial.cloud.session import Session
from seatrial.target import Target

POLL_SECONDS = 0.4


@dataclass
class StateHistory:
    """One task or deployment from its first to its last observation, with each state it had.

    Times are seconds of the monotonic clock; ``label`` tells revisions or reasons apart.
    """

    id: str
    service: str
    label: str
    states: list[tuple[float, str]] = field(default_factory=list)
    last: float = 0.0
    reason: str = ""

    def record(self, now: float, state: str, reason: str = "") -> None:
        """Add a state; the same one again only moves the end."""
        if not self.states or self.states[-1][1] != state:
            self.states.append((now, state))
        self.last, self.reason = now, reason or self.reason


@dataclass
class EcsObserver:
    """Polls ECS a few times a second until it is stopped; a failing API is polled on."""

    target: Target
    cluster: str
    services: tuple[str, ...]
    tasks: dict[str, StateHistory] = field(default_factory=dict)
    deployments: dict[str, StateHistory] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self.thread = threading.Thread(target=self._run, daemon=True, name="observer")
        self.thread.start()

    def stop(self) -> None:
        """Stop polling."""
        self.ended.set()
        if self.thread:
            self.thread.join()

    def _run(self) -> None:
        ecs = Session(self.target).client("ecs")
        while not self.ended.wait(POLL_SECONDS):
            try:
                self._poll(ecs)
            except (BotoCoreError, ClientError):
                continue

    def _poll(self, ecs: Any) -> None:
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
            fresh = [arn for arn in listed if status == "RUNNING" or self._is_unfinished(arn)]
            if fresh:
                for row in ecs.describe_tasks(cluster=self.cluster, tasks=fresh[:100])["tasks"]:
                    self._task(now, row)

    def _is_unfinished(self, arn: str) -> bool:
        history = self.tasks.get(arn)
        return history is None or history.states[-1][1] != "STOPPED"

    def _deployment(self, now: float, service: str, row: dict[str, Any]) -> None:
        revision = row["taskDefinition"].rsplit(":", 1)[-1]
        history = self.deployments.setdefault(
            row["id"], StateHistory(row["id"], service, f"revision {revision}")
        )
        history.record(now, row.get("rolloutState", ""), row.get("rolloutStateReason", ""))

    def _task(self, now: float, row: dict[str, Any]) -> None:
        group = str(row.get("group", ""))
        family, _, revision = row["taskDefinitionArn"].rsplit("/", 1)[-1].rpartition(":")
        service = group[8:] if group.startswith("service:") else family
        label = f"revision {revision}"
        arn = row["taskArn"]
        history = self.tasks.setdefault(arn, StateHistory(arn, service, label))
        reason = str(row.get("stoppedReason", ""))
        code = next((c["exitCode"] for c in row.get("containers", []) if "exitCode" in c), None)
        if reason and code is not None:
            reason += f" (exit code {code})"
        history.record(now, row["lastStatus"], reason)
