"""Fargate has no room for another task."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="no-capacity",
    shows="event: was unable to place a task. Reason: Capacity is unavailable at this time",
    source="ECS developer guide, 'Fargate capacity unavailable' (service event messages)",
    expects=r"Capacity is unavailable at this time",
    capacity=False,
)
