"""The execution role may not read a secret."""

from seatrial_emulator.api import aws_messages
from seatrial_emulator.faults.fault import Facts, Fault

ACTION = "secretsmanager:GetSecretValue"


def _refused(task: Facts) -> str:
    if not task.secret:
        return ""
    return aws_messages.secret_denied(
        task.secret, aws_messages.denied(task.account, task.role, ACTION, task.secret)
    )


FAULT = Fault(
    id="denied-secret",
    shows="TaskFailedToStart: AccessDeniedException ... secretsmanager:GetSecretValue",
    source="ECS developer guide, 'Troubleshooting Amazon ECS ResourceInitializationError errors'",
    expects=r"AccessDeniedException.*secretsmanager:GetSecretValue",
    needs="secret",
    refuses=_refused,
)
