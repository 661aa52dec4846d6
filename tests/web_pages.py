"""Pages in a real browser: Debian's chromium, and axe's rules."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's chromium."""
    with sync_playwright() as play:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        made = play.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield made
        made.close()


def picture(page: Page, name: str) -> None:
    """Take a screenshot into SEATRIAL_PICTURES, where that is set."""
    if folder := os.environ.get("SEATRIAL_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=False)


def accessible(page: Page, name: str) -> None:
    """WCAG 2.1 A and AA, as far as axe can tell, and its best practices."""
    picture(page, name)
    source = files("axe_core_python").joinpath("axe.min.js").read_text()
    run = "([source, rules]) => { (0, eval)(source); return axe.run(document, {runOnly: rules}) }"
    found = page.evaluate(run, [source, RULES])
    faults = [(row["id"], [node["html"] for node in row["nodes"]]) for row in found["violations"]]
    assert faults == [], name
    assert len(found["passes"]) > 15
