"""Sandboxes: a real program in namespaces of its own, and one that shares ours."""

from __future__ import annotations

import array
import dataclasses
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from seatrial_emulator.sandbox import loopback, namespaces
from seatrial_emulator.sandbox.base import Egress, TaskHandle, TaskSpec
from seatrial_emulator.servers.base import let_through

SERVER = (
    "import http.server,os,sys\n"
    "print(sorted(os.environ), open('/etc/hosts').read().split(), os.getuid(), flush=True)\n"
    "http.server.HTTPServer(('0.0.0.0', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)"
    ".serve_forever()\n"
)
needs_namespaces = pytest.mark.skipif(
    not namespaces.available(), reason="this machine refuses namespaces"
)


class Recorder:
    """Remembers what a sandbox reports."""

    def __init__(self) -> None:
        self.egresses: dict[str, int] = {}
        self.end: tuple[int | None, str] | None = None
        self.ended = threading.Event()

    def opened(self, _task: str, egress: Egress, fd: int) -> None:
        """Store an egress's descriptor."""
        self.egresses[egress.key] = fd

    def over(self, _task: str, code: int | None, why: str) -> None:
        """Store how the task ended."""
        self.end = (code, why)
        self.ended.set()


def spec(folder: Path, *words: str, port: int = 80, egresses: tuple[Egress, ...] = ()) -> TaskSpec:
    """Return a task to start."""
    environment = {"PATH": os.environ["PATH"], "ONLY": "this"}
    return TaskSpec(
        task="arn/task1234",
        address="10.0.0.9",
        words=words,
        environment=environment,
        folder=folder,
        ports=(port,),
        egresses=egresses,
    )


def dial(handle: TaskHandle, port: int) -> socket.socket:
    """Connect to a port of an isolated task."""
    deadline = time.monotonic() + 5
    while True:
        handle.dialer.send(struct.pack("!H", port))
        data, rights, _, _ = handle.dialer.recvmsg(256, 64)
        if data == b"+":
            return socket.socket(fileno=array.array("i", rights[0][2])[0])
        assert time.monotonic() < deadline, data
        time.sleep(0.05)


@needs_namespaces
def test_isolated_program_sees_its_own_world(tmp_path):
    """It has its variables, its hosts, no rights, its own port 80; egresses are all it reaches."""
    recorder = Recorder()
    egress = Egress("db", "db.example.rds.amazonaws.com", 5433, ())
    handle = namespaces.Namespaces(tmp_path).start(
        spec(tmp_path, sys.executable, "-c", SERVER, "80", egresses=(egress,)),
        recorder.opened,
        recorder.over,
    )
    try:
        with dial(handle, 80) as line:
            line.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert b"200 OK" in line.recv(100)
        assert handle.process.stdout
        output = handle.process.stdout.readline().decode()
        assert "'ONLY', 'PATH'" in output
        assert "db.example.rds.amazonaws.com" in output
        os.close(recorder.egresses["db"])
    finally:
        handle.close()


@needs_namespaces
def test_isolated_program_cannot_write_where_its_image_is_read_only(tmp_path):
    """Below the folder that stands for the image a write fails as on Fargate; elsewhere it does
    not, and an edit from outside is seen."""
    source = tmp_path / "source"
    source.mkdir()
    code = "open('../elsewhere', 'w'); print(open('given').read()); open('log', 'w')"
    (source / "given").write_text("edited")
    task = spec(source, sys.executable, "-c", code)
    recorder = Recorder()
    handle = namespaces.Namespaces(tmp_path / "rehearsal").start(
        dataclasses.replace(task, read_only=(source,)), recorder.opened, recorder.over
    )
    try:
        assert recorder.ended.wait(10)
        assert handle.process.stdout
        output = os.read(handle.process.stdout.fileno(), 65_536).decode()
        assert "edited" in output
        assert "Read-only file system: 'log'" in output
        assert (tmp_path / "elsewhere").exists()
    finally:
        handle.close()


