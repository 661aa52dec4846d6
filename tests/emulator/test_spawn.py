"""Descriptors of a task's first process, whatever numbers the daemon's own have."""

from __future__ import annotations

import os
import threading

import pytest

from seatrial_emulator.sandbox.base import spawn


@pytest.mark.parametrize("last", range(12, 26))
def test_life_line_and_dialer_are_never_mixed_up(last: int):
    """Whichever descriptors are free, a task ends with its control socket and answers dials."""
    held = [os.open("/dev/null", os.O_RDONLY)]
    while held[-1] < last:
        held.append(os.open("/dev/null", os.O_RDONLY))
    ended = threading.Event()
    spec = {
        "isolated": False,
        "words": ["sleep", "30"],
        "folder": "/",
        "environment": {"PATH": os.environ["PATH"]},
        "addresses": ["127.0.0.1"],
        "egresses": [],
        "mounts": [],
    }
    handle = spawn(
        spec,
        task="task",
        opened=lambda *_: None,
        ended=lambda *_: ended.set(),
        egresses={},
        ports={},
    )
    try:
        handle.dialer.settimeout(5)
        handle.dialer.sendall(b"\x00\x01")  # port 1: nothing listens, and that is the answer
        assert handle.dialer.recv(64).startswith(b"!")
    finally:
        handle.close()
        for number in held:
            os.close(number)
    assert ended.wait(5)
