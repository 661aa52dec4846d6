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

import container_engines
from helpers import EXAMPLES, eventually, get, seatrial, short_folder
from seatrial.engine import containers
from seatrial.rehearsal import session

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.packages("podman", "runc", "busybox-static"),
]
APP = """
app: contained
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
class ContainerApp:
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
        return [line.split()[0] for line in done.stdout.splitlines() if "contained-dev" in line]


@pytest.fixture(scope="module")
def container_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerApp]:
    """Return a running rehearsal; the last test of this file ends it."""
    folder = tmp_path_factory.mktemp("contained")
    container_engines.tiny(folder / "web")
    container_engines.tiny(folder / "other", volume=False, says="other")
    (folder / "seatrial.yml").write_text(APP)
    done = seatrial("up", "--engine", "podman", "--detach", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    yield ContainerApp(folder, json.loads(done.stdout))
    seatrial("down", folder=folder)


def test_containers_run_with_fargates_user_limits_and_filesystem(container_app: ContainerApp):
    """Its own user, a read-only root, the image's variables, a /tmp that the image declared; CPU
    and memory are limited to the task's size, and the report does not list them as missing.
    """
    assert container_app.sh("id -u; id -g").split() == ["10001", "10001"]
    assert "Read-only file system" in container_app.sh("touch /www/new")
    assert container_app.sh("touch /tmp/new && echo written") == "written\n"
    assert container_app.sh("echo $KIND") == "box\n"
    limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}"
    words = ["podman", "inspect", *container_app.containers(), "--format", limits]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(512 << 20), str(250_000_000)] * 2
    reported = " ".join(container_app.report["not_rehearsed"])
    assert "CPU limits" not in reported
    assert "read-only" not in reported


def test_undeclared_volume_is_writable_by_root_only(container_app: ContainerApp):
    """An image without `VOLUME /tmp` cannot write there, as on Fargate."""
    answer = container_app.sh("wget -Y off -qO- $OTHER_URL/cgi-bin/sh?touch%20/tmp/new")
    assert "Permission denied" in answer


def test_security_groups_apply_to_containers(container_app: ContainerApp):
    """What `uses` allows is reached by its name and port; nothing else of this machine is there."""
    assert container_app.sh("wget -Y off -qO- $OTHER_URL/") == "other"
    credentials = "169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    assert "AccessKeyId" in container_app.sh(f"wget -Y off -qO- {credentials}")
    front = container_app.report["address"].rpartition(":")[2]
    assert "refused" in container_app.sh(f"echo | busybox nc -w 2 127.0.0.1 {front}")
    assert "lo" in container_app.sh("ls /sys/class/net").split()
    assert "eth0" not in container_app.sh("ls /sys/class/net")


def test_secret_values_are_in_no_argument_and_no_file(container_app: ContainerApp):
    """A secret reaches the program; no process's arguments and no file beside it have it."""
    value = container_app.sh("echo $TOKEN").strip()
    assert len(value) == 48
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True)
    assert value not in shown.stdout
    tasks = container_app.folder / ".seatrial" / "dev" / "tasks"
    assert all(value not in p.read_text() for p in tasks.rglob("*") if p.is_file())


def test_source_edit_builds_an_image_and_a_release(container_app: ContainerApp):
    """A changed file of a build is a new image, and the release that serves it."""
    container_engines.tiny(container_app.folder / "web", says="two")
    eventually(lambda: get(container_app.report["address"])[1], lambda text: text == "two", 60)
    assert (
        json.loads(seatrial("plan", "--json", folder=container_app.folder).stdout)["change"] == []
    )


def test_release_over_its_memory_limit_is_rolled_back(container_app: ContainerApp):
    """A container over its limit dies in AWS's words, and the release before serves on."""
    file, before = container_app.folder / "seatrial.yml", get(container_app.report["address"])
    file.write_text(APP.replace("port: 8000", "command: busybox tail /dev/zero\n    port: 8000", 1))
    log = container_app.folder / ".seatrial" / "dev" / "up.log"
    eventually(log.read_text, lambda text: "serves, as before" in text, 90)
    assert "OutOfMemoryError: Container killed" in log.read_text()
    assert get(container_app.report["address"]) == before
    file.write_text(APP.replace("port: 8000", "command: tial /dev/zero\n    port: 8000", 1))
    words = ('exec: "tial": executable file not found', "failed to exec pid1")  # without, with init
    eventually(log.read_text, lambda text: any(said in text for said in words), 90)


def test_killed_rehearsal_leaves_no_container(container_app: ContainerApp):
    """`kill -9` of the emulator's process leaves no container."""
    running = session.find(container_app.folder, "dev")
    assert running
    assert container_app.containers()
    os.kill(running.pid, signal.SIGKILL)
    eventually(container_app.containers, lambda found: found == [])


@pytest.mark.packages("buildah", "docker-registry", "apache2-utils")
def test_image_of_another_registry_runs(tmp_path: Path):
    """`image:` needs no build: podman pulls it by its digest, its own entry point runs."""
    folder = tmp_path / "app"
    folder.mkdir()
    with short_folder() as place, container_engines.registry(place) as registry:
        engine = containers.find("buildah")
        build = container_engines.tiny(tmp_path / "web", says="finished")
        image = containers.build(engine, containers.Order(context=build), tmp_path / "log")
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


@pytest.mark.packages("debootstrap")
def test_python_project_without_dockerfile_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The generated Dockerfile builds hello on a Debian made here; it serves as its own user with
    a /tmp that it can write; an edit of the source leaves the layer of its packages as it was.
    """
    folder = tmp_path / "app"
    shutil.copytree(
        EXAMPLES / "hello", folder, ignore=shutil.ignore_patterns("golden", ".seatrial")
    )
    main = (folder / "main.py").read_text()
    ask = "import os, pathlib\n\n@app.get('/me')\ndef me():\n    pathlib.Path('/tmp/x').touch()\n"
    (folder / "main.py").write_text(f"{main}\n{ask}    return os.getuid()\n")
    given = {
        "SEATRIAL_BASE_IMAGE": container_engines.debian_with_python(),
        "BUILDAH_ISOLATION": "chroot",
    }
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
