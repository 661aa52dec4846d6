"""A secret that a task definition names has no value."""

from seatrial_emulator.api import aws_messages
from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="missing-secret",
    shows="TaskFailedToStart: ResourceInitializationError ... ResourceNotFoundException",
    source="ECS developer guide, 'Troubleshooting Amazon ECS ResourceInitializationError errors'",
    expects=r"can't find the specified secret value",
    needs="secret",
    refuses=lambda task: aws_messages.secret_missing(task.secret) if task.secret else "",
)
