"""An emulator that stands still, as on a machine under load, loses no call."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

from helpers import EmulatorProcess

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        }
    ],
}


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """Stop a process for 0.8 s of every second."""
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            os.kill(pid, signal.SIGSTOP)
            time.sleep(0.8)
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.2)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def create(emulator: EmulatorProcess, name: str, description: str = "") -> str:
    """Create a role by a call of its own; return its ARN."""
    made = emulator.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Description=description
    )
    return str(made["Role"]["Arn"])


def test_a_creation_that_is_tried_again_finds_its_first_answer(emulator: EmulatorProcess):
    """A client that gave up waiting creates the role once more, and gets what it created."""
    with standing_still(emulator.pid):
        first = create(emulator, "slow")
        assert create(emulator, "slow") == first


def test_another_creation_of_that_name_is_refused(emulator: EmulatorProcess):
    """With another content it is somebody else's, however slow the machine is."""
    with standing_still(emulator.pid):
        create(emulator, "taken", "mine")
        with pytest.raises(ClientError, match="already exists"):
            create(emulator, "taken", "yours")


def test_on_a_quick_machine_a_second_creation_is_refused(emulator: EmulatorProcess):
    """As on AWS: only a stall makes the second attempt the first one's."""
    time.sleep(6)  # what the tests before did is over
    create(emulator, "once")
    with pytest.raises(ClientError, match="already exists"):
        create(emulator, "once")
