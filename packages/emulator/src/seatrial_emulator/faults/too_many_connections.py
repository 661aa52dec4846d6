"""The database has no connection left."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="too-many-connections",
    shows="FATAL: sorry, too many clients already (SQLSTATE 53300)",
    source="PostgreSQL documentation, 'max_connections'; RDS user guide, 'Quotas and constraints'",
    expects=r"too many clients",
    applies_to="running",
    needs="database",
    database="crowd",
)