@needs_namespaces
def test_isolated_program_reaches_nothing_without_an_egress(tmp_path):
    """Without an egress, this machine's own ports do not exist inside."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        recorder = Recorder()
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        handle = namespaces.Namespaces(tmp_path).start(
            spec(tmp_path, sys.executable, "-c", code), recorder.opened, recorder.over
        )
        assert recorder.ended.wait(10)
        handle.close()
    assert recorder.end == (1, "")


@needs_namespaces
@pytest.mark.skipif(os.geteuid() != 0, reason="changing the user needs root")
def test_namespaces_need_no_root():
    """The same works for a user without any rights."""
    code = (
        "import os, sys; os.setgid(65534); os.setuid(65534)\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from seatrial_emulator.sandbox import namespaces; sys.exit(not namespaces.available())"
    )
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    done = subprocess.run(
        [python, "-c", code, str(Path(__file__).parents[2] / "packages/emulator/src")],
        check=False,
        cwd="/",
    )
    assert done.returncode in (0, 1)  # 1 where the project lies in a folder nobody may read


def test_missing_program_is_said_in_dockers_words(tmp_path):
    """A program that is not there never starts, and the reason is the runtime's."""
    recorder = Recorder()
    handle = loopback.Loopback(tmp_path).start(
        spec(tmp_path, "no-such"), recorder.opened, recorder.over
    )
    assert recorder.ended.wait(10)
    assert recorder.end == (None, 'exec: "no-such": executable file not found in $PATH')
    handle.close()


def test_loopback_program_gets_a_free_port(tmp_path):
    """The port in the command is replaced, and names of egresses by addresses here."""
    recorder = Recorder()
    egress = Egress("db", "db.example", 5433, ())
    sandbox = loopback.Loopback(tmp_path)
    handle = sandbox.start(
        spec(tmp_path, sys.executable, "-c", SERVER, "8000", port=8000, egresses=(egress,)),
        recorder.opened,
        recorder.over,
    )
    try:
        deadline = time.monotonic() + 5
        while True:
            try:
                socket.create_connection(("127.0.0.1", handle.ports[8000]), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
    finally:
        handle.close()
    found = loopback.environment(
        {"PORT": "8000", "DB_HOST": "db.example", "DB_PORT": "5433", "URL": "x://db.example:5433/"},
        {8000: 4000},
        {egress: 5000},
    )
    os.close(recorder.egresses["db"])
    assert found == {
        "PORT": "4000",
        "DB_HOST": "127.0.0.1",
        "DB_PORT": "5000",
        "URL": "x://127.0.0.1:5000/",
    }


@pytest.mark.parametrize("kind", ["namespaces", "loopback"])
def test_children_end_with_the_process_that_started_them(tmp_path, kind):
    """When the daemon is killed, the task's children have ended: nothing is left."""
    if kind == "namespaces" and not namespaces.available():
        pytest.skip("this machine refuses namespaces")
    mark = f"sleep 98{os.getpid()}"
    code = (
        "import sys, time, os\nfrom pathlib import Path\n"
        f"from seatrial_emulator.sandbox.{kind} import {kind.title()} as Sandbox\n"
        "from seatrial_emulator.sandbox.base import TaskSpec\n"
        "o = TaskSpec(task='a/b', address='10.0.0.9',"
        f" words=('/bin/sh', '-c', '{mark} & {mark}'),"
        " environment={'PATH': os.environ['PATH']}, folder=Path('/'), ports=(), egresses=())\n"
        "Sandbox(Path(sys.argv[1])).start(o, lambda *a: None, lambda *a: None)\n"
        "print('up', flush=True)\ntime.sleep(60)\n"
    )
    daemon = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert daemon.stdout
    daemon.stdout.readline()

    def alive() -> int:
        found = subprocess.run(
            ["pgrep", "-fc", f"^{mark}"], capture_output=True, text=True, check=False
        )
        return int(found.stdout or 0)

    deadline = time.monotonic() + 5
    while alive() < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive() >= 2
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()
    while alive() and time.monotonic() < deadline + 5:
        time.sleep(0.05)
    assert alive() == 0


@pytest.mark.parametrize(("mode", "after"), [(0o1777, 0o1777), (0o700, 0o711), (0o750, 0o751)])
def test_a_folder_above_a_database_lets_through_and_stays_as_it_was(tmp_path, mode, after):
    """A data folder right below /tmp: /tmp stays everybody's, with its sticky bit."""
    tmp_path.chmod(mode)
    let_through(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == after
