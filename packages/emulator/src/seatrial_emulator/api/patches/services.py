"""ECS keeps every field of a service, starts a new deployment for a new task definition or when
forced, counts tasks by what runs, and refuses a target group that no balancer uses (ECS API
reference, CreateService and UpdateService).

moto drops fields that the provider reads back (so every plan would change something), sets the
running count to the wanted one by itself, and accepts the target group.
Test: tests/emulator/test_patches.py::test_a_service_keeps_its_fields_and_starts_deployments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed
from datetime import UTC, datetime
from typing import Any

from moto.core.parse import XFormedDict
from moto.core.responses import ActionResult
from moto.ecs import models
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.responses import EC2ContainerServiceResponse as Response
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import mock_random

from seatrial_emulator.api.patches import service_deployments
from seatrial_emulator.api.patches.patch import add, replace, wrap
from seatrial_emulator.api.state import ServiceState, store_of

# Parameters of CreateService and UpdateService: fields of ``ServiceState``, which moto lacks.
FIELDS = {
    "deploymentConfiguration": "deployment_configuration",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "enableExecuteCommand": "enable_execute_command",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
}
Original = Callable[..., Any]


def apply() -> None:
    """Keep fields, and leave counts and deployments to the service scheduler."""
    wrap(models.Service, "__init__", _init_service)
    for name in FIELDS.values():
        add(models.Service, name, _field(name))
    wrap(Response, "create_service", _create_service)
    replace(Response, "update_service", _update_service)


def _field(name: str) -> property:
    """Return a property of moto's service that shows a field of its state."""

    def read(self: Any) -> Any:
        return vars(state_of(self))[name]

    return property(read)


def state_of(service: Any) -> ServiceState:
    """Return what is known of a service beside moto's record."""
    return store_of(service.arn).service(service.arn)


def _init_service(init: Original, self: Any, *given: Any, **fields: Any) -> None:
    init(self, *given, **fields)
    store_of(self.arn).services[self.arn] = ServiceState()
    if not self.network_configuration:
        self.network_configuration = None


def _create_service(create: Original, self: Any) -> Any:
    _refuse_unused_groups(self)
    answer = create(self)
    service = answer.result["service"]
    _store_fields(self, service)
    service.deployments = []
    new_deployment(service)
    return answer


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
    _store_fields(self, service)
    forced = bool(self._get_param("forceNewDeployment")) and wanted is None
    if definition != service.task_definition or forced:
        service.task_definition = definition
        new_deployment(service)
    return ActionResult({"service": service})


def new_deployment(service: Any, *, rollback: bool = False) -> str:
    """Make the service's task definition its primary deployment and return its id.

    With ``rollback`` it puts back what served before one that failed: it is no service deployment
    of its own.
    """
    for deployment in service.deployments:
        if deployment["status"] == "PRIMARY":
            deployment["status"] = "ACTIVE"
    identity = f"ecs-svc/{mock_random.randint(10**18, 10**19 - 1)}"
    service.deployments.insert(0, _deployment(service, identity))
    if not rollback:
        service_deployments.start(service, identity)
    return identity


def _deployment(service: Any, identity: str) -> dict[str, Any]:
    """Return a new deployment (ECS API reference, data type Deployment)."""
    now = datetime.now(UTC)
    row = {
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
    }
    if strategy := service.capacity_provider_strategy:
        return row | {"capacityProviderStrategy": strategy}
    return row | {"launchType": service.launch_type}


def _store_fields(response: Any, service: Any) -> None:
    """Store what a request gives; what it leaves out stays as it is."""

    def given(parameter: str) -> Any:
        return _plain(response._get_param(parameter))

    found = {name: given(parameter) for parameter, name in FIELDS.items()}
    found = {name: value for name, value in found.items() if value is not None}
    store_of(service.arn).services[service.arn] = changed(state_of(service), **found)
    service.network_configuration = given("networkConfiguration") or service.network_configuration
    balancers = given("loadBalancers")
    service.load_balancers = service.load_balancers if balancers is None else balancers
    service.propagate_tags = given("propagateTags") or service.propagate_tags
    if found.get("capacity_provider_strategy"):
        service.launch_type = None
    service.platform_family = "Linux"


def _plain(value: Any) -> Any:
    if isinstance(value, XFormedDict):
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
