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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.engine import process
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


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be built: ``platform`` is the app file's; without ``dockerfile``, the context's.

    ``secret_values`` are by their ids.
    """

    context: Path
    platform: str = "x86_64"
    dockerfile: Path | None = None
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    secret_values: Mapping[str, str] = field(default_factory=dict, repr=False)


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
        "AWS runs container images, and no engine on this machine can build them: "
        + "; ".join(refused),
        "Install or start docker, podman or buildah; or push images yourself and name them, "
        "`image: repository@sha256:...`.",
    )


def _why_not(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        return "not installed"
    # `docker version` asks its daemon; the other two have none.
    try:
        done = process.run([program, "version"])
    except UserError as error:
        return error.problems[0].message
    return "" if done.returncode == 0 else _last(done.stderr or done.stdout, 1).strip()


def build(engine: Engine, order: Order, log: Path) -> str:
    """Build a folder by its Dockerfile and return the image's id; raises UserError.

    What the engine says goes into ``log``.
    """
    with tempfile.TemporaryDirectory() as folder:
        reported = Path(folder) / "id"
        words = [
            engine.program,
            "build",
            "--iidfile",
            str(reported),
            *_build_words(order, Path(folder)),
        ]
        # ECS wants one image, not a list with provenance beside it (docker buildx's default).
        environment = os.environ | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as output:
            try:
                done = subprocess.run(
                    [*words, str(order.context)],
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                )
            except OSError as error:
                raise process.not_started(engine.program, error) from error
        if done.returncode:
            said = _last(log.read_text(encoding="utf-8", errors="replace"))
            raise UserError.of(
                "build-failed",
                f"{engine.name} cannot build {order.context.name}:\n{said}",
                f"Fix its Dockerfile; the whole output is in {log}.",
            )
        return _reported(engine, reported)


def _build_words(order: Order, folder: Path) -> Iterator[str]:
    """Yield an order as options; each value of a secret in a file of ``folder``."""
    yield from ("--platform", f"linux/{ARCHITECTURES[order.platform]}")
    if order.dockerfile:
        yield from ("--file", str(order.dockerfile))
    if order.target:
        yield from ("--target", order.target)
    for name, value in order.args.items():
        yield from ("--build-arg", f"{name}={value}")
    for number, (name, value) in enumerate(order.secret_values.items()):
        file = folder / f"secret-{number}"
        file.touch(mode=0o600)
        file.write_text(value, encoding="utf-8")
        yield from ("--secret", f"id={name},src={file}")


def _reported(engine: Engine, file: Path) -> str:
    """Return the digest that an engine wrote into a file; raises UserError where it wrote none."""
    try:
        return file.read_text().strip()
    except OSError:
        raise _unexpected(engine, "it reported no digest") from None


def _unexpected(engine: Engine, what: str) -> UserError:
    return UserError.of(
        "build-tools",
        f"{engine.name} returned output that Seatrial cannot read: {what}",
        f"Update {engine.name}, or choose another engine: `--engine`.",
    )


def contents(engine: Engine, image: str) -> Contents:
    """Return what an image says of itself."""
    kind = ["--type", "image"] if engine.name in ("podman", "buildah") else ["--type=image"]
    text = _run(engine, ["inspect", *kind, image], {})
    try:
        row = json.loads(text)
        if engine.name == "buildah":
            return _contents(row["OCIv1"]["architecture"], row["OCIv1"].get("config") or {})
        return _contents(row[0]["Architecture"], row[0].get("Config") or {})
    except (ValueError, LookupError, TypeError):
        raise _unexpected(engine, f"`inspect` printed {text[:200]!r}") from None


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
            if digests := _DIGEST.findall(said):
                return str(digests[-1])
            raise _unexpected(engine, "`push` printed no digest")
        with tempfile.TemporaryDirectory() as folder:
            reported = Path(folder) / "digest"
            words = ["push", *options, "--digestfile", str(reported), image, f"docker://{target}"]
            _run(engine, words, variables, "build-push")
            return _reported(engine, reported)


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
    done = process.run([engine.program, *words], environment=os.environ | dict(variables))
    if done.returncode:
        raise UserError.of(
            failure,
            f"`{engine.name} {words[0]}` failed:\n{_last(done.stderr)}",
            "Fix the cause that the engine reports above, then run the command again.",
        )
    return done.stdout


def _last(text: str, lines: int = _LAST_LINES) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])
