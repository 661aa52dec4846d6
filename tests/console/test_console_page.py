"""The page in a real browser: over a rehearsal with its buttons, and over a whole trial."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from helpers import EXAMPLES, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.packages("chromium")]
SECONDS = 1000  # Playwright counts milliseconds


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the smallest example; its rehearsal is ended."""
    made = tmp_path / "hello"
    shutil.copytree(EXAMPLES / "hello", made, ignore=shutil.ignore_patterns(".seatrial", "golden"))
    yield made
    seatrial("down", folder=made)


@contextmanager
def opened(address: str, scheme: str) -> Iterator[tuple[Page, list[str]]]:
    """Show an address in Chromium; what the page complains of, and asks elsewhere, is collected."""
    bad: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[arg-type]
        page.on("pageerror", lambda error: bad.append(str(error)))
        page.on("console", lambda said: bad.append(said.text) if said.type == "error" else None)
        page.on("request", lambda r: None if r.url.startswith(address) else bad.append(r.url))
        page.goto(address)
        yield page, bad
        browser.close()


def violations(page: Page) -> list[Any]:
    """Return what axe finds."""
    found = Axe().run(page)["violations"]
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in found]


def test_the_page_of_a_rehearsal_shows_it_and_its_buttons_work(folder: Path):
    """`up` prints its address. A kill is seen with its cause, requests flow, lines are filtered."""
    done = seatrial("up", "--detach", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    up = json.loads(done.stdout)
    with opened(up["console"], "light") as (page, bad):
        expect(page.locator("#verdict")).to_have_text("release 1 serves", timeout=20 * SECONDS)
        for _ in range(5):
            urllib.request.urlopen(up["address"], timeout=10).read()
        expect(page.locator("#flow-words")).to_contain_text(
            re.compile(r"[1-9]\d* requests"), timeout=10 * SECONDS
        )
        expect(page.locator("#diagram svg rect.task.good-fill")).not_to_have_count(0)
        assert violations(page) == []
        page.get_by_role("button", name="Kill a task").click()
        feed = page.locator("#feed")
        expect(feed).to_contain_text("$ seatrial kill web", timeout=20 * SECONDS)
        expect(feed).to_contain_text("exit code 137", timeout=20 * SECONDS)
        expect(page.locator("#verdict")).to_have_text("release 1 serves", timeout=30 * SECONDS)
        page.locator("#log-text").fill("no line has this")
        expect(page.locator("#logs li")).to_have_count(0)
        assert bad == []


def test_a_whole_trial_is_seen_in_the_page(folder: Path):
    """Each step as it runs, then its result; at the end what was found, in dark colours too."""
    console = subprocess.Popen(
        [sys.executable, "-m", "seatrial.cli.main", "console", "--print"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert console.stdout is not None
        address = console.stdout.readline().strip()
        with opened(address, "dark") as (page, bad):
            expect(page.locator("#verdict")).to_contain_text("waiting for")
            trial = subprocess.Popen(
                [sys.executable, "-m", "seatrial.cli.main", "trial", "--steps", "crash-release"],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running = page.locator("#steps .running")
            expect(running).to_contain_text("crashes at its start", timeout=120 * SECONDS)
            expect(page.locator("#feed")).to_contain_text("exit code 1", timeout=60 * SECONDS)
            assert page.locator("#actions button").count() == 0  # a trial is left alone
            assert violations(page) == []
            expect(page.locator("#trial-now")).to_have_text(
                "every step passed", timeout=120 * SECONDS
            )
            assert trial.wait(60) == 0
            assert page.locator("#steps .passed").count() == 5
            assert bad == []
    finally:
        console.terminate()
        console.wait(20)
