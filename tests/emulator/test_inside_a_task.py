"""A task as an attacker: what a program finds and reaches of the machine that it runs on."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from seatrial_emulator.api.security_groups import Rule, ranges_out
from seatrial_emulator.ecs import unrouted
from seatrial_emulator.network import forward_proxy, http1
from seatrial_emulator.sandbox import namespaces, private_paths
from seatrial_emulator.sandbox.base import TaskSpec

needs_namespaces = pytest.mark.skipif(
    not namespaces.available(), reason="this machine refuses namespaces"
)
ATTACK = """
import json, os, sys
found = {}
for path in json.loads(sys.argv[1]):
    try:
        found[path] = sorted(os.listdir(path)) if os.path.isdir(path) else open(path).read()
    except OSError as error:
        found[path] = error.errno
print(json.dumps(found), flush=True)
"""


def look(tmp_path: Path, private: Path, own: Path, paths: list[Path]) -> dict[str, object]:
    """Run a task that reads paths; return what it found at each."""
    sandbox = namespaces.Namespaces(private / "dev/tasks", private)
    words = (sys.executable, "-c", ATTACK, json.dumps([str(path) for path in paths]))
    environment = {"PATH": os.environ["PATH"], "PGSSLROOTCERT": str(private / "dev/ca.pem")}
    ended = threading.Event()
    spec = TaskSpec(
        task="arn/attack",
        address="10.0.0.9",
        words=words,
        environment=environment,
        folder=own,
        ports=(),
        egresses=(),
    )
    handle = sandbox.start(spec, lambda *_: None, lambda *_: ended.set())
    try:
        assert handle.process.stdout
        line = handle.process.stdout.readline()
        assert line.startswith(b"{"), line
        found: dict[str, object] = json.loads(line)
        return found
    finally:
        handle.close()


@needs_namespaces
def test_a_task_sees_its_own_files_and_nothing_else_of_rehearsals(tmp_path: Path, monkeypatch):
    """Keys, sockets, rows, other builds and environments are not there; its own files are."""
    private = tmp_path / ".seatrial"
    own, other = private / "dev/images/own/sub", private / "dev/images/other"
    for folder in (own, other, private / "dev/tasks", private / "dev/databases/db/data"):
        folder.mkdir(parents=True)
    (private / "staging").mkdir()
    for file in (
        own / "main.py", own.parent / "beside.py", other / "main.py", private / "dev/keys.json",
        private / "dev/secrets.json", private / "dev/ca.pem", private / "staging/keys.json",
    ):  # fmt: skip
        file.write_text("content")
    control = private / "dev/control.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(private / "dev")  # for a path under 108 bytes
        listening.bind("control.sock")
        found = look(
            tmp_path,
            private,
            own,
            [own / "main.py", own.parent / "beside.py", private / "dev/ca.pem", private,
             private / "dev", private / "dev/images", other, private / "dev/keys.json", control,
             private / "staging", private / "dev/databases"],
        )  # fmt: skip
    assert found.pop(str(own / "main.py")) == "content"
    assert found.pop(str(own.parent / "beside.py")) == "content"
    assert found.pop(str(private / "dev/ca.pem")) == "content"
    assert found.pop(str(private)) == ["dev"]
    assert found.pop(str(private / "dev")) == ["ca.pem", "images"]
    assert found.pop(str(private / "dev/images")) == ["own"]
    assert set(found.values()) == {2}, found  # ENOENT


@needs_namespaces
def test_a_task_does_not_see_its_user_s_credentials(tmp_path: Path, monkeypatch):
    """Keys for AWS, SSH and registries, and the machine's passwords, are covered."""
    home = tmp_path / "home"
    for name in (".aws", ".ssh", ".docker"):
        (home / name).mkdir(parents=True)
        (home / name / "credentials").write_text("the key")
    (home / ".netrc").write_text("the password")
    (home / "notes").write_text("no secret")
    monkeypatch.setattr(Path, "home", staticmethod(lambda: home))
    private = tmp_path / ".seatrial"
    (private / "dev/tasks").mkdir(parents=True)
    (private / "dev/ca.pem").write_text("")
    paths = [home / ".aws", home / ".ssh", home / ".docker", home / ".netrc", Path("/etc/shadow")]
    found = look(tmp_path, private, tmp_path, [*paths, home / "notes"])
    assert found.pop(str(home / "notes")) == "no secret"
    assert {str(value) for value in found.values()} <= {"[]", "", "13"}, found


GOES_OUT = """
import socket, sys, time
for kind, host in ((socket.SOCK_STREAM, sys.argv[1]), (socket.SOCK_DGRAM, sys.argv[1])):
    with socket.socket(socket.AF_INET, kind) as found:
        print(found.connect_ex((host, 443)), flush=True)
time.sleep(60)
"""


