"""The logins of a database: the owner, whose password RDS sets, and one that can only read.

The second is made by SQL, which a task in the VPC runs as the owner (``resources.reader``).
"""

from __future__ import annotations

from seatrial.cloud import databases, logs, secrets, services
from seatrial.errors import UserError
from seatrial.events import TaskChanged
from seatrial.model.reader import address, read, reader
from seatrial.ops import secret_generation
from seatrial.ops.release.operation import Operation
from seatrial.resources import network
from seatrial.resources.context import Context
from seatrial.resources.reader import USER
from seatrial.terraform.document import handle

LINES = 15


def rotate(work: Operation, noun: str, *, again: bool = False) -> bool:
    """Give every login of a database a new password where that is due, or ``again``.

    Returns whether a password changed that a task may have. Raises UserError.
    """
    identifier = work.identifier(noun)
    changed = secret_generation.database_password(
        work.session, identifier, work.secret(noun), again=again
    )
    if noun in read(work.app):
        changed = _reader(work, noun, again=again) or changed
    return changed


def _reader(work: Operation, noun: str, *, again: bool) -> bool:
    """Rotate the reader's password; returns False where it is the first one, which nobody has."""
    arn = work.secret(address(noun))
    known = secrets.value(work.session, arn) is not None
    instance = databases.wait_available(work.session, work.identifier(noun))

    def give(_: str) -> None:  # the task reads the pending password itself
        _run(work, noun)

    changed = secret_generation.login_password(work.session, instance, USER, arn, give, again=again)
    return changed and known


def _run(work: Operation, noun: str) -> None:
    """Run the task that makes the reader and wait for it; raises UserError with its last lines."""
    context, name = Context(work.app), reader(noun)
    where = {
        "subnets": [work.output(handle(s), "id") for s in network.subnets(context)],
        "securityGroups": [work.output(f"security_group_{address(noun)}", "id")],
        "assignPublicIp": "ENABLED" if work.app.outbound == "public" else "DISABLED",
    }
    definition = work.output(f"ecs_task_definition_{address(noun)}", "arn")
    arn = services.run(work.session, work.cluster, definition, where)
    work.emit(TaskChanged(name, arn, "making the login that only reads"))
    ended = services.wait_stopped(work.session, work.cluster, arn)
    if ended.exit_code == 0:
        return
    group = f"/{work.app.app}/{work.app.environment}/{noun}/reader"
    lines = logs.tail(work.session, group, logs.stream("reader", name, ended.id), LINES)
    raise UserError.of(
        "database-reader",
        f"the task that makes the reader of `{noun}` failed: {ended.reason}\n"
        + "\n".join(f"    {line}" for line in lines),
        "Fix the cause and run the command again: it goes on where it ended.",
    )
