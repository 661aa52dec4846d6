"""What an image is built from: a folder, a Dockerfile, and what that is given."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.model.build import Build

DOCKERFILE = "Dockerfile"


@dataclass(frozen=True, kw_only=True)
class BuildInput:
    """A build of an app; ``folder`` is its context, resolved. ``platform`` is the app file's.

    ``secret_variables`` are ids and names of this machine's variables; ``packages`` Debian's.
    """

    folder: Path
    platform: str = "x86_64"
    named: str = ""  # the Dockerfile that the app file names, relative to the folder
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    secret_variables: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()

    @classmethod
    def of(cls, build: Build, project: Path, platform: str) -> BuildInput:
        """Return a service's build, in the project's folder."""
        return cls(
            folder=(project / build.context).resolve(),
            platform=platform,
            named=build.dockerfile,
            target=build.target,
            args=dict(build.args),
            secret_variables=dict(build.secrets),
            packages=build.packages,
        )

    @property
    def name(self) -> str:
        """Return what messages call it: its folder's name."""
        return self.folder.name

    @property
    def dockerfile(self) -> Path | None:
        """Return the project's own Dockerfile; None where one is generated."""
        path = self.folder / (self.named or DOCKERFILE)
        return path if self.named or path.is_file() else None

    def fingerprint(self) -> str:
        """Return the sha256 of everything but the files: what else makes another image."""
        found = hashlib.sha256(f"{self.platform}\0{self.named}\0{self.target}\0".encode())
        found.update(
            repr((sorted(self.args.items()), sorted(self.secret_variables), self.packages)).encode()
        )
        if own := self.dockerfile:  # `.dockerignore` may name it, and it is obeyed all the same
            found.update(own.read_bytes())
        return found.hexdigest()

    def content(self, files: Mapping[str, Path]) -> str:
        """Return the sha256 of the build with its files, by their names in the folder."""
        found = hashlib.sha256(self.fingerprint().encode())
        for name, path in sorted(files.items()):
            found.update(f"{name}\0{os.access(path, os.X_OK)}\0".encode())
            with open(path, "rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
        return found.hexdigest()
