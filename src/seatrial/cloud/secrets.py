"""Secrets Manager: values go in and their versions move; a value never comes into a log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Literal

from botocore.exceptions import ClientError

from seatrial.cloud.finder import tags
from seatrial.cloud.session import Session, aws_errors, code

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"


def value(session: Session, arn: str, stage: str = CURRENT) -> tuple[str, str] | None:
    """Return the value at a stage and its version's id, or None where there is none."""
    with aws_errors(f"to read the secret {arn}"):
        try:
            found = session.client("secretsmanager").get_secret_value(
                SecretId=arn, VersionStage=stage
            )
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return None
            raise
        return str(found.get("SecretString", "")), str(found["VersionId"])


def scheduled(session: Session, name: str) -> bool:
    """Return whether a secret is on its way to being deleted."""
    return bool((_described(session, name) or {}).get("DeletedDate"))


def restore(session: Session, name: str, mine: Mapping[str, str]) -> bool:
    """Bring back a secret with these tags that is on its way to being deleted, with its values."""
    found = _described(session, name) or {}
    if not found.get("DeletedDate") or not mine.items() <= tags(found.get("Tags")).items():
        return False
    with aws_errors(f"to restore the secret {name}"):
        session.client("secretsmanager").restore_secret(SecretId=name)
    return True


def exists(session: Session, name: str) -> bool:
    """Return whether there is a secret of this name."""
    return _described(session, name) is not None


def state(session: Session, name: str) -> Literal["there", "deleted", "absent", "empty"]:
    """Return whether a secret has a value that tasks can read; the value itself is not read."""
    found = _described(session, name)
    if found is None:
        return "absent"
    if found.get("DeletedDate"):
        return "deleted"
    stages = [s for stages in (found.get("VersionIdsToStages") or {}).values() for s in stages]
    return "there" if CURRENT in stages else "empty"


def changed(session: Session, name: str) -> str:
    """Return when a secret's value last changed, ISO 8601 in UTC; empty where it has none."""
    found = (_described(session, name) or {}).get("LastChangedDate")
    return found.astimezone(UTC).isoformat(timespec="seconds") if found else ""


def _described(session: Session, name: str) -> Mapping[str, Any] | None:
    with aws_errors(f"to look at the secret {name}"):
        try:
            found: Mapping[str, Any] = session.client("secretsmanager").describe_secret(
                SecretId=name
            )
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return None
            raise
    return found


def put(session: Session, arn: str, text: str, stage: str = CURRENT) -> str:
    """Add a version at a stage and return its id."""
    with aws_errors(f"to write the secret {arn}"):
        made = session.client("secretsmanager").put_secret_value(
            SecretId=arn, SecretString=text, VersionStages=[stage]
        )
        return str(made["VersionId"])


def finish_rotation(session: Session, arn: str, version: str) -> None:
    """Move AWSCURRENT to a version and take AWSPENDING from it."""
    client = session.client("secretsmanager")
    with aws_errors(f"to rotate the secret {arn}"):
        stages = client.describe_secret(SecretId=arn)["VersionIdsToStages"]
        old = next((v for v, s in stages.items() if CURRENT in s and v != version), None)
        if CURRENT not in stages.get(version, []):
            client.update_secret_version_stage(
                SecretId=arn,
                VersionStage=CURRENT,
                MoveToVersionId=version,
                **({"RemoveFromVersionId": old} if old else {}),
            )
        client.update_secret_version_stage(
            SecretId=arn, VersionStage=PENDING, RemoveFromVersionId=version
        )
