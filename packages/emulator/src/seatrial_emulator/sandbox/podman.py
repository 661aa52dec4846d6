"""Tasks as containers: podman runs them, in the network that the task's first process made.

So security groups hold for a container as for a process: what no rule opens has nothing that
listens. Limits, user and the read-only root are the container engine's own.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Any

from seatrial_emulator.sandbox.base import ContainerSpec, TaskSpec

OPEN_FILES = 65_535  # of a Fargate task (ECS developer guide, "Fargate task ulimits")
PROCESSES = 32_768  # the kernel's usual number of processes, below what engines request
# What podman itself needs to know.
OWN = ("PATH", "HOME", "XDG_RUNTIME_DIR", "TMPDIR", "LANG", "CONTAINERS_REGISTRIES_CONF")
NEVER_STARTED = (125, 126, 127)  # podman's exit codes where no program of the image ran


def command() -> tuple[str, ...] | None:
    """Return how podman is called here, the one engine that runs a container in a given network.

    None where it does not work. crun, its usual runtime, refuses a machine with both kinds of
    control groups; runc does not.
    """
    if not _works():
        return None
    mixed = Path("/sys/fs/cgroup/unified").is_dir() and shutil.which("runc")
    return (str(shutil.which("podman")), *(("--runtime", "runc") if mixed else ()))


def _ended_for_memory(called: tuple[str, ...], name: str) -> bool:
    """Return whether the kernel ended a container, which this process did not kill, for its memory.

    Podman reports it on machines with the unified control groups; with the older ones it does not,
    and a container that was killed is taken to have used too much. ``called`` is podman.
    """
    if Path("/sys/fs/cgroup/memory").is_dir():
        return True
    words = [*called, "inspect", "--format", "{{.State.OOMKilled}}", name]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    return done.stdout.strip() == "true"


def _works() -> bool:
    program = shutil.which("podman")
    if program is None:
        return False
    return subprocess.run([program, "version"], check=False, capture_output=True).returncode == 0


def message(spec: TaskSpec, container: ContainerSpec, hosts: Path) -> dict[str, Any]:
    """Return what the first process needs for a container; raises OSError without podman."""
    podman = command()
    if podman is None:
        raise OSError("CannotStartContainerError: podman, which runs containers here, is missing")
    several = {k: v for k, v in spec.environment.items() if "\n" in v}
    lines = [f"{k}={v}" for k, v in spec.environment.items() if k not in several]
    name = _name(spec.task)
    return {
        "run": [*podman, *_words(spec, container, name, hosts, tuple(several))],
        "remove": [*podman, "rm", "--force", "--time", "0", "--volumes", "--ignore", name],
        "variables": "\n".join(lines),
        "environment": several | {k: os.environ[k] for k in OWN if k in os.environ},
    }


def first_process(hosts: Path) -> Path:
    """Return the file in which podman writes the container's first process."""
    return hosts.with_name("pid")


def never_started(code: int | None, pid_file: Path | None) -> bool:
    """Return whether podman failed before the image's program began."""
    return pid_file is not None and code in NEVER_STARTED and not pid_file.exists()


def out_of_memory(task: str) -> bool:
    """Return whether the kernel ended a task's container for its memory."""
    podman = command()
    return podman is not None and _ended_for_memory(podman, _name(task))


def _name(task: str) -> str:
    return f"seatrial-{task.rsplit('/', 1)[-1]}"


def _words(
    spec: TaskSpec, container: ContainerSpec, name: str, hosts: Path, several: tuple[str, ...]
) -> list[str]:
    words = ["run", "--name", name, "@network", "@environment"]
    words += ["--pidfile", str(first_process(hosts)), "--log-driver", "none"]
    words += ["--no-hosts", "--volume", f"{hosts}:/etc/hosts:ro", "--http-proxy=false"]
    words += ["--pull", "missing", "--security-opt", "label=disable"]  # SELinux: of our own files
    if own := container.authorization:
        words += ["--authfile", str(own), "--tls-verify=false"]
    if own or container.entry:
        words += ["--entrypoint", json.dumps(spec.words[:1])]
    words += ["--user", container.user, "--cpus", f"{container.cpu / 1024:g}"]
    words += [
        "--memory",
        f"{container.memory}m",
        "--memory-swap",
        f"{container.memory}m",
        *_limits(),
    ]
    words += ["--read-only", "--read-only-tmpfs=false"] if container.read_only else []
    words += [f"--tmpfs={path}:rw,mode=0755" for path in container.scratch]
    words += [f"--env={variable}" for variable in several]
    words += ["--init"] if shutil.which("catatonit") else []
    if authority := spec.environment.get("PGSSLROOTCERT"):
        words += ["--volume", f"{authority}:{authority}:ro"]
    return [*words, container.image, *(spec.words[1:] if own or container.entry else spec.words)]


def _limits() -> list[str]:
    """Name limits that this machine can give: an engine would request more than it may."""
    files = min(OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    own = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    processes = PROCESSES if own == resource.RLIM_INFINITY else min(PROCESSES, own)
    return ["--ulimit", f"nofile={files}:{files}", "--ulimit", f"nproc={processes}:{processes}"]
