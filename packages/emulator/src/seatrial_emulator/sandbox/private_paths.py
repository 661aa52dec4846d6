"""What of the machine a task must not see: the rehearsal's own folder, and its user's credentials.

A task is a program of the machine: it reads the machine's files as its user does. On AWS it
has only its image. Covered here is what would let it act as another task or as the user: other
tasks' values, databases' sockets, the rehearsal's keys, and the user's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_OF_USER = (
    ".aws", ".azure", ".bash_history", ".config/gcloud", ".config/gh", ".config/google-chrome",
    ".docker", ".git-credentials", ".gnupg", ".kube", ".local/share/keyrings", ".mozilla",
    ".my.cnf", ".netrc", ".npmrc", ".password-store", ".pgpass", ".psql_history", ".pypirc",
    ".python_history", ".ssh", ".terraform.d", ".terraformrc", ".vault-token", ".zsh_history",
)  # fmt: skip
_OF_MACHINE = (
    "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh", "/etc/ssl/private",
    "/run/docker.sock", "/run/containerd", "/run/podman", "/run/user", "/tmp/.X11-unix",  # noqa: S108
)  # fmt: skip
# Variables of a task that name what it needs of the rehearsal's folder.
_NEEDED = ("VIRTUAL_ENV", "PGSSLROOTCERT", "SSL_CERT_FILE")


def hidden(private: Path) -> list[str]:
    """Return what is covered in every task; ``private`` is the rehearsals' folder."""
    home = Path.home()
    paths = [private, *(home / name for name in _OF_USER), *map(Path, _OF_MACHINE)]
    if agent := os.environ.get("SSH_AUTH_SOCK"):
        paths.append(Path(agent))
    found = dict.fromkeys(os.path.realpath(path) for path in paths if path.exists())
    return list(found)


def shown(private: Path, folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Return what of the rehearsals' folder one task needs: its files, packages, authority."""
    root = os.path.realpath(private)
    named = [_whole(root, os.path.realpath(folder))]
    named += [os.path.realpath(environment[name]) for name in _NEEDED if name in environment]
    return [path for path in dict.fromkeys(named) if path.startswith(f"{root}/")]


def _whole(root: str, folder: str) -> str:
    """Return the whole snapshot that a working folder lies in: `<environment>/images/<digest>`."""
    if not folder.startswith(f"{root}/"):
        return folder
    return "/".join([root, *folder.removeprefix(f"{root}/").split("/")[:3]])
