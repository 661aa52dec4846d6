"""The controller's thread: observe, decide, act, tell the network; ten times a second."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from seatrial_emulator.api import records
from seatrial_emulator.api.patches.autoscaling import clamp
from seatrial_emulator.api.patches.services import new_deployment
from seatrial_emulator.api.state import TargetState
from seatrial_emulator.ecs import egress, entrypoints, health, observation, routes, task_start
from seatrial_emulator.ecs.action_runner import ActionRunner
from seatrial_emulator.ecs.health import TargetHealth
from seatrial_emulator.ecs.schedules import Clock
from seatrial_emulator.ecs.service_scheduler import decide
from seatrial_emulator.faults.fault import Fault
from seatrial_emulator.network.client import NetworkClient
from seatrial_emulator.servers.elasticache import Caches
from seatrial_emulator.servers.rds import Databases

TICK = 0.1
STOPPED_RECORDS = 40  # stopped tasks that stay readable, as ECS keeps them for about an hour
# A universal target (EventBridge Scheduler user guide, "Using universal targets").
STOP_DATABASE = "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance"


class Controller:
    """Plays the agent until it is stopped."""

    def __init__(
        self,
        *,
        action_runner: ActionRunner,
        databases: Databases,
        caches: Caches,
        link: NetworkClient,
        pace: float,
        front_port: int,
    ) -> None:
        self.action_runner, self.databases, self.link, self.pace = (
            action_runner,
            databases,
            link,
            pace,
        )
        self.caches = caches
        self.front_port = front_port
        self.addresses: dict[str, str] = {}  # of every front
        self.emulator = action_runner.emulator
        self.healths: dict[tuple[str, tuple[str, int]], TargetHealth] = {}
        self.sent = ""
        self.clock = Clock(datetime.now(UTC), pace)
        self.begin = time.monotonic()
        self.wake, self.stopped = threading.Event(), threading.Event()
        self.reloads: set[str] = set()

    def run(self) -> None:
        """Tick until stopped; a mistake of ours is shown and the next tick goes on."""
        while not self.stopped.is_set():
            try:
                with self.emulator.lock:
                    self.tick()
            except Exception:
                traceback.print_exc(file=sys.stderr)
            self.wake.wait(TICK)
            self.wake.clear()

    def tick(self) -> None:
        """Do everything that is due."""
        action_runner = self.action_runner
        action_runner.rules = records.rules(self.emulator)
        self.databases.reconcile()
        action_runner.routes.databases.clear()
        action_runner.routes.databases.update(self.databases.sockets)
        self.caches.reconcile()
        action_runner.routes.caches.clear()
        action_runner.routes.caches.update(self.caches.sockets)
        self._schedules()
        self._reload()
        for task in observation.records(self.emulator):
            if action_runner.runner.local(task.task_arn).phase == "stopped":
                action_runner.finish(task)
        seen = observation.observe(
            self.emulator, action_runner.runner, action_runner.notes, self.pace
        )
        actions = decide(seen, time.monotonic())
        for action in actions:
            action_runner.do(action)
        if actions:
            self.wake.set()  # what follows from them need not wait for the next tick
        self._count()
        self._egresses()
        self._routes()
        self._prune()

    def checked(self, group: str, target: tuple[str, int], result: dict[str, Any]) -> None:
        """Take the result of one health check (the fields of ``health_checks.Result``)."""
        with self.emulator.lock:
            found = self.emulator.backend("elbv2").target_groups.get(group)
            state = self.emulator.state.target_group(group).targets.get(target)
            if found is None or state is None or state.health == "draining":
                self.healths.pop((group, target), None)
                return
            before = self.healths.get((group, target), TargetHealth())
            if state.health == "initial" and before.state != "initial":
                before = TargetHealth()  # the same address, registered anew
            now = health.after(
                before,
                good=bool(result["good"]),
                why=str(result["why"]),
                healthy=int(found.healthy_threshold_count or 5),
                unhealthy=(bad := int(found.unhealthy_threshold_count or 2)),
                early=self._early(found, state, bad),
            )
            self.healths[(group, target)] = now
            state.health, state.reason, state.last_check = now.state, now.why, result
            if now.state != "healthy":
                state.healthy_since = 0.0
            elif not state.healthy_since:
                state.healthy_since = time.monotonic()
        if now.state != before.state:
            self.wake.set()

    @staticmethod
    def _early(group: Any, state: TargetState, bad: int) -> bool:
        age = time.monotonic() - state.registered_at
        return age < bad * int(group.health_check_interval_seconds or 30)

    def reload(self, folder: str) -> None:
        """Roll the services that run from a live folder whose files changed."""
        self.reloads.add(folder)
        self.wake.set()

    def _reload(self) -> None:
        folders, self.reloads = self.reloads, set()
        for service in self.emulator.backend("ecs").services.values() if folders else ():
            if service.status == "ACTIVE" and self._live_folder(service) in folders:
                new_deployment(service)

    def _live_folder(self, service: Any) -> str:
        definition = self.emulator.backend("ecs").describe_task_definition(service.task_definition)
        digest = str(definition.container_definitions[0]["image"]).partition("@sha256:")[2]
        path = self.action_runner.images / f"{digest}.json"
        return str(json.loads(path.read_text())["live"]) if path.is_file() else ""

    def _schedules(self) -> None:
        elapsed = time.monotonic() - self.begin
        backend = self.emulator.backend("scheduler")
        for group in backend.schedule_groups.values():
            for schedule in group.schedules.values():
                if schedule.state == "ENABLED" and self.clock.due(
                    schedule.arn,
                    schedule.schedule_expression,
                    schedule.schedule_expression_timezone,
                    elapsed,
                ):
                    self._fire(schedule)

        scaler = self.emulator.backend("application-autoscaling")
        for action in scaler.scheduled_actions:
            zone = action.timezone or "UTC"
            if self.clock.due(action.arn, action.schedule, zone, elapsed):
                self._resize(scaler, action)

    @staticmethod
    def _resize(scaler: Any, action: Any) -> None:
        """Give a scalable target another range; its count moves into it at once."""
        now = action.scalable_target_action
        target = scaler.targets[action.scalable_dimension][action.resource_id]
        target.min_capacity = now.get("MinCapacity", target.min_capacity)
        target.max_capacity = now.get("MaxCapacity", target.max_capacity)
        clamp(scaler, target)

    def _stop_database(self, target: dict[str, Any]) -> None:
        """Call RDS for a schedule; one that does not run refuses, and nothing comes of it."""
        name = json.loads(target["Input"])["DbInstanceIdentifier"]
        rds = self.emulator.backend("rds")
        found = rds.databases.get(name)
        arn = found.db_instance_arn if found else ""
        may = records.allowed(self.emulator, target["RoleArn"], "rds:StopDBInstance", arn)
        if found and may and found.status == "available":
            rds.stop_db_instance(name)

    def _fire(self, schedule: Any) -> None:
        target = schedule.target
        if target["Arn"] == STOP_DATABASE:
            self._stop_database(target)
            return
        parameters = target["EcsParameters"]
        network = parameters["NetworkConfiguration"]["awsvpcConfiguration"]
        definition = parameters["TaskDefinitionArn"]
        family = f"{definition.rsplit(':', 1)[0]}:*"
        if not records.allowed(self.emulator, target["RoleArn"], "ecs:RunTask", family):
            self.action_runner.notes.of(schedule.arn).why = "AccessDenied: ecs:RunTask"
            return
        self.emulator.backend("ecs").run_task(
            cluster_str=target["Arn"].rsplit("/", 1)[-1],
            task_definition_str=definition,
            count=1,
            overrides=None,
            started_by=f"scheduler/{schedule.name}",
            tags=[],
            launch_type="FARGATE",
            networking_configuration={
                "awsvpcConfiguration": {
                    "subnets": network["Subnets"],
                    "securityGroups": network["SecurityGroups"],
                    "assignPublicIp": network.get("AssignPublicIp", "DISABLED"),
                }
            },
        )

    def _count(self) -> None:
        tasks = observation.records(self.emulator)
        for key, service in self.emulator.backend("ecs").services.items():
            own = [task for task in tasks if observation.task_service(task) == key]
            service.running_count = service.pending_count = 0
            for deployment in service.deployments:
                mine = [t for t in own if t.started_by == deployment["id"]]
                running = sum(t.last_status == "RUNNING" for t in mine)
                deployment["runningCount"] = running
                deployment["pendingCount"] = sum(
                    t.last_status in ("PROVISIONING", "PENDING", "ACTIVATING") for t in mine
                )
                deployment["desiredCount"] = (
                    service.desired_count if deployment["status"] == "PRIMARY" else 0
                )
                deployment["failedTasks"] = self.action_runner.notes.of(deployment["id"]).count
                service.running_count += running
                service.pending_count += deployment["pendingCount"]

    def _egresses(self) -> None:
        for task in observation.records(self.emulator):
            local = self.action_runner.runner.local(task.task_arn)
            if (
                local.handle is None
                or local.phase != "running"
                or not self.action_runner.routes.isolated
            ):
                continue
            placement = task_start.placement(task)
            credentials = next((d.port for d in local.egresses if d.key == "credentials"), 80)
            wanted = egress.allowed(
                self.emulator,
                task.id,
                placement=placement,
                rules=self.action_runner.rules,
                routes=self.action_runner.routes,
                credentials_port=credentials,
            )
            self.action_runner.runner.reopen(task.task_arn, wanted)

    def _routes(self) -> None:
        listeners = routes.listeners(self.emulator)
        for task in observation.records(self.emulator):
            body = self._credentials(task.id)
            metadata = {
                "TaskARN": task.task_arn,
                "Cluster": task.cluster_name,
                "Family": task.task_definition_arn.split("/")[-1].split(":")[0],
            }
            listeners[f"credentials:{task.id}"] = routes.credentials(task.id, body, metadata)
        active = tuple(self.action_runner.active.values())
        groups = routes.groups(
            self.emulator,
            self.action_runner.rules,
            self.action_runner.placements,
            self._target_faults(),
            active,
            pace=self.pace,
        )
        message: dict[str, Any] = {
            "listeners": listeners,
            "groups": groups,
            "database": next((fault.database for fault in active if fault.database), ""),
            "fronts": self._fronts(),
        }
        text = json.dumps(message, sort_keys=True)
        if text != self.sent:
            self.sent = text
            self.link.send("routes", **message)

    def _credentials(self, task_id: str) -> dict[str, str]:
        """Return the credentials of a task's role, anew before they end, as Fargate does."""
        by_task = self.action_runner.credentials
        if task_id in by_task:
            by_task[task_id] = records.renewed(self.emulator, by_task[task_id], task_id)
        return by_task.get(task_id, {})

    def _target_faults(self) -> dict[tuple[str, str, int], tuple[Fault, ...]]:
        """Return the faults that images were built with, by the targets of their tasks."""
        local = self.action_runner.runner.tasks.values()
        return {target: task.faults for task in local for target in task.targets}

    def _fronts(self) -> dict[str, dict[str, Any]]:
        """Return every front, each behind a socket of its own."""
        found = entrypoints.fronts(self.emulator, self.action_runner.rules)
        for name in sorted(found.keys() - self.addresses.keys()):
            self._open(name)
        return found

    def _open(self, name: str) -> None:
        """Listen for a front: the app's at the rehearsal's port, others above it."""
        port = self.front_port + (0 if name == entrypoints.APP else 1 + len(self.addresses))
        while True:
            try:
                made = socket.create_server(("127.0.0.1", port), backlog=128)
                break
            except OSError:
                port += 1
        purpose = {"kind": "front", "name": name}
        self.link.send("listen", (made.fileno(),), key=f"front:{name}", purpose=purpose)
        made.close()
        self.addresses[name] = f"http://127.0.0.1:{port}"

    def _prune(self) -> None:
        for tasks in self.emulator.backend("ecs").tasks.values():
            over = [arn for arn, task in tasks.items() if task.last_status == "STOPPED"]
            for arn in over[:-STOPPED_RECORDS]:
                tasks.pop(arn)
                self.action_runner.runner.tasks.pop(arn, None)
        records.forget_deleted(self.emulator)
