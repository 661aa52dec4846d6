"""A schedule that stops databases again: RDS starts what was stopped after seven days.

EventBridge Scheduler calls RDS itself, once a day, with a role that may stop these instances and
nothing else (EventBridge Scheduler user guide, "Using universal targets").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code
from seatrial.cloud.waiting import until

TARGET = "arn:aws:scheduler:::aws-sdk:rds:stopDBInstance"
POLICY = "stop"
GONE = ("NoSuchEntity", "ResourceNotFoundException")


@dataclass(frozen=True)
class Names:
    """The names of an environment's schedules: their group, and their role with its path."""

    group: str
    role: str
    path: str


def ensure(session: Session, names: Names, identifiers: list[str], mine: Mapping[str, str]) -> None:
    """Stop instances again every day; what is there already is used."""
    role = _role(session, names, identifiers, mine)
    scheduler = session.client("scheduler")
    tags: Any = [{"Key": key, "Value": value} for key, value in mine.items()]
    with aws_errors("to make a schedule"):
        _once(lambda: scheduler.create_schedule_group(Name=names.group, Tags=tags))
        for identifier in identifiers:
            _schedule(session, names.group, identifier, role)


def _schedule(session: Session, group: str, identifier: str, role: str) -> None:
    """Make one schedule; a role that is new may not be assumed for some seconds."""
    target: Any = {
        "Arn": TARGET,
        "RoleArn": role,
        "Input": json.dumps({"DbInstanceIdentifier": identifier}),
        "RetryPolicy": {"MaximumRetryAttempts": 0},
    }

    def made() -> bool | None:
        try:
            session.client("scheduler").create_schedule(
                Name=identifier,
                GroupName=group,
                ScheduleExpression="rate(1 days)",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target=target,
            )
        except ClientError as error:
            if code(error) == "ValidationException" and "assume" in str(error):
                return None
            if code(error) != "ConflictException":
                raise
        return True

    if until(session, made, 5, 120) is None:
        made()


def remove(session: Session, names: Names) -> None:
    """Remove schedules and role; what is gone already is well."""
    scheduler, iam = session.client("scheduler"), session.client("iam")
    with aws_errors("to remove a schedule"):
        _unless_gone(lambda: scheduler.delete_schedule_group(Name=names.group))
        _unless_gone(lambda: iam.delete_role_policy(RoleName=names.role, PolicyName=POLICY))
        _unless_gone(lambda: iam.delete_role(RoleName=names.role))


def _role(session: Session, names: Names, identifiers: list[str], mine: Mapping[str, str]) -> str:
    iam, target = session.client("iam"), session.target
    trust = _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": target.account}},
        }
    )
    tags: Any = [{"Key": key, "Value": value} for key, value in mine.items()]
    start = f"arn:aws:rds:{target.region}:{target.account}:db:"
    stop = _document(
        {
            "Effect": "Allow",
            "Action": "rds:StopDBInstance",
            "Resource": [start + name for name in identifiers],
        }
    )
    with aws_errors(f"to make the role {names.role}"):
        _once(
            lambda: iam.create_role(
                RoleName=names.role, Path=names.path, AssumeRolePolicyDocument=trust, Tags=tags
            )
        )
        iam.put_role_policy(RoleName=names.role, PolicyName=POLICY, PolicyDocument=stop)
        return str(iam.get_role(RoleName=names.role)["Role"]["Arn"])


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _once(make: Any) -> None:
    try:
        make()
    except ClientError as error:
        if code(error) not in ("EntityAlreadyExists", "ConflictException"):
            raise


def _unless_gone(remove_it: Any) -> None:
    try:
        remove_it()
    except ClientError as error:
        if code(error) not in GONE:
            raise
