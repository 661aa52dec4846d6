"""A secret that a task definition names has no value."""

from seatrial.rehearsal.controller import reasons
from seatrial.rehearsal.faults.fault import Fault

FAULT = Fault(
    id="missing-secret",
    shows="TaskFailedToStart: ResourceInitializationError ... ResourceNotFoundException",
    source="ECS developer guide, 'Troubleshooting Amazon ECS ResourceInitializationError errors'",
    expects=r"can't find the specified secret value",
    needs="secret",
    refuses=lambda task: reasons.secret_missing(task.secret) if task.secret else "",
)
