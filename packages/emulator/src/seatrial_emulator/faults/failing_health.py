"""The health check never answers as it should; everything else does."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="failing-health",
    shows="ServiceSchedulerInitiated: Task failed ELB health checks ... codes: [503]",
    source="ELB user guide, 'Health checks for your target groups' (reason codes)",
    expects=r"answers 503|Health checks failed with these codes: \[503\]",
    needs="public",
    probe="failing",
)
