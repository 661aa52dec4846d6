"""A rehearsal whose tasks are containers: podman runs them, the emulator's registry gives them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import boxes
from helpers import EXAMPLES, eventually, get, seatrial
from seatrial.engine import containers
from seatrial.rehearsal import session

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
APP = """
app: boxed
region: us-east-1
services:
  web:
    build: ./web
    port: 8000
    public: /
    health: {path: /index.html, grace: 5 s}
    cpu: 0.25
    memory: 512 MB
    uses: [other, token]
  other:
    build: ./other
    port: 8000
    health: /index.html
secrets: {token: {generate: 48}}
"""


@dataclass
class Boxed:
    """A rehearsal of containers."""

    folder: Path
    report: dict[str, Any]

    def sh(self, command: str) -> str:
        """Run a command inside the container of ``web``, by a request."""
        return get(f"{self.report['address']}/cgi-bin/sh?{quote(command)}", timeout=10)[1]

    def containers(self) -> list[str]:
        """Return the names of this rehearsal's containers, running or not."""
        words = ["podman", "ps", "--all", "--format", "{{.Names}} {{.Image}}"]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return [line.split()[0] for line in done.stdout.splitlines() if "boxed-dev" in line]


@pytest.fixture(scope="module")
def boxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boxed]:
    """Return a running rehearsal; the last test of this file ends it."""
    boxes.need("podman", "busybox")
    folder = tmp_path_factory.mktemp("boxed")
    boxes.tiny(folder / "web")
    boxes.tiny(folder / "other", volume=False, says="other")
    (folder / "seatrial.yml").write_text(APP)
    done = seatrial("up", "--engine", "podman", "--detach", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    yield Boxed(folder, json.loads(done.stdout))
    seatrial("down", folder=folder)


def test_a_container_is_what_fargate_runs(boxed: Boxed):
    """Its own user, a read-only root, the image's variables, a /tmp that the image declared; CPU
    and memory are limited to the task's size, and the report does not list them as missing.
    """
    assert boxed.sh("id -u; id -g").split() == ["10001", "10001"]
    assert "Read-only file system" in boxed.sh("touch /www/new")
    assert boxed.sh("touch /tmp/new && echo written") == "written\n"
    assert boxed.sh("echo $KIND") == "box\n"
    limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}"
    words = ["podman", "inspect", *boxed.containers(), "--format", limits]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(512 << 20), str(250_000_000)] * 2
    reported = " ".join(boxed.report["not_rehearsed"])
    assert "CPU limits" not in reported
    assert "read-only" not in reported


def test_undeclared_volumes_are_roots_alone(boxed: Boxed):
    """An image without `VOLUME /tmp` cannot write there, as on Fargate."""
    answer = boxed.sh("wget -Y off -qO- $OTHER_URL/cgi-bin/sh?touch%20/tmp/new")
    assert "Permission denied" in answer


def test_security_groups_hold_for_containers(boxed: Boxed):
    """What `uses` allows is reached by its name and port; nothing else of this machine is there."""
    assert boxed.sh("wget -Y off -qO- $OTHER_URL/") == "other"
    credentials = "169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    assert "AccessKeyId" in boxed.sh(f"wget -Y off -qO- {credentials}")
    front = boxed.report["address"].rpartition(":")[2]
    assert "refused" in boxed.sh(f"echo | busybox nc -w 2 127.0.0.1 {front}")
    assert "lo" in boxed.sh("ls /sys/class/net").split()
    assert "eth0" not in boxed.sh("ls /sys/class/net")


def test_values_of_secrets_are_in_no_argument_and_no_file(boxed: Boxed):
    """A secret reaches the program; no process's arguments and no file beside it have it."""
    value = boxed.sh("echo $TOKEN").strip()
    assert len(value) == 48
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True)
    assert value not in shown.stdout
    kept = boxed.folder / ".seatrial" / "dev" / "tasks"
    assert all(value not in p.read_text() for p in kept.rglob("*") if p.is_file())


def test_an_edit_makes_an_image_and_a_release(boxed: Boxed):
    """A changed file of a build is a new image, and the release that serves it."""
    boxes.tiny(boxed.folder / "web", says="two")
    eventually(lambda: get(boxed.report["address"])[1], lambda text: text == "two", 60)
    assert json.loads(seatrial("plan", "--json", folder=boxed.folder).stdout)["change"] == []


