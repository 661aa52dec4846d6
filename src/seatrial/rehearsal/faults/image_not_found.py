"""The image's digest is not in its repository."""

from seatrial.rehearsal.controller import reasons
from seatrial.rehearsal.faults.fault import Fault

FAULT = Fault(
    id="image-not-found",
    shows="TaskFailedToStart: CannotPullContainerError ... not found",
    source="ECS developer guide, 'CannotPullContainer task errors in Amazon ECS'",
    expects=r"CannotPullContainerError: .*failed to resolve ref .*: not found",
    refuses=lambda task: reasons.image_missing(task.image),
)
