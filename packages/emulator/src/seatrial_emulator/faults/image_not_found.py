"""The image's digest is not in its repository."""

from seatrial_emulator.api import aws_messages
from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="image-not-found",
    shows="TaskFailedToStart: CannotPullContainerError ... not found",
    source="ECS developer guide, 'CannotPullContainer task errors in Amazon ECS'",
    expects=r"CannotPullContainerError: .*failed to resolve ref .*: not found",
    refuses=lambda task: aws_messages.image_missing(task.image),
)
