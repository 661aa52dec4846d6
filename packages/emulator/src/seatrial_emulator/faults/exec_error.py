"""The command names a program that the image does not have."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="exec-error",
    shows="TaskFailedToStart: CannotStartContainerError ... executable file not found in $PATH",
    source="ECS developer guide, 'Stopped tasks error messages' (CannotStartContainerError)",
    expects=r"executable file not found in \$PATH",
    words=lambda given: (f"{given[0].rsplit('/', 1)[-1]}-that-is-not-there", *given[1:]),
)