@needs_namespaces
@pytest.mark.parametrize(
    ("host", "times"),
    [("203.0.113.7", 2), ("10.0.0.2", 2), (namespaces.RESOLVER, 2), ("10.0.0.9", 0)],
)
def test_a_connection_without_the_proxy_is_counted(tmp_path: Path, host: str, times: int):
    """TCP and a question to a name server, which nothing answers; what stays inside is neither."""
    spec = TaskSpec(
        task="arn/out", address="10.0.0.9", words=(sys.executable, "-c", GOES_OUT, host),
        environment={"PATH": os.environ["PATH"]}, folder=tmp_path, ports=(), egresses=(),
    )  # fmt: skip
    handle = namespaces.Namespaces(tmp_path).start(spec, lambda *_: None, lambda *_: None)
    try:
        assert handle.process.stdout
        codes = [int(handle.process.stdout.readline()) for _ in range(2)]
        assert (codes == [errno.ENETUNREACH] * 2) == bool(times)
        assert unrouted.count(handle.process.pid) == times
    finally:
        handle.close()
    assert unrouted.count(os.getpid()) == 0  # the machine's own network is not a task's


def test_what_a_task_needs_is_shown_by_its_variables():
    """Its snapshot whole, its packages and the authority; nothing outside the folder."""
    private = Path("/p/.seatrial")
    variables = {"VIRTUAL_ENV": "/p/.seatrial/environments/e", "SSL_CERT_FILE": "/etc/ssl/x.pem",
                 "DATA": "/p/.seatrial/dev/keys.json"}  # fmt: skip
    found = private_paths.shown(private, Path("/p/.seatrial/dev/images/d/sub/deeper"), variables)
    assert found == ["/p/.seatrial/dev/images/d", "/p/.seatrial/environments/e"]
    assert private_paths.shown(private, Path("/p/web"), {}) == []


class _Local(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer whoever comes."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the developer's own service")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def local() -> Iterator[int]:
    """Yield the port of a service on this machine's loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Local)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


PROXY = """
import asyncio, sys
from seatrial_emulator.ecs import unrouted
from seatrial_emulator.network import forward_proxy
async def main():
    allowed = forward_proxy.ports(sys.argv[1])
    async def accept(*streams): await forward_proxy.serve(streams, allowed)
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def through(port: int, request: str) -> bytes:
    """Send the proxy a request; return its answer."""
    with socket.create_connection(("127.0.0.1", port), 15) as line:
        line.sendall(request.encode())
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(4096), b""))


HOSTS = ("127.0.0.1", "localhost", "[::1]", "0.0.0.0",  # noqa: S104
         "169.254.169.254", "10.0.0.1", "2130706433",
         "192.168.0.1", "[::ffff:127.0.0.1]", "127.1")  # fmt: skip


def test_the_proxy_leads_to_the_internet_alone(local: int):
    """The developer's services, link-local and private addresses are out of reach, by any name."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROXY, f"443-443,{local}-{local},80-80"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        for host in HOSTS:
            for request in (f"CONNECT {host}:{local} HTTP/1.1\r\nHost: x\r\n\r\n",
                            f"GET http://{host}:{local}/ HTTP/1.1\r\nHost: x\r\n\r\n"):  # fmt: skip
                said = through(port, request)
                assert b"the developer's own service" not in said
                assert said.split()[1] in (b"403", b"502"), (host, said)
        said = through(port, "CONNECT 203.0.113.1:22 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"no egress rule" in said
    finally:
        process.kill()
        process.wait()
        process.stdout.close() if process.stdout else None


def test_ports_outwards_are_the_security_groups():
    """Rules to the internet count; to groups and private networks they open nothing there."""
    rules = (
        Rule("sg-a", egress=True, protocol="tcp", low=443, high=443, peer_network="0.0.0.0/0"),
        Rule("sg-a", egress=True, protocol="tcp", low=5432, high=5432, peer_group="sg-b"),
        Rule("sg-a", egress=True, protocol="tcp", low=25, high=25, peer_network="10.0.0.0/8"),
        Rule("sg-a", egress=False, protocol="tcp", low=80, high=80, peer_network="0.0.0.0/0"),
        Rule("sg-b", egress=True, protocol="-1", low=0, high=0, peer_network="0.0.0.0/0"),
    )
    assert ranges_out(rules, frozenset({"sg-a"})) == "443-443"
    assert forward_proxy.ports(ranges_out(rules, frozenset({"sg-b"}))) == ((0, 65_535),)
    assert ranges_out(rules, frozenset()) == ""


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("127.0.0.1:2000", True), ("localhost", True), ("[::1]:80", True), ("a.localhost:1", True),
        ("D1.cloudfront.net", True), ("shop.example.com:443", True), ("attacker.example", False),
        ("127.0.0.1.attacker.example:2000", False), ("localhost.attacker.example", False),
        ("", False), ("10.0.0.5:2000", False),
    ],
)  # fmt: skip
def test_the_app_s_port_answers_to_its_names(host: str, *, named: bool):
    """Loopback, and what the app is called on AWS: no name that a page elsewhere has."""
    known = ["d1.cloudfront.net", "*.example.com"]
    assert http1.is_named(host.encode(), known) is named
