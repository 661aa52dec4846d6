"""The actions of ``decide``, done: records written, programs started and ended."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, assert_never

from seatrial_emulator.api import aws_messages, records
from seatrial_emulator.api.patches import service_deployments
from seatrial_emulator.api.patches.services import new_deployment
from seatrial_emulator.api.security_groups import Rule
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.api.state import TargetState
from seatrial_emulator.ecs import egress, failed_actions, observation, task_start
from seatrial_emulator.ecs.ended_tasks import EndedTasks
from seatrial_emulator.ecs.observation import Notes
from seatrial_emulator.ecs.task_runner import Runner, program_environment
from seatrial_emulator.ecs.task_start import Placement, StartError
from seatrial_emulator.ecs.types import (
    Action,
    Complete,
    Drain,
    Fail,
    Forgive,
    Kill,
    Launch,
    Retire,
    Start,
    Terminate,
)
from seatrial_emulator.faults import FAULTS
from seatrial_emulator.faults.fault import Fault
from seatrial_emulator.sandbox.base import CREDENTIALS_HOST, ContainerSpec, TaskSpec

CREDENTIALS_PORT = 80
PLACING_SECONDS = 10.0  # between two attempts to place a task where there is no room
AUTHORIZATION = "registry.json"  # an engine's credentials for the emulator's registry
OTHER_CREDENTIALS_PORT = 61_081  # for programs that themselves listen on port 80


@dataclass(kw_only=True)
class ActionRunner:
    """Everything that acting takes; callers hold the emulator's lock."""

    emulator: Emulator
    runner: Runner
    notes: Notes
    images: Path
    routes: egress.EgressRoutes
    foreign: dict[str, str]
    pace: float = 1.0
    active: dict[str, Fault] = field(default_factory=dict)  # what holds for every task now
    rules: tuple[Rule, ...] = ()
    placements: dict[str, Placement] = field(default_factory=dict)
    credentials: dict[str, dict[str, str]] = field(default_factory=dict)
    ends: EndedTasks = field(default_factory=EndedTasks)

    def do(self, action: Action) -> None:
        """Do one action, or give it up where we fail at it ourselves."""
        try:
            self._do(action)
        except Exception as error:
            failed_actions.give_up(self, action, error)

    def _do(self, action: Action) -> None:
        match action:
            case Launch():
                self._launch(action)
            case Start():
                self._start(action.task)
            case Retire():
                self._retire(action)
            case Drain():
                self._drain(action.task)
            case Terminate():
                self._deregister(action.task)
                self.record(action.task).last_status = "STOPPING"
                self.runner.terminate(action.task)
            case Kill():
                self.runner.kill(action.task)
            case Complete():
                self._complete(action)
            case Fail():
                self._fail(action)
            case Forgive():
                self.notes.of(action.deployment).count = 0
            case _:
                assert_never(action)

    def inject(self, fault: str) -> dict[str, Any]:
        """Let a fault hold for everything from now on; raises KeyError for an unknown one."""
        with self.emulator.lock:
            self.active[fault] = FAULTS[fault]
            self.emulator.api_failures.throttle = max(f.throttle for f in self.active.values())
            self.emulator.state.room = all(f.capacity for f in self.active.values())
        return {"active": sorted(self.active)}

    def clear(self) -> dict[str, Any]:
        """End every fault that was injected."""
        with self.emulator.lock:
            self.active.clear()
            self.emulator.api_failures.throttle, self.emulator.state.room = 0.0, True
        return {"active": []}

    def kill(self, service: str) -> dict[str, Any]:
        """Kill the programs of one task of a service, as a crash would; raises KeyError."""
        with self.emulator.lock:
            for task in observation.records(self.emulator):
                local = self.runner.local(task.task_arn)
                mine = task_start.service_of(task) == service and task.desired_status != "STOPPED"
                if mine and local.phase == "running" and local.handle:
                    local.handle.end()
                    return {"killed": [task.task_arn]}
        raise KeyError(f"no task of {service} runs")

    def record(self, arn: str) -> Any:
        """Return a task's record."""
        for tasks in self.emulator.backend("ecs").tasks.values():
            if arn in tasks:
                return tasks[arn]
        raise KeyError(arn)

    def service(self, key: str) -> Any:
        """Return a service's record."""
        return self.emulator.backend("ecs").services[key]

    def event(self, service: Any, text: str) -> None:
        """Write a service event, as the console shows them: newest first, a hundred at most."""
        row = {
            "id": str(uuid.uuid4()),
            "createdAt": datetime.now(UTC),
            "message": f"(service {service.name}) {text}",
        }
        service.events = [row, *service.events[:99]]

    def _launch(self, action: Launch) -> None:
        service = self.service(action.service)
        if not self._placeable(service, action.deployment):
            return
        made = self.emulator.backend("ecs").run_task(
            cluster_str=service.cluster_name,
            task_definition_str=service.task_definition,
            count=1,
            overrides=None,
            started_by=action.deployment,
            tags=list(service.tags or []),
            launch_type=None if service.capacity_provider_strategy else "FARGATE",
            networking_configuration=service.network_configuration,
            group=f"service:{service.name}",
            capacity_provider_strategy=service.capacity_provider_strategy,
        )
        self.event(service, f"has started 1 tasks: (task {made[0].id}).")

    def _placeable(self, service: Any, deployment: str) -> bool:
        """Say whether there is room; where there is none, AWS tries again after a while."""
        definition = self.emulator.backend("ecs").describe_task_definition(service.task_definition)
        image = str(definition.container_definitions[0]["image"])
        built = task_start.built_in(self.emulator, self.images, image, of_service=True)
        if all(fault.capacity for fault in (*self.active.values(), *built)):
            return True
        noted = self.notes.of(deployment)
        if time.monotonic() - noted.unplaced > PLACING_SECONDS / self.pace:
            noted.unplaced = time.monotonic()
            self.event(service, f"was unable to place a task. Reason: {aws_messages.CAPACITY}")
        return False

    def _start(self, arn: str) -> None:
        task = self.record(arn)
        local = self.runner.local(arn)
        local.phase, local.since = "starting", time.monotonic()
        definition = self.emulator.backend("ecs").describe_task_definition(task.task_definition_arn)
        placement = task_start.placement(task)
        has_route = egress.reaches_aws(self.emulator, placement, self.rules)
        active = tuple(self.active.values())
        try:
            plan = task_start.plan(
                self.emulator, task, definition, self.images, active, has_route=has_route
            )
            self._run(task, plan)
        except (StartError, OSError) as error:
            local.phase, local.why = "stopped", str(error)
            if str(error).startswith("CannotPull"):
                task.pull_started_at = datetime.now(UTC)

    def _run(self, task: Any, plan: task_start.Plan) -> None:
        arn, placement = task.task_arn, plan.placement
        task.pull_started_at = task.pull_stopped_at = datetime.now(UTC)
        self.placements[placement.address] = placement
        ports = tuple(int(p["containerPort"]) for p in plan.container.get("portMappings", []))
        credentials_port = OTHER_CREDENTIALS_PORT if 80 in ports else CREDENTIALS_PORT
        if plan.task_role:
            self.credentials[task.id] = records.credentials(self.emulator, plan.task_role, task.id)
        found = egress.allowed(
            self.emulator,
            task.id,
            placement=placement,
            rules=self.rules,
            routes=self.routes,
            credentials_port=credentials_port,
        )
        environment = program_environment(
            plan.image,
            plan.container,
            plan.secrets,
            self.foreign | self._credentials(task.id, credentials_port, plan),
        )
        spec = TaskSpec(
            task=arn,
            address=placement.address,
            words=self._words(task, plan),
            environment=environment,
            folder=plan.image.folder,
            ports=ports,
            egresses=found,
            container=self._container_spec(task, plan),
            read_only=task_start.read_only(plan),
        )
        logs = self.emulator.backend("logs")
        if plan.stream not in logs.groups[plan.group].streams:
            logs.create_log_stream(plan.group, plan.stream)
        local = self.runner.local(arn)
        local.digest = str(plan.container["image"]).partition("@")[2]
        local.memory = 0 if spec.container else _memory(self.emulator, task, plan.faults)
        self.runner.start(spec, plan.group, plan.stream)
        task.last_status = "RUNNING"
        for container in task.containers:
            container.last_status = "RUNNING"
        task.started_at = datetime.now(UTC)
        self._register(task, placement.address, plan.faults)

    @staticmethod
    def _words(task: Any, plan: task_start.Plan) -> tuple[str, ...]:
        overrides = (task.overrides or {}).get("containerOverrides") or [{}]
        given = overrides[0].get("command") or plan.container.get("command")
        entry = plan.container.get("entryPoint")  # leaves the image's command out too (moby)
        found = (*(entry or plan.image.entry), *(given or (() if entry else plan.image.words)))
        if not found and not plan.image.pulled:
            raise StartError("CannotStartContainerError: no command specified")
        for fault in plan.faults:
            found = fault.words(found) if fault.words else found
        return found

    def _container_spec(self, task: Any, plan: task_start.Plan) -> ContainerSpec | None:
        """Return the container of a task whose image has layers; None for a snapshot."""
        if not plan.image.pulled:
            return None
        definition = self.emulator.backend("ecs").describe_task_definition(task.task_definition_arn)
        mounted = [str(m["containerPath"]) for m in plan.container.get("mountPoints") or ()]
        if plan.image.foreign:
            mounted = []
        return ContainerSpec(
            image=plan.image.pulled,
            entry=bool(plan.container.get("entryPoint")),
            authorization=None if plan.image.foreign else self.images.with_name(AUTHORIZATION),
            user=str(plan.container.get("user") or ""),
            read_only=bool(plan.container.get("readonlyRootFilesystem")),
            cpu=int(definition.cpu or 256),
            memory=_memory(self.emulator, task, plan.faults) // (1024 * 1024),
            scratch=tuple(path for path in mounted if path not in plan.image.declared),
        )

    def _credentials(self, task_id: str, port: int, plan: task_start.Plan) -> dict[str, str]:
        usual = port == CREDENTIALS_PORT and self.routes.isolated
        host = CREDENTIALS_HOST if usual else f"{CREDENTIALS_HOST}:{port}"
        found = task_start.metadata_variables(
            task_id, host, own_role=bool(plan.task_role), usual=usual
        )
        return task_start.place_variables(self.emulator.region) | found

    def _register(self, task: Any, address: str, faults: tuple[Fault, ...]) -> None:
        service = self.emulator.backend("ecs").services.get(observation.task_service(task))
        local = self.runner.local(task.task_arn)
        for balanced in service.load_balancers if service else ():
            arn, port = balanced["targetGroupArn"], int(balanced["containerPort"])
            group = self.emulator.backend("elbv2").target_groups.get(arn)
            if group is not None:
                group.register([{"Id": address, "Port": port}])
                targets = self.emulator.state.target_group(arn).targets
                targets[(address, port)] = TargetState(registered_at=time.monotonic())
                local.targets.append((arn, address, port))
        local.faults = faults
        if service and local.targets:
            self.event(service, f"registered 1 targets in (target-group {local.targets[0][0]})")

    def _retire(self, action: Retire) -> None:
        task = self.record(action.task)
        task.desired_status, task.stopped_reason = "STOPPED", action.reason
        task.stopping_at = datetime.now(UTC)
        if action.failed:
            self.failed(task, action.reason)

    def failed(self, task: Any, why: str) -> None:
        """Count a failure against the task's deployment."""
        found = self.notes.of(task.started_by)
        found.count, found.last, found.why = found.count + 1, time.monotonic(), why

    def _drain(self, arn: str) -> None:
        local = self.runner.local(arn)
        local.phase, local.since = "draining", time.monotonic()
        self.record(arn).last_status = "DEACTIVATING"
        for group_arn, address, port in local.targets:
            targets = self.emulator.state.target_group(group_arn).targets
            if (address, port) in targets:
                targets[(address, port)] = TargetState("draining")

    def _deregister(self, arn: str) -> None:
        local = self.runner.local(arn)
        for group_arn, address, port in local.targets:
            group = self.emulator.backend("elbv2").target_groups.get(group_arn)
            if group is not None:
                self.emulator.state.target_group(group_arn).targets.pop((address, port), None)
                group.targets.pop(address, None)
        local.targets = []

    def _complete(self, action: Complete) -> None:
        service = self.service(action.service)
        primary = service.deployments[0]
        primary["rolloutState"] = "COMPLETED"
        primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
        service.deployments = [primary]
        self.notes.failures.pop(action.deployment, None)
        service_deployments.complete(service, action.deployment)
        self.event(service, f"(deployment {primary['id']}) deployment completed.")
        self.event(service, "has reached a steady state.")

    def _fail(self, action: Fail) -> None:
        service, count = self.service(action.service), self.notes.of(action.deployment).count
        failed = service.deployments[0]
        who = "ECS deployment" if action.requested else "ECS deployment circuit breaker"
        why = "stopped by a user." if action.requested else "tasks failed to start."
        failed["rolloutState"] = "FAILED"
        failed["rolloutStateReason"] = f"{who}: {why}"
        self.event(service, f"(deployment {failed['id']}) deployment failed: {why}")
        if not action.rollback:
            service_deployments.stop(
                service,
                action.deployment,
                reason=failed["rolloutStateReason"],
                failures=count,
            )
            return
        good = next(d for d in service.deployments if d["id"] == action.rollback)
        service.task_definition = good["taskDefinition"]
        back = new_deployment(service, rollback=True)
        outcome = f"rolling back to deploymentId {action.rollback}."
        reason = f"{who}: {outcome}"
        service.deployments[0]["rolloutStateReason"] = reason
        service_deployments.roll_back(
            service, action.deployment, to=back, reason=reason, failures=count
        )
        self.event(service, f"rolling back to deployment {action.rollback}.")

    def finish(self, task: Any) -> None:
        """Write the end of a task whose program has ended, and clean up after it."""
        local = self.runner.local(task.task_arn)
        own_end = task.desired_status != "STOPPED"
        reason = local.why or task.stopped_reason or "Essential container in task exited"
        if own_end and local.killed:
            reason = f"{reason}. {local.killed}"
        task.stopped_reason, task.desired_status, task.last_status = reason, "STOPPED", "STOPPED"
        task.stop_code = (
            "TaskFailedToStart"
            if local.why
            else "EssentialContainerExited"
            if own_end
            else self.emulator.state.task(task.task_arn).stop_code
        )
        task.stopped_at = task.execution_stopped_at = datetime.now(UTC)
        for container in task.containers:
            container.last_status = "STOPPED"
            container.exitCode = local.exit_code
            container.reason = local.killed or None
        if own_end and observation.task_service(task):
            code = f" (exit code {local.exit_code})" if local.exit_code is not None else ""
            self.failed(task, reason + code)
        self.ends.add(task, local)
        address = task_start.placement(task).address
        self._deregister(task.task_arn)
        self.runner.forget(task.task_arn, address)
        self.placements.pop(address, None)
        self.credentials.pop(task.id, None)
        self._release_interface(task)

    def _release_interface(self, task: Any) -> None:
        ec2 = self.emulator.backend("ec2")
        for attachment in task.attachments:
            for row in attachment["details"]:
                if row["name"] == "networkInterfaceId":
                    ec2.enis.pop(row["value"], None)


def _memory(emulator: Emulator, task: Any, faults: tuple[Fault, ...]) -> int:
    """Return the bytes that a task may use: its own size, unless a fault takes most of it."""
    definition = emulator.backend("ecs").describe_task_definition(task.task_definition_arn)
    own = int(definition.memory or 0)
    return min([own, *(fault.memory for fault in faults if fault.memory)]) * 1024 * 1024
