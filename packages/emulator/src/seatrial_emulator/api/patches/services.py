"""ECS keeps every field of a service, starts a new deployment for a new task definition or when
forced, counts tasks by what runs, and refuses a target group that no balancer uses (ECS API
reference, CreateService and UpdateService).

moto drops fields that the provider reads back (so every plan would change something), sets the
running count to the wanted one by itself, and accepts the target group.
Test: tests/emulator/test_patches.py::test_service_keeps_its_fields.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs import models
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse as Response
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import mock_random

from seatrial_emulator.api.patches import service_deployments

_KEPT = {
    "deploymentConfiguration": "deployment_configuration",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "enableExecuteCommand": "enable_execute_command",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "networkConfiguration": "network_configuration",
    "loadBalancers": "load_balancers",
    "propagateTags": "propagate_tags",
}


def apply() -> None:
    """Keep fields, and leave counts and deployments to the controller."""
    create, init = Response.create_service, models.Service.__init__

    def create_service(self: Any) -> Any:
        _refuse_unused_groups(self)
        answer = create(self)
        service = answer.result["service"]
        _keep(self, service)
        service.__dict__.setdefault("availability_zone_rebalancing", "DISABLED")
        service.deployments = []
        new_deployment(service)
        return answer

    def init_service(self: Any, *given: Any, **fields: Any) -> None:
        init(self, *given, **fields)
        if not self.network_configuration:
            self.network_configuration = None

    Response.create_service = create_service
    Response.update_service = _update_service
    models.Service.__init__ = init_service


def _update_service(self: Any) -> Any:
    backend = self.ecs_backend
    service = backend._get_service(
        self._get_param("cluster", "default"), self._get_param("service").split("/")[-1]
    )
    wanted = self._get_param("taskDefinition")
    definition = backend.describe_task_definition(wanted).arn if wanted else service.task_definition
    count = self._get_int_param("desiredCount")
    if count is not None:
        service.desired_count = count
    _keep(self, service)
    forced = bool(self._get_param("forceNewDeployment")) and wanted is None
    if definition != service.task_definition or forced:
        service.task_definition = definition
        new_deployment(service)
    return ActionResult({"service": service})


def new_deployment(service: Any, *, back: bool = False) -> str:
    """Make the service's task definition its primary deployment and return its id.

    With ``back`` it is the way back from one that failed, and no service deployment of its own.
    """
    now = datetime.now(UTC)
    for deployment in service.deployments:
        if deployment["status"] == "PRIMARY":
            deployment["status"] = "ACTIVE"
    identity = f"ecs-svc/{mock_random.randint(10**18, 10**19 - 1)}"
    strategy = getattr(service, "capacity_provider_strategy", None)
    service.deployments.insert(
        0,
        {
            "id": identity,
            "status": "PRIMARY",
            "taskDefinition": service.task_definition,
            "desiredCount": service.desired_count,
            "pendingCount": 0,
            "runningCount": 0,
            "failedTasks": 0,
            "createdAt": now,
            "updatedAt": now,
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "networkConfiguration": service.network_configuration,
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": f"ECS deployment {identity} in progress.",
            **(
                {"capacityProviderStrategy": strategy}
                if strategy
                else {"launchType": service.launch_type}
            ),
        },
    )
    service.running_count = service.pending_count = 0
    if not back:
        service_deployments.began(service, identity)
    return identity


def _keep(response: Any, service: Any) -> None:
    for parameter, attribute in _KEPT.items():
        value = response._get_param(parameter)
        if value is not None:
            setattr(service, attribute, _plain(value))
    if response._get_param("capacityProviderStrategy"):
        service.launch_type = None
    service.platform_family = "Linux"


def _plain(value: Any) -> Any:
    if hasattr(value, "original_dict"):
        return value.original_dict()
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _refuse_unused_groups(response: Any) -> None:
    backend = elbv2_backends[response.current_account][response.region]
    for balanced in response._get_param("loadBalancers") or []:
        arn = balanced.get("targetGroupArn")
        if arn and not backend._any_listener_using(arn):
            raise InvalidParameterException(
                f"The target group with targetGroupArn {arn} does not have an associated load "
                "balancer."
            )
