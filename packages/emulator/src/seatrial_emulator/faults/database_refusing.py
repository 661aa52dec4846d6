"""The database takes no connection, and closes those it has."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="database-refusing",
    shows="the app's own error; nothing in ECS unless its health check asks the database",
    source="RDS user guide, 'Can't connect to Amazon RDS DB instance'",
    expects="",
    applies_to="running",
    needs="database",
    database="refuse",
)
