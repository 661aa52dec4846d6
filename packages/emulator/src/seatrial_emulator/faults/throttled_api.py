"""AWS refuses a third of all API requests: too many at once."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="throttled-api",
    shows="ThrottlingException: Rate exceeded (S3: 503 SlowDown)",
    source="AWS SDKs and tools reference guide, 'Retry behavior'; S3, 'Error responses'",
    expects=r"",
    applies_to="running",
    throttle=0.3,
)
