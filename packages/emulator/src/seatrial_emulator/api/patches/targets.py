"""A target is an address and a port, and its health is what the health checks found (ELB user
guide, "Health checks for your target groups").

moto keys targets by address alone, and every target is healthy. ``TargetState`` holds what the
health checks found of each address and port.
Test: tests/emulator/test_patches.py::test_a_registered_target_is_initial_before_its_first_check.
"""

from __future__ import annotations

from typing import Any

from moto.elbv2 import models

from seatrial_emulator.api.patches.patch import replace
from seatrial_emulator.api.state import TargetState, store_of

_REGISTERING = ("Elb.RegistrationInProgress", "Target registration is in progress")
_CHECKING = ("Elb.InitialHealthChecking", "Initial health checks in progress")
_DRAINING = ("Target.DeregistrationInProgress", "Target deregistration is in progress")


def apply() -> None:
    """Report the health that was found."""
    replace(models.FakeTargetGroup, "health_for", _health_for)


def _health_for(self: Any, target: dict[str, Any], _ec2: Any) -> Any:
    port = target.get("Port", self.port)
    found = store_of(self.arn).target_group(self.arn).targets.get((target["Id"], port))
    found = found or TargetState()
    answer = models.FakeHealthStatus(target["Id"], port, self.health_check_port, found.health)
    if found.health != "healthy":
        answer.reason, answer.description = _reason(found)
    return answer


def _reason(found: TargetState) -> tuple[str, str]:
    """Return reason code and description (ELB user guide, "Target health reason codes")."""
    if found.health == "draining":
        return _DRAINING
    if found.health == "initial":
        return _CHECKING if found.last_check else _REGISTERING
    if "codes" in found.reason:
        return "Target.ResponseCodeMismatch", found.reason
    if found.reason == "Request timed out":
        return "Target.Timeout", found.reason
    return "Target.FailedHealthChecks", found.reason
