"""Every answer of a task takes half a second longer."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="slow-network",
    shows="TargetResponseTime rises; requests slower than the idle timeout are 504",
    source="ELB user guide, 'CloudWatch metrics for your Application Load Balancer'",
    expects="",
    applies_to="running",
    needs="public",
    latency=0.5,
)
