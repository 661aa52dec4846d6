"""A Fargate task begins PROVISIONING, gets a free address of its subnet, and moves only as the
agent reports, with a time stamp for each move (ECS developer guide, "Task lifecycle").

moto starts tasks RUNNING at a random address outside the subnet, moves them on whenever they are
described, gives every container the exit code 0, calls tasks STOPPED before they are, cannot list
them by service, lists those that were stopped where AWS lists those that should run, and deletes
a cluster under its tasks (AWS: ClusterContainsTasksException).
Test: tests/emulator/test_patches.py::test_tasks_move_as_the_agent_says.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.ec2 import ec2_backends
from moto.ecs import models
from moto.ecs.exceptions import ECSException, InvalidParameterException


def apply() -> None:
    """Leave tasks to the controller."""
    backend = models.EC2ContainerServiceBackend
    init, requirements = models.Task.__init__, backend._calculate_task_resource_requirements
    listing = backend.list_tasks

    def init_task(self: Any, *given: Any, **fields: Any) -> None:
        init(self, *given, **fields)
        self.status, self.created_at = "PROVISIONING", datetime.now(UTC)
        for container in self.containers:
            container.exitCode, container.health_status = None, "UNKNOWN"
        _address(self)

    def calculate(definition: Any) -> Any:
        for container in definition.container_definitions:
            if "memory" not in container and "memoryReservation" not in container:
                return {"CPU": 0, "MEMORY": 0, "PORTS": [], "PORTS_UDP": []}
        return requirements(definition)

    def stop_task(self: Any, cluster_str: str, task_str: str, reason: str) -> Any:
        cluster = self._get_cluster(cluster_str)
        for arn, task in self.tasks.get(cluster.name, {}).items():
            if arn.endswith(task_str.split("/")[-1]):
                task.desired_status = "STOPPED"
                task.stopped_reason = reason or "Task stopped by a user"
                task.rehearsed_stopper = "UserInitiated"
                return task
        raise InvalidParameterException("The referenced task was not found.")

    def list_tasks(
        self: Any,
        cluster: Any = None,
        instance: Any = None,
        family: Any = None,
        started_by: Any = None,
        service: Any = None,
        desired: Any = None,
    ) -> Any:
        found = listing(self, cluster, instance, family, started_by, None, None)
        if service:
            found = [t for t in found if t.group == f"service:{service.split('/')[-1]}"]
        return [t for t in found if t.desired_status == (desired or "RUNNING")]

    delete = backend.delete_cluster

    def delete_cluster(self: Any, cluster_str: str) -> Any:
        tasks = self.tasks.get(self._get_cluster(cluster_str).name, {}).values()
        if any(task.last_status != "STOPPED" for task in tasks):
            raise ECSException(
                "ClusterContainsTasksException",
                "The Cluster cannot be deleted while Tasks are active.",
            )
        return delete(self, cluster_str)

    models.Task.__init__ = init_task
    backend.delete_cluster = delete_cluster
    models.Task.advance = lambda self: None
    backend._calculate_task_resource_requirements = staticmethod(calculate)
    backend.stop_task = stop_task
    backend.list_tasks = list_tasks


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
