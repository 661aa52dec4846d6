"""The image was built for another CPU: the kernel refuses its program."""

from seatrial_emulator.faults.fault import Fault

FAULT = Fault(
    id="wrong-architecture",
    shows="one log line `exec format error`, exit code 255",
    source="AWS re:Post, 'Amazon ECS task exec format error'; runc exits with 255",
    expects=r"exec format error",
    words=lambda given: ("sh", "-c", 'echo "exec $0: exec format error" >&2; exit 255', given[0]),
)
