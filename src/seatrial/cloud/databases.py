"""RDS instances: where they are, and their owner's password."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from seatrial.cloud.session import Session, told
from seatrial.errors import UserError

# States that no waiting ends (RDS user guide, "DB instance status").
BROKEN = (
    "failed",
    "incompatible-parameters",
    "incompatible-network",
    "incompatible-restore",
    "storage-full",
    "inaccessible-encryption-credentials",
)


@dataclass(frozen=True)
class Instance:
    """What is needed to reach an instance."""

    identifier: str
    resource_id: str
    host: str
    port: int
    database: str
    user: str
    status: str


def describe(session: Session, identifier: str) -> Instance:
    """Return an instance."""
    with told(f"to describe the database {identifier}"):
        rows = session.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
    row: dict[str, Any] = rows["DBInstances"][0]
    endpoint = row.get("Endpoint") or {}
    return Instance(
        identifier,
        row["DbiResourceId"],
        endpoint.get("Address", ""),
        int(endpoint.get("Port", 0)),
        row.get("DBName", ""),
        row["MasterUsername"],
        row["DBInstanceStatus"],
    )


def set_password(session: Session, identifier: str, password: str, *, timeout: float = 600) -> None:
    """Change the owner's password and wait until it holds."""
    with told(f"to change the password of {identifier}"):
        session.client("rds").modify_db_instance(
            DBInstanceIdentifier=identifier, MasterUserPassword=password, ApplyImmediately=True
        )
    # RDS accepts the change first and shows that it works on it some seconds later.
    time.sleep(15 / session.target.pace**2)
    wait_available(session, identifier, timeout=timeout)


def wait_available(session: Session, identifier: str, *, timeout: float = 2400) -> Instance:
    """Wait until an instance can be used; raises UserError after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = describe(session, identifier)
        if found.status == "available":
            return found
        if found.status in BROKEN:
            raise UserError.of(
                "database-broken",
                f"{identifier} is {found.status}",
                "Look at its events (in a rehearsal: cloud.log), mend the cause.",
            )
        time.sleep(10 / session.target.pace**2)
    raise UserError.of(
        "database-late",
        f"{identifier} is still {found.status} after {timeout:.0f} s",
        "Look at its events, then run the command again.",
    )
