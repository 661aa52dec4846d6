"""Changes of files: a look is taken when the operating system says so, not many times a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from watchfiles import watch

LATEST_MS = 1000  # a look is taken at least so often: network folders report nothing
TOGETHER_MS, STEP_MS = 50, 10  # what an editor writes within these counts as one change


def looks(folders: Callable[[], Iterable[Path]], ended: threading.Event) -> Iterator[None]:
    """Yield soon after an entry of one of the folders changed, and each second, until ``ended``.

    Folders below them are not watched unless named: an environment or a database of the rehearsal
    lies in the project, with thousands of folders. ``folders`` is asked again after each look.
    """
    while not ended.is_set():
        watched = {folder for folder in folders() if folder.is_dir()}
        for _ in watch(
            *watched,
            watch_filter=None,
            debounce=TOGETHER_MS,
            step=STEP_MS,
            stop_event=ended,
            rust_timeout=LATEST_MS,
            yield_on_timeout=True,
            recursive=False,
        ):
            yield
            if {folder for folder in folders() if folder.is_dir()} != watched:
                break
