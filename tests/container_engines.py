"""Container engines in tests: a daemon for docker, images made here, a registry.

No test pulls an image: the base is busybox's static program alone.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx


def tiny(folder: Path, *, volume: bool = True, says: str = "one") -> Path:
    """Write a build whose image serves a page and answers questions about its container."""
    (folder / "www" / "cgi-bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(str(shutil.which("busybox")), folder / "busybox")
    (folder / "www" / "index.html").write_text(says)
    script = folder / "www" / "cgi-bin" / "sh"
    script.write_text(
        "#!/bin/busybox sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\n"
        'busybox sh -c "$(busybox httpd -d "$QUERY_STRING")" 2>&1\n'
    )
    script.chmod(0o755)
    lines = ["FROM scratch", "COPY busybox /bin/busybox", "COPY www /www", "ENV PATH=/bin KIND=box"]
    with tarfile.open(folder / "tmp.tar", "w") as archive:  # no shell makes /tmp from scratch
        about = tarfile.TarInfo("tmp")
        about.type, about.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(about)
    lines += ["ADD tmp.tar /", 'VOLUME ["/tmp"]'] if volume else []
    lines += ['CMD ["/bin/busybox", "httpd", "-f", "-p", "8000", "-h", "/www"]']
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    return folder


@contextmanager
def docker(folder: Path) -> Iterator[dict[str, str]]:
    """Run docker's daemon, with a store of its own and no networks; yields its variables."""
    if subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0:
        yield {}
        return
    place = f"unix://{folder}/docker.sock"
    words = ["dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", "-H", place]
    words += ["--storage-driver=vfs", f"--data-root={folder}/data", f"--exec-root={folder}/exec"]
    with (folder / "dockerd.log").open("wb") as log:
        process = subprocess.Popen([*words, f"--pidfile={folder}/pid"], stdout=log, stderr=log)
    try:
        until = time.monotonic() + 30
        command = ["docker", "-H", place, "version"]
        while subprocess.run(command, capture_output=True, check=False).returncode:
            assert time.monotonic() < until, (folder / "dockerd.log").read_text()[-2000:]
            time.sleep(0.2)
        yield {"DOCKER_HOST": place}
    finally:
        process.terminate()
        process.wait(20)


@dataclass(frozen=True)
class Registry:
    """Debian's docker-registry, behind what ECR's API says of it."""

    host: str
    endpoint: str
    auth: tuple[str, str]

    def manifest(self, repository: str, tag: str) -> httpx.Response:
        """Ask the registry itself for an image's manifest."""
        kinds = (
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json",
        )
        return httpx.get(
            f"http://{self.host}/v2/{repository}/manifests/{tag}",
            headers={"Accept": ", ".join(kinds)},
            auth=self.auth,
        )


@contextmanager
def registry(folder: Path) -> Iterator[Registry]:
    """Run docker-registry with a password, and ECR's API before it."""
    port, password = free_port(), "a-password-of-twelve-hours"
    words = ["htpasswd", "-Bbn", "AWS", password]
    given = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    (folder / "htpasswd").write_text(given)
    (folder / "config.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
        f"auth: {{htpasswd: {{realm: here, path: {folder}/htpasswd}}}}\n"
    )
    with (folder / "registry.log").open("wb") as log:
        words = ["docker-registry", "serve", str(folder / "config.yml")]
        process = subprocess.Popen(words, stdout=log, stderr=log)
    made = Registry(f"127.0.0.1:{port}", "", ("AWS", password))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _api(made))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        _reached(f"http://{made.host}/v2/")
        yield Registry(made.host, f"http://127.0.0.1:{server.server_port}", made.auth)
    finally:
        server.shutdown()
        process.terminate()
        process.wait(10)


def _reached(url: str) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            assert httpx.get(url).status_code == 401
        except httpx.TransportError:
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return


def _api(behind: Registry) -> type[BaseHTTPRequestHandler]:
    """Return ECR's API in as much as a push needs it (ECR API reference)."""

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            command = json.loads(self.rfile.read(int(self.headers["content-length"])))
            operation = self.headers["x-amz-target"].rpartition(".")[2]
            if operation == "GetAuthorizationToken":
                token = base64.b64encode(":".join(behind.auth).encode()).decode()
                row = {"authorizationToken": token, "proxyEndpoint": f"http://{behind.host}"}
                self._say(200, {"authorizationData": [row]})
                return
            image = command["imageIds"][0]
            wanted = image.get("imageTag") or image["imageDigest"]
            found = behind.manifest(command["repositoryName"], wanted)
            if found.status_code == 404:
                self._say(400, {"__type": "ImageNotFoundException", "message": "no"})
                return
            row = {"imageDigest": found.headers["docker-content-digest"]}
            self._say(200, {"imageDetails": [row]})

        def _say(self, status: int, row: dict[str, Any]) -> None:
            body = json.dumps(row).encode()
            self.send_response(status)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Api


def debian_with_python() -> str:
    """Return an image of Debian with Python and pip, made here once and kept by podman."""
    name = "localhost/seatrial-test-python"
    if subprocess.run(["podman", "image", "exists", name], check=False).returncode == 0:
        return name
    with tempfile.TemporaryDirectory() as root:
        words = ["debootstrap", "--variant=minbase", "--include=python3-minimal,python3-pip"]
        words[-1] += ",python3-venv"
        done = subprocess.run([*words, "stable", f"{root}/base"], check=False, capture_output=True)
        assert done.returncode == 0, done.stdout[-2000:]
        base = Path(root) / "base"
        for marker in (base / "usr/lib").glob("python3*/EXTERNALLY-MANAGED"):
            marker.unlink()  # as in the official images: pip may install
        (base / "usr/bin/python").symlink_to("python3")
        bundle = "/etc/ssl/certs/ca-certificates.crt"  # this machine's: it may know a proxy's
        shutil.copy(bundle, base / bundle[1:])
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        lines = ["FROM scratch", "ADD base /", f"ENV {path} SSL_CERT_FILE={bundle}"]
        lines[-1] += f" PIP_CERT={bundle}"
        (Path(root) / "Dockerfile").write_text("\n".join(lines) + "\n")
        subprocess.run(["podman", "build", "-q", "-t", name, root], check=True, capture_output=True)
    return name


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
