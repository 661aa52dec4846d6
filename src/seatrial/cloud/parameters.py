"""Parameter Store: values that somebody else keeps; they are read, and never written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from seatrial.cloud.session import Session, aws_errors, code


def value(session: Session, name: str) -> str | None:
    """Return a parameter's value, decrypted, or None where there is none of this name."""
    found = _parameter(session, name)
    return None if found is None else str(found.get("Value", ""))


def changed(session: Session, name: str) -> str:
    """Return when a parameter last changed, ISO 8601 in UTC; empty where there is none."""
    found = (_parameter(session, name) or {}).get("LastModifiedDate")
    return found.astimezone(UTC).isoformat(timespec="seconds") if found else ""


def _parameter(session: Session, name: str) -> Mapping[str, Any] | None:
    with aws_errors(f"to read the parameter {name}"):
        try:
            found = session.client("ssm").get_parameter(Name=name, WithDecryption=True)
        except ClientError as error:
            if code(error) == "ParameterNotFound":
                return None
            raise
        parameter: Mapping[str, Any] = found["Parameter"]
    return parameter
