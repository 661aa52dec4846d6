"""A secret is there, but the JSON key that a task definition names is not in it."""

from seatrial_emulator.api import aws_messages
from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="missing-secret-key",
    shows="TaskFailedToStart: ... did not contain json key",
    source="amazon-ecs-agent, asm resource: 'did not contain json key'",
    expects=r"did not contain json key",
    needs="secret",
    refuses=lambda task: aws_messages.key_missing(task.key or "password") if task.secret else "",
)
