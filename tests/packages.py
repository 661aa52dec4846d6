"""Debian packages that some tests need: which program of each is looked for.

``python tests/packages.py`` prints their names for `apt-get install`; with a folder, it fills that
with links to every program on PATH but theirs, for a PATH as on a machine that has none of them.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

PROGRAMS = {
    "apache2-utils": ("htpasswd",),
    "buildah": ("buildah",),
    "busybox-static": ("busybox",),
    "chromium": ("chromium",),
    "debootstrap": ("debootstrap",),
    "docker-registry": ("docker-registry",),
    "docker.io": ("dockerd",),
    "mariadb-server": ("mariadbd", "mysqld"),
    "podman": ("podman",),
    "redis-server": ("redis-server", "valkey-server"),
    "runc": ("runc",),
}
AS_ROOT = {"debootstrap", "docker.io", "podman"}


def missing(packages: tuple[str, ...]) -> list[str]:
    """Return those of the packages of which no program is on this machine."""
    path = os.environ.get("PATH", os.defpath)
    if "SEATRIAL_TESTS_BARE" not in os.environ:
        path += ":/usr/sbin:/sbin"  # Debian's servers stand there, not on everybody's PATH
    return [
        package
        for package in packages
        if not any(shutil.which(name, path=path) for name in PROGRAMS[package])
    ]


def need(packages: tuple[str, ...]) -> None:
    """Skip the test where a package is missing, and say the command that brings it; with
    ``SEATRIAL_TESTS_NEED_PACKAGES`` set, which CI does after it installed them, fail.
    """
    absent = missing(packages)
    if absent and os.environ.get("SEATRIAL_TESTS_NEED_PACKAGES"):
        pytest.fail(f"not installed: {', '.join(absent)}")
    if absent:
        pytest.skip(f"needs `apt-get install -y {' '.join(absent)}`")
    if os.geteuid() and AS_ROOT & set(packages):
        pytest.skip("needs root: the test runs a container engine")


def hide(folder: Path) -> None:
    """Link every program on PATH, but those of the packages, from a folder; the first one wins."""
    hidden = {program for programs in PROGRAMS.values() for program in programs}
    for place in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in place.iterdir() if place.is_dir() else ():
            link = folder / program.name
            if program.name not in hidden and not link.is_symlink():
                link.symlink_to(program)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        hide(Path(sys.argv[1]))
    else:
        print(*PROGRAMS)
