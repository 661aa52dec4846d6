"""The program takes longer to listen than the grace period allows."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="slow-start",
    shows="ServiceSchedulerInitiated: Task failed ELB health checks",
    source="ECS developer guide, 'Task failed ELB health checks'; CreateService, "
    "healthCheckGracePeriodSeconds",
    expects=r"failed ELB health checks|Health checks failed|Request timed out|gets no answer|"
    r"listens on|are refused",
    needs="public",
    words=lambda given: ("sh", "-c", 'sleep 300; exec "$@"', "sh", *given),
)
