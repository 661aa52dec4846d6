"""The health check turns good and bad by turns, each time long enough to count."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="flapping-health",
    shows="targets healthy, then unhealthy; ECS replaces tasks for ever",
    source="ELB user guide, 'Health checks for your target groups'; ECS API reference, "
    "DeploymentCircuitBreaker (resetOnHealthyTask)",
    expects=r"answers 503|Health checks failed with these codes: \[503\]",
    needs="public",
    probe="flapping",
)
