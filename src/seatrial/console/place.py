"""What a console shows: an environment on AWS, or what runs of it on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seatrial.appfile import load
from seatrial.errors import UserError
from seatrial.model.app import App
from seatrial.rehearsal import session
from seatrial.rehearsal.session import Running
from seatrial.target import Target
from seatrial.trial import step_file
from seatrial_emulator import process

Kind = Literal["rehearsal", "trial", "aws"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One environment, where it runs; ``running`` is its emulator, None on AWS."""

    kind: Kind
    app: App
    target: Target
    running: Running | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """Return what tells it from another place: how and where it runs, and the app file."""
        return self.kind, self.running.pid if self.running else 0, id(self.app)


Find = Callable[[], Place | None]


def on_aws(app: App, target: Target) -> Find:
    """Return what finds an environment on AWS: it is always there."""
    found = Place(kind="aws", app=app, target=target)
    return lambda: found


@dataclass
class Local:
    """Finds what runs here: a trial before a rehearsal; the app file is read again when edited."""

    path: Path
    environment: str
    found: Place | None = None
    stamp: int = 0

    def __call__(self) -> Place | None:
        """Return what runs now, the same object as long as nothing changed."""
        for kind, folder in self._folders():
            emulator = process.find(folder)
            if emulator is None:
                continue
            if self._is(kind, emulator.pid):
                return self.found
            running = session.find_in(folder, self.environment)
            app = self._app()
            if running and app:
                self.found = Place(kind=kind, app=app, target=running.target, running=running)
                return self.found
        self.found = None
        return None

    def _folders(self) -> tuple[tuple[Kind, Path], ...]:
        trial = step_file.folder_of(self.path.parent, self.environment)
        return ("trial", trial), (
            "rehearsal",
            session.folder_of(self.path.parent, self.environment),
        )

    def _is(self, kind: Kind, pid: int) -> bool:
        """Say whether what was found still is what runs, deployed from the file as it is."""
        same = self.found is not None and self.found.running is not None
        if not same or self.found is None or self.found.running is None:
            return False
        there = self.found.kind == kind and self.found.running.pid == pid
        # Addresses of sites are known only after the first deploy.
        return there and self.stamp == self._modified() and bool(self.found.target.fronts)

    def _app(self) -> App | None:
        """Return the app; while its file has a mistake, or is the same, the one before it."""
        before, self.stamp = self.stamp, self._modified()
        if self.found and before == self.stamp:
            return self.found.app
        try:
            return load.app_for(load.read(self.path), self.environment)
        except UserError:
            return self.found.app if self.found else None

    def _modified(self) -> int:
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return 0
