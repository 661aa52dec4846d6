"""The program ends by itself, at once, with exit code 1."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="exit-1",
    shows="EssentialContainerExited: Essential container in task exited, exit code 1",
    source="ECS developer guide, 'Stopped tasks error messages'",
    expects=r"Essential container in task exited",
    words=lambda given: ("sh", "-c", 'echo "fault exit-1: $0 gives up" >&2; exit 1', given[0]),
)
