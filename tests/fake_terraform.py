"""A program named `terraform` that does what a test tells it: what the real one rarely does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from seatrial.engine import provider

_PROGRAM = """#!/bin/sh
if [ -f "{folder}/$1.sh" ]; then . "{folder}/$1.sh"; fi
"""


@contextmanager
def on_path(folder: Path, patch: pytest.MonkeyPatch, said: Mapping[str, str]) -> Iterator[Path]:
    """Put a fake `terraform` on PATH; ``said`` is the shell script of each of its commands.

    A command that is not named does nothing, with success. Yields the program's path.
    """
    folder.mkdir(exist_ok=True)
    for command, script in {"version": "echo Terraform v1.11.4", **said}.items():
        (folder / f"{command}.sh").write_text(script + "\n")
    program = folder / "terraform"
    program.write_text(_PROGRAM.format(folder=folder))
    program.chmod(0o755)
    patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    provider.terraform.cache_clear()
    try:
        yield program
    finally:
        provider.terraform.cache_clear()
