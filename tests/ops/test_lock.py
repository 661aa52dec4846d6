"""The deploy lock: who has it, that it is given back, and how one that was left is released."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from helpers import EmulatorProcess
from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.errors import LockedError, UsageError, UserError
from seatrial.ops.release import lock
from seatrial.target import Target

KEY = "notes/dev/deploy.lock"


@pytest.fixture
def session(emulator: EmulatorProcess, tmp_path: Path) -> Session:
    """Return a session of an account in which nobody deploys."""
    keys = (emulator.access_key, emulator.secret_key)
    target = Target("dev", "123456789012", "us-east-1", tmp_path, emulator.endpoint, *keys)
    found = Session(target)
    storage.ensure_bucket(found)
    for key in storage.keys(found, "notes/"):
        storage.remove(found, key)
    return found


def put(session: Session, **fields: Any) -> None:
    """Leave a lock as another command would."""
    row = {"id": "1", "who": "ann", "host": "elsewhere", "command": "seatrial deploy live"}
    storage.write(session, KEY, json.dumps(row | fields).encode())


def test_a_second_command_is_refused_and_names_who_works(session: Session):
    """The holder's name, machine, command and age are said; its lock stays."""
    put(session, since="2020-01-01T00:00:00+00:00")
    with pytest.raises(LockedError) as refused, lock.held(session, "notes", "seatrial deploy live"):
        pass
    (problem,) = refused.value.problems
    assert problem.code == "deploy-locked"
    assert "ann on elsewhere runs `seatrial deploy live` since 2020" in problem.message
    assert "minutes)" in problem.message
    assert (
        problem.fix
        == "Wait for it. If that run is dead, release the lock: `seatrial unlock dev 1`."
    )
    assert storage.read_json(session, KEY)


def test_a_holder_that_is_gone_from_this_machine_is_said_to_be(session: Session):
    """Only of its own machine can anybody say that a process is gone."""
    process = subprocess.Popen(["true"])
    process.wait()
    put(session, host=socket.gethostname(), process=process.pid)
    gone = pytest.raises(LockedError, match="That process is gone from this machine")
    with gone, lock.held(session, "notes", "c"):
        pass
    put(session, host=socket.gethostname(), process=os.getpid(), since="not a time")
    with pytest.raises(LockedError, match="Wait for it"), lock.held(session, "notes", "c"):
        pass


@pytest.mark.parametrize(
    "error", [None, UserError.of("x", "y", "z"), KeyboardInterrupt(), ValueError()]
)
def test_a_lock_is_given_back_however_the_work_ends(session: Session, error: BaseException | None):
    """After success, an error, an interruption and a fault of ours."""

    def work() -> None:
        with lock.held(session, "notes", "c"):
            held = storage.read_json(session, KEY)
            assert held
            assert (held["command"], held["process"]) == ("c", os.getpid())
            if error:
                raise error

    if error:
        with pytest.raises(type(error)):
            work()
    else:
        work()
    assert storage.read_json(session, KEY) is None


def test_a_lock_that_another_took_meanwhile_is_not_removed(session: Session):
    """Somebody released ours by its ID and took one: theirs stays."""
    with lock.held(session, "notes", "c"):
        put(session, id="theirs")
    held = storage.read_json(session, KEY)
    assert held
    assert held["id"] == "theirs"


def test_unlock_releases_by_id_and_names_what_is_held(session: Session):
    """A wrong ID removes nothing and lists the right ones; ours takes Terraform's locks along."""
    with pytest.raises(UsageError, match="no lock is 1: there is no lock"):
        lock.release(session, "notes", "1")
    put(session)
    terraform = "notes/dev/release.tfstate.tflock"
    storage.write(session, terraform, b'{"ID": "t"}')
    with pytest.raises(UsageError, match=r"deploy\.lock is 1, release\.tfstate\.tflock is t"):
        lock.release(session, "notes", "2")
    assert lock.release(session, "notes", "t") == [terraform]
    storage.write(session, terraform, b'{"ID": "t"}')
    assert lock.release(session, "notes", "1") == [KEY, terraform]
    assert storage.keys(session, "notes/") == []
