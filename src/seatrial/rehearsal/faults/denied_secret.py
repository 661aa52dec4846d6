"""The execution role may not read a secret."""

from seatrial.rehearsal.controller import reasons
from seatrial.rehearsal.faults.fault import Facts, Fault

ACTION = "secretsmanager:GetSecretValue"


def _refused(task: Facts) -> str:
    if not task.secret:
        return ""
    return reasons.secret_denied(
        task.secret, reasons.denied(task.account, task.role, ACTION, task.secret)
    )


FAULT = Fault(
    id="denied-secret",
    shows="TaskFailedToStart: AccessDeniedException ... secretsmanager:GetSecretValue",
    source="ECS developer guide, 'Troubleshooting Amazon ECS ResourceInitializationError errors'",
    expects=r"AccessDeniedException.*secretsmanager:GetSecretValue",
    needs="secret",
    refuses=_refused,
)
