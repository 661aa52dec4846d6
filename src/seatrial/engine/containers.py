"""Container engines as typed calls: docker, podman, buildah, by their own commands.

Credentials of a registry go through a file of mode 0600 that lives as long as the push: never in
arguments, never in the user's own configuration.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.errors import UserError

NAMES = ("docker", "podman", "buildah")
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
_DIGEST = re.compile(r"\bsha256:[0-9a-f]{64}\b")
_LAST_LINES = 15  # of an engine's output, in an error


@dataclass(frozen=True)
class Engine:
    """A container engine of this machine."""

    name: str
    program: str


@dataclass(frozen=True)
class Login:
    """A registry's address as an engine names it (no scheme), and who asks.

    ``plain`` where it is spoken to without TLS.
    """

    host: str
    user: str
    password: str
    plain: bool = False


@dataclass(frozen=True)
class Contents:
    """What an image says of itself: its CPU architecture (Go's name), user, declared volumes."""

    architecture: str
    user: str
    volumes: tuple[str, ...]


def find(wanted: str = "auto") -> Engine:
    """Return an engine that works here, docker first; raises UserError with each one's reason."""
    refused = []
    for name in NAMES if wanted == "auto" else (wanted,):
        why = _why_not(name)
        if not why:
            return Engine(name, str(shutil.which(name)))
        refused.append(f"{name}: {why}")
    raise UserError.of(
        "build-engine",
        "AWS runs container images, and no engine here builds them: " + "; ".join(refused),
        "Install or start docker, podman or buildah; or push images yourself and name them, "
        "`image: repository@sha256:...`.",
    )


def _why_not(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        return "not installed"
    # `docker version` asks its daemon; the other two have none.
    done = subprocess.run(
        [program, "version"], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return "" if done.returncode == 0 else _last(done.stderr or done.stdout, 1).strip()


def build(engine: Engine, context: Path, platform: str, log: Path) -> str:
    """Build a folder by its Dockerfile and return the image's id; raises UserError.

    ``platform`` is the app file's; what the engine says goes into ``log``.
    """
    with tempfile.TemporaryDirectory() as folder:
        reported = Path(folder) / "id"
        words = [engine.program, "build", "--platform", f"linux/{ARCHITECTURES[platform]}"]
        words += ["--iidfile", str(reported)]
        # ECS wants one image, not a list with provenance beside it (docker buildx's default).
        environment = os.environ | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as output:
            done = subprocess.run(
                [*words, str(context)],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        if done.returncode:
            said = _last(log.read_text(encoding="utf-8", errors="replace"))
            raise UserError.of(
                "build-failed",
                f"{engine.name} cannot build {context.name}:\n{said}",
                f"Mend its Dockerfile; everything it said is in {log}.",
            )
        return reported.read_text().strip()


def contents(engine: Engine, image: str) -> Contents:
    """Return what an image says of itself."""
    kind = ["--type", "image"] if engine.name in ("podman", "buildah") else ["--type=image"]
    row = json.loads(_run(engine, ["inspect", *kind, image], {}))
    if engine.name == "buildah":
        row = row["OCIv1"]
        config = row.get("config") or {}
        return _contents(row["architecture"], config)
    return _contents(row[0]["Architecture"], row[0].get("Config") or {})


def _contents(architecture: str, config: dict[str, Any]) -> Contents:
    return Contents(architecture, str(config.get("User") or ""), tuple(config.get("Volumes") or ()))


def push(engine: Engine, image: str, name: str, login: Login) -> str:
    """Push an image under a name (``repository:tag``) and return its digest; raises UserError."""
    target = f"{login.host}/{name}"
    with _authorized(engine, login) as (options, variables):
        if engine.name == "docker":
            _run(engine, ["tag", image, target], {})
            try:
                said = _run(engine, ["push", target], variables, "build-push")
            finally:
                _run(engine, ["rmi", target], {})
            return str(_DIGEST.findall(said)[-1])
        with tempfile.TemporaryDirectory() as folder:
            reported = Path(folder) / "digest"
            words = ["push", *options, "--digestfile", str(reported), image, f"docker://{target}"]
            _run(engine, words, variables, "build-push")
            return reported.read_text().strip()


@contextmanager
def _authorized(engine: Engine, login: Login) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Give the options and variables that let an engine into a registry, while the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.json"
        file.touch(mode=0o600)
        pair = base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
        file.write_text(json.dumps({"auths": {login.host: {"auth": pair}}}))
        if engine.name == "docker":
            yield [], {"DOCKER_CONFIG": folder, "DOCKER_HOST": _docker_host(engine)}
        else:
            yield ["--authfile", str(file), f"--tls-verify={str(not login.plain).lower()}"], {}


def _docker_host(engine: Engine) -> str:
    """Return the daemon of docker's context, which lies in the configuration that is set aside."""
    words = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    return os.environ.get("DOCKER_HOST") or _run(engine, words, {}).strip()


def _run(
    engine: Engine, words: list[str], variables: Mapping[str, str], failure: str = "build-tools"
) -> str:
    done = subprocess.run(
        [engine.program, *words],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | dict(variables),
    )
    if done.returncode:
        raise UserError.of(
            failure,
            f"`{engine.name} {words[0]}` failed:\n{_last(done.stderr)}",
            "Read the engine's words above; the same command goes on from here.",
        )
    return done.stdout


def _last(text: str, lines: int = _LAST_LINES) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])
