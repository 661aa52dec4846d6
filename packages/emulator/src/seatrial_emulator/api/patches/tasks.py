"""A Fargate task begins PROVISIONING, gets a free address of its subnet, and moves only as the
agent reports, with a time stamp for each move (ECS developer guide, "Task lifecycle").

moto starts tasks RUNNING at a random address outside the subnet, moves them on whenever they are
described, gives every container the exit code 0, calls tasks STOPPED before they are, cannot list
them by service, lists those that were stopped where AWS lists those that should run, and deletes
a cluster under its tasks (AWS: ClusterContainsTasksException), and starts none in a VPC
without DNS host names; its RunTask always has room.
Test: tests/emulator/test_patches.py::test_a_task_stays_provisioning_until_the_agent_moves_it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2 import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ecs import models
from moto.ecs.exceptions import ECSException, InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse

from seatrial_emulator.api import aws_messages
from seatrial_emulator.api.patches.patch import add, replace, wrap
from seatrial_emulator.api.state import store, store_of

Original = Callable[..., Any]


def apply() -> None:
    """Leave tasks to the ECS agent."""
    backend = models.EC2ContainerServiceBackend
    # moto sets these only where there is one (a VPC with DNS host names, a role), and the first is
    # read of every task.
    add(NetworkInterface, "private_dns_name", "")
    add(models.TaskDefinition, "task_role_arn", "")
    add(models.TaskDefinition, "execution_role_arn", "")
    wrap(models.Task, "__init__", _init_task)
    replace(models.Task, "advance", _advance)
    wrap(EC2ContainerServiceResponse, "run_task", _run_task)
    wrap(backend, "_calculate_task_resource_requirements", _requirements)
    wrap(backend, "delete_cluster", _delete_cluster)
    replace(backend, "stop_task", _stop_task)
    wrap(backend, "list_tasks", _list_tasks)


def _init_task(init: Original, self: Any, *given: Any, **fields: Any) -> None:
    init(self, *given, **fields)
    self.status, self.created_at = "PROVISIONING", datetime.now(UTC)
    for container in self.containers:
        container.exitCode, container.health_status = None, "UNKNOWN"
    _address(self)


def _advance(self: Any) -> None:
    """Move nothing: the agent does."""


def _run_task(run: Original, self: Any) -> Any:
    """Answer without a task, and with the reason, where there is no room: no error is raised
    (ECS API reference, RunTask; ECS developer guide, "API failure reasons").
    """
    if store(self.current_account, self.region).room:
        return run(self)
    return ActionResult({"tasks": [], "failures": [{"reason": aws_messages.CAPACITY}]})


def _requirements(requirements: Original, definition: Any) -> Any:
    for container in definition.container_definitions:
        if "memory" not in container and "memoryReservation" not in container:
            return {"CPU": 0, "MEMORY": 0, "PORTS": [], "PORTS_UDP": []}
    return requirements(definition)


def _stop_task(self: Any, cluster_str: str, task_str: str, reason: str) -> Any:
    cluster = self._get_cluster(cluster_str)
    for arn, task in self.tasks.get(cluster.name, {}).items():
        if arn.endswith(task_str.split("/")[-1]):
            task.desired_status = "STOPPED"
            task.stopped_reason = reason or "Task stopped by a user"
            store_of(arn).task(arn).stop_code = "UserInitiated"
            return task
    raise InvalidParameterException("The referenced task was not found.")


def _list_tasks(listing: Original, self: Any, *given: Any) -> Any:
    """Positional, as moto calls it: cluster, instance, family, started by, service, status."""
    service, desired = (*given[4:], None, None)[:2]
    found = listing(self, *given[:4])
    if service:
        found = [t for t in found if t.group == f"service:{service.split('/')[-1]}"]
    return [t for t in found if t.desired_status == (desired or "RUNNING")]


def _delete_cluster(delete: Original, self: Any, cluster_str: str) -> Any:
    tasks = self.tasks.get(self._get_cluster(cluster_str).name, {}).values()
    if any(task.last_status != "STOPPED" for task in tasks):
        raise ECSException(
            "ClusterContainsTasksException",
            "The Cluster cannot be deleted while Tasks are active.",
        )
    return delete(self, cluster_str)


def _address(task: Any) -> None:
    """Give the task's interface the next free address of its subnet."""
    for attachment in task.attachments:
        details = {row["name"]: row for row in attachment["details"]}
        ec2 = ec2_backends[task._account_id][task.region_name]
        interface = ec2.enis[details["networkInterfaceId"]["value"]]
        subnet = ec2.get_subnet(details["subnetId"]["value"])
        taken = {eni.private_ip_address for eni in ec2.enis.values() if eni is not interface}
        hosts = subnet.cidr.hosts()
        address = next(
            str(host) for index, host in enumerate(hosts) if index > 3 and str(host) not in taken
        )
        interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]
        interface.private_ip_address = address
        details["privateIPv4Address"]["value"] = address
