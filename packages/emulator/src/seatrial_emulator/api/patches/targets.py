"""A target is an address and a port, and its health is what the health checks found (ELB user
guide, "Health checks for your target groups").

moto keys targets by address alone, and every target is healthy. ``rehearsed_health`` holds the
controller's finding for each (address, port): a state and a reason.
Test: tests/emulator/test_patches.py::test_target_health_is_what_was_found.
"""

from __future__ import annotations

from typing import Any

from moto.elbv2 import models

_REASONS = {
    "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
}


def apply() -> None:
    """Report the health that was found."""

    def health_for(self: Any, target: dict[str, Any], _ec2: Any) -> Any:
        port = target.get("Port", self.port)
        found = getattr(self, "rehearsed_health", {}).get((target["Id"], port))
        if found is None:
            state, (reason, text) = "initial", _REASONS["initial"]
        else:
            state, text = found
            reason, text = _REASONS.get(state, ("Target.FailedHealthChecks", text))
        if state == "healthy":
            return models.FakeHealthStatus(target["Id"], port, self.health_check_port, state)
        return models.FakeHealthStatus(
            target["Id"], port, self.health_check_port, state, reason, text
        )

    models.FakeTargetGroup.health_for = health_for
