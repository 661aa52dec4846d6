"""The program turns healthy and then fails for good: ECS has called its deployment complete."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="fading-health",
    shows="deployment COMPLETED, then Task failed ELB health checks, again and again",
    source="ECS developer guide, 'How the Amazon ECS deployment circuit breaker detects failures'",
    expects=r"answers 503|Health checks failed with these codes: \[503\]",
    needs="public",
    probe="fading",
)
