"""The program needs more memory than its task has."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="out-of-memory",
    shows="EssentialContainerExited, exit code 137, OutOfMemoryError: Container killed due to "
    "memory usage",
    source="ECS developer guide, 'Stopped tasks error messages' (OutOfMemoryError)",
    expects=r"OutOfMemoryError: Container killed due to memory usage",
    memory=1,
)
