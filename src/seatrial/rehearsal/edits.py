"""Edits of source folders while a rehearsal runs: which tasks are restarted for them, and when.

Tasks run their source folder in place, with the packages of the build that they were started from.
So an edit restarts them, unless requirements changed with it: then the deploy that follows makes
new packages first, and starts new tasks with them. What Git ignores is written by programs (logs,
reports, caches), not edited: it restarts nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.engine import git
from seatrial.ops.images import packages, sources
from seatrial.ops.images.sources import Stamp
from seatrial.rehearsal import changes

REBUILDS = ("Dockerfile", *packages.FILES)
# Tasks that write below their sources, where nothing forbids it, look like somebody who edits: the
# same files again and again, each time soon after a restart.
SOON, OFTEN = 5.0, 4
LOOK_SECONDS = 0.08  # between two looks; a save of several files is over when one sees no more


@dataclass
class Edits:
    """The edits of some folders.

    ``restart`` is called with a folder and the names that changed in it, never while ``deploying``;
    ``written`` once with names that tasks themselves write, which are no edits from then on.
    """

    folders: tuple[Path, ...]
    restart: Callable[[Path, list[str]], None]
    deploying: Callable[[], bool]
    written: Callable[[Path, list[str]], None] | None = None  # None: tasks cannot write there
    seen: dict[Path, Mapping[str, Stamp]] = field(default_factory=dict)
    pending: dict[Path, set[str]] = field(default_factory=dict)
    repeated: dict[tuple[Path, tuple[str, ...]], tuple[int, float]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)  # paths that tasks write

    def __post_init__(self) -> None:
        self.seen = {folder: sources.stamps(folder) for folder in self.folders}

    def run(self, ended: threading.Event) -> None:
        """Look until ``ended``: when something changed, and then until nothing does any more."""
        for _ in changes.looks(self._places, ended):
            self.look()
            while self.pending and not ended.wait(LOOK_SECONDS):
                self.look()

    def _places(self) -> set[Path]:
        """Return every folder that holds a file to watch."""
        files = (Path(path) for seen in self.seen.values() for path in seen)
        return {*self.folders, *(file.parent for file in files)}

    def look(self) -> None:
        """Collect what changed since the last look; act on a folder in which nothing does now."""
        for folder in self.folders:
            now = sources.stamps(folder)
            if changed := _changed(self.seen[folder], now) - self.own:
                self.seen[folder] = now
                self.pending.setdefault(folder, set()).update(changed)
            elif folder in self.pending and not self.deploying():
                self._act(folder, sorted(self.pending.pop(folder)))

    def _act(self, folder: Path, changed: list[str]) -> None:
        names = [str(Path(path).relative_to(folder)) for path in changed]
        if set(names) & set(REBUILDS):
            return
        names = sorted(set(names) - git.ignored(folder, names))
        if not names:
            return
        if self.written and self._repeat(folder, tuple(names)) >= OFTEN:
            self.own.update(str(folder / name) for name in names)
            self.written(folder, names)
            return
        self.restart(folder, names)

    def _repeat(self, folder: Path, names: tuple[str, ...]) -> int:
        """Return how many times in a row these names changed soon after a restart for them."""
        number, at = self.repeated.get((folder, names), (0, 0.0))
        now = time.monotonic()
        number = number + 1 if now - at < SOON else 1
        self.repeated[folder, names] = number, now
        return number


def _changed(before: Mapping[str, Stamp], now: Mapping[str, Stamp]) -> set[str]:
    """Return the files that were made, changed or removed."""
    return {path for path in {*before, *now} if before.get(path) != now.get(path)}


def listed(names: list[str], most: int = 3) -> str:
    """Return names in one phrase, the first few of many."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