def test_a_release_over_its_memory_is_named_and_put_back(boxed: Boxed):
    """A container over its limit dies in AWS's words, and the release before serves on."""
    file, before = boxed.folder / "seatrial.yml", get(boxed.report["address"])
    file.write_text(APP.replace("port: 8000", "command: busybox tail /dev/zero\n    port: 8000", 1))
    log = boxed.folder / ".seatrial" / "dev" / "up.log"
    eventually(log.read_text, lambda text: "serves, as before" in text, 90)
    assert "OutOfMemoryError: Container killed" in log.read_text()
    assert get(boxed.report["address"]) == before
    file.write_text(APP.replace("port: 8000", "command: tial /dev/zero\n    port: 8000", 1))
    words = ('exec: "tial": executable file not found', "failed to exec pid1")  # without, with init
    eventually(log.read_text, lambda text: any(said in text for said in words), 90)


def test_nothing_outlives_a_killed_rehearsal(boxed: Boxed):
    """`kill -9` of the emulator's process leaves no container."""
    running = session.find(boxed.folder, "dev")
    assert running
    assert boxed.containers()
    os.kill(running.pid, signal.SIGKILL)
    eventually(boxed.containers, lambda found: found == [])


def test_a_finished_image_of_another_registry_runs(tmp_path: Path):
    """`image:` needs no build: podman pulls it by its digest, its own entry point runs."""
    boxes.need("buildah", "podman", "docker-registry")
    folder = tmp_path / "app"
    folder.mkdir()
    with boxes.short_folder() as place, boxes.registry(place) as registry:
        engine = containers.find("buildah")
        build = boxes.tiny(tmp_path / "web", says="finished")
        image = containers.build(engine, build, "x86_64", tmp_path / "log")
        user, password = registry.auth
        login = containers.Login(registry.host, user, password, plain=True)
        digest = containers.push(engine, image, "finished/web:one", login)
        words = ["podman", "login", "--tls-verify=false", "-u", user, "--password-stdin"]
        subprocess.run([*words, registry.host], input=password, text=True, check=True)
        insecure = tmp_path / "registries.conf"
        insecure.write_text(f'[[registry]]\nlocation = "{registry.host}"\ninsecure = true\n')
        named = f"image: {registry.host}/finished/web@{digest}"
        text = APP.split("  other:")[0].replace("build: ./web", named)
        (folder / "seatrial.yml").write_text(text.replace("    uses: [other, token]\n", ""))
        given = {"CONTAINERS_REGISTRIES_CONF": str(insecure)}
        refused = seatrial("up", "--detach", folder=folder)
        assert "rehearsal-image" in refused.stderr
        done = seatrial("up", "--engine", "podman", "--detach", "--json", folder=folder, **given)
        try:
            assert done.returncode == 0, done.stderr
            assert get(json.loads(done.stdout)["address"]) == (200, "finished")
        finally:
            seatrial("down", folder=folder)
            subprocess.run(["podman", "logout", registry.host], check=False, capture_output=True)


def test_a_python_project_without_a_dockerfile_becomes_an_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The generated Dockerfile builds hello on a Debian made here; it serves as its own user with
    a /tmp that it can write; an edit of the source leaves the layer of its packages as it was.
    """
    boxes.need("podman", "debootstrap")
    folder = tmp_path / "app"
    shutil.copytree(
        EXAMPLES / "hello", folder, ignore=shutil.ignore_patterns("golden", ".seatrial")
    )
    main = (folder / "main.py").read_text()
    ask = "import os, pathlib\n\n@app.get('/me')\ndef me():\n    pathlib.Path('/tmp/x').touch()\n"
    (folder / "main.py").write_text(f"{main}\n{ask}    return os.getuid()\n")
    given = {"SEATRIAL_BASE_IMAGE": boxes.debian_with_python(), "BUILDAH_ISOLATION": "chroot"}
    done = seatrial("up", "--engine", "podman", "--detach", "--json", folder=folder, **given)
    try:
        assert done.returncode == 0, done.stderr
        address = json.loads(done.stdout)["address"]
        assert get(f"{address}/?name=Ann") == (200, '{"message":"Hello, Ann!"}')
        assert get(f"{address}/me") == (200, "10001")
        assert "VOLUME" not in done.stderr
        (folder / "main.py").write_text(main + "\n# edited\n")
        eventually(lambda: get(f"{address}/me")[0], lambda status: status == 404, 60)
        log = (folder / ".seatrial" / "dev" / "builds" / "app.log").read_text()
        assert "Using cache" in log
    finally:
        seatrial("down", folder=folder)
