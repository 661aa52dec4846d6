"""SheetGPT twice: as processes over one database, as two tasks would be, and rehearsed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sheetgpt_process import SheetProcesses, two_processes


@pytest.fixture(scope="session")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SheetProcesses]:
    """Return two processes of SheetGPT over one database; tests share them."""
    with two_processes(tmp_path_factory.mktemp("sheetgpt")) as made:
        yield made
