"""A rehearsal under attack: by another user, by a page in a browser, and by its own task."""

from __future__ import annotations

import http.client
import json
import os
import stat
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers import Rehearsal, eventually
from seatrial_emulator.sandbox import namespaces

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("hello"),
]


def running(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return what the rehearsal's own file says of it."""
    text = (rehearsal.folder / ".seatrial/dev/rehearsal.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Send a request exactly as given, as a browser or another program would."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body.encode(), named)
        answer = line.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        line.close()


def test_files_and_sockets_are_the_user_s_alone(hello: Rehearsal):
    """Nothing of the rehearsal's folder can be read or reached by others."""
    folder = hello.folder / ".seatrial/dev"
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    for name in ("keys.json", "control.sock", "rehearsal.json", "emulator.log", "settings.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) & 0o077 == 0, name


NOBODY = """
import json, os, socket, sys
found = {}
folder = sys.argv[1]
for name in ("keys.json", "secrets.json", "rehearsal.json", "emulator.log", "settings.json"):
    try:
        found[name] = open(os.path.join(folder, name)).read()
    except OSError as error:
        found[name] = type(error).__name__
try:
    socket.socket(socket.AF_UNIX).connect(os.path.join(folder, "control.sock"))
    found["control"] = "connected"
except OSError as error:
    found["control"] = type(error).__name__
print(json.dumps(found))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_gets_nothing(hello: Rehearsal):
    """`nobody` reads no file and reaches no socket of a rehearsal."""
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", NOBODY, str(hello.folder / ".seatrial/dev")],
        user="nobody", capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"nobody has no Python here: {done.stderr[-200:]}")
    assert set(json.loads(done.stdout).values()) == {"PermissionError"}


def test_a_page_elsewhere_gets_nothing(hello: Rehearsal):
    """No request that a browser sends without asking first does anything, under any name."""
    endpoint = int(running(hello)["endpoint_port"])
    page = {"Origin": "https://attacker.example", "Content_Type": "text/plain"}
    for path in ("/moto-api/reset", "/moto-api/reset-auth", "/moto-api/recorder/replay-recording",
                 "/", "/v2/", "/hello-bucket/x", "/_seatrial/files/E/x"):  # fmt: skip
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            assert ask(endpoint, method, path, "9", **page)[0] in (401, 403, 404), (method, path)
            assert ask(endpoint, method, path, "9", Host="attacker.example")[0] == 403
    front = int(urlsplit(hello.address).port or 0)
    assert ask(front, "GET", "/")[0] == 200
    assert ask(front, "GET", "/", Host=f"localhost:{front}")[0] == 200
    assert ask(front, "GET", "/", Host=f"attacker.example:{front}")[0] == 403
    assert hello.client("sts").get_caller_identity()["Arn"]


ATTACK = """
import json, os, socket, sys, urllib.request, urllib.error
given, found = json.loads(sys.argv[1]), {}
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
proxied = urllib.request.build_opener()
def ask(opener, url, body=None, headers={}):
    try:
        return opener.open(urllib.request.Request(url, body, headers), timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
    except Exception as error:
        return type(error).__name__
emulator = os.environ["AWS_ENDPOINT_URL"]
found["administration"] = ask(direct, emulator + "/moto-api/reset-auth", b"99")
found["unsigned"] = ask(direct, emulator, b"{}", {"X-Amz-Target": "secretsmanager.ListSecrets"})
found["proxy to loopback"] = ask(proxied, f"http://localhost:{given['front']}/")
os.environ["no_proxy"] = os.environ["NO_PROXY"] = ""
found["proxy to the emulator"] = ask(
    urllib.request.build_opener(), f"http://127.0.0.1:{given['endpoint']}/moto-api/")
found["another task's credentials"] = ask(direct, "http://169.254.170.2/v2/credentials/x")
for name, path in given["files"].items():
    try:
        os.listdir(path) if os.path.isdir(path) else open(path).close()
        found[name] = "read"
    except OSError as error:
        found[name] = type(error).__name__
def connects(host, port):
    try:
        socket.create_connection((host, port), 3).close()
        return "connected"
    except OSError as error:
        return type(error).__name__
found["developer's port"] = connects("127.0.0.1", given["front"])
found["out, port 22"] = connects("203.0.113.1", 22)
try:
    socket.socket(socket.AF_UNIX).connect(given["control"])
    found["control"] = "connected"
except OSError as error:
    found["control"] = type(error).__name__
print("FOUND " + json.dumps(found), flush=True)
"""


def run_in_task(rehearsal: Rehearsal, *words: str) -> str:
    """Run words in a task of hello's own definition; return its line that begins with FOUND."""
    ecs, logs = rehearsal.client("ecs"), rehearsal.client("logs")
    cluster = ecs.list_clusters()["clusterArns"][0]
    service = ecs.list_services(cluster=cluster)["serviceArns"][0]
    row = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
    definition = ecs.describe_task_definition(taskDefinition=row["taskDefinition"])
    container = definition["taskDefinition"]["containerDefinitions"][0]
    ecs.run_task(
        cluster=cluster,
        taskDefinition=row["taskDefinition"],
        launchType="FARGATE",
        networkConfiguration=row["networkConfiguration"],
        overrides={"containerOverrides": [{"name": container["name"], "command": list(words)}]},
    )
    group = container["logConfiguration"]["options"]["awslogs-group"]

    def line() -> str:
        events = logs.filter_log_events(logGroupName=group, filterPattern="FOUND")["events"]
        return next((e["message"] for e in events if e["message"].startswith("FOUND")), "")

    return eventually(line, bool, timeout=60)


@pytest.mark.skipif(not namespaces.available(), reason="this machine refuses namespaces")
def test_a_task_finds_nothing_that_is_not_its_own(hello: Rehearsal):
    """A program in a task tries keys, sockets, other tasks, the developer's ports, and egress."""
    dev = hello.folder / ".seatrial/dev"
    given = {
        "front": urlsplit(hello.address).port,
        "endpoint": running(hello)["endpoint_port"],
        "control": str(dev / "control.sock"),
        "files": {
            "keys": str(dev / "keys.json"),
            "secrets": str(dev / "secrets.json"),
            "databases": str(dev / "databases"),
            "objects": str(dev / "objects"),
            "rehearsal": str(dev / "rehearsal.json"),
        },
    }
    said = run_in_task(hello, "python", "-c", ATTACK, json.dumps(given))
    found = json.loads(said.removeprefix("FOUND "))
    files = {found.pop(name) for name in given["files"]}
    assert files == {"FileNotFoundError"}
    assert found.pop("administration") == 404
    assert found.pop("unsigned") == 400
    assert found.pop("proxy to loopback") in (403, 502, "URLError")
    assert found.pop("proxy to the emulator") in (403, 502, "URLError")
    assert found.pop("another task's credentials") == 404
    assert found.pop("developer's port") == "ConnectionRefusedError"
    assert found.pop("out, port 22") in ("OSError", "TimeoutError")
    assert found.pop("control") == "FileNotFoundError"
    assert not found
