"""The program runs and listens on no port."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="port-not-bound",
    shows="ServiceSchedulerInitiated: Task failed ELB health checks: Health checks failed",
    source="ELB user guide, 'Health checks for your target groups' (Target.FailedHealthChecks)",
    expects=r"Health checks failed|listens on|are refused",
    needs="public",
    words=lambda _: ("sh", "-c", "echo 'fault port-not-bound: listening nowhere'; sleep 86400"),
)
