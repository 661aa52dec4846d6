"""SheetGPT rehearsed, in a real browser: two people, a sheet, the chat; axe finds nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from helpers import EXAMPLES, seatrial
from sheetgpt_process import PASSWORD
from web_pages import accessible, chromium, picture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.packages("chromium"),
]


def node_is_missing() -> bool:
    """Say whether this machine has no Node.js that Vite 8 runs on."""
    if not (shutil.which("npm") and shutil.which("node")):
        return True
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = map(int, said.strip().lstrip("v").split(".")[:2])
    return (major, minor) < (20, 19)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's chromium."""
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return where a rehearsal of the example answers."""
    if node_is_missing():
        pytest.skip("needs Node.js 20.19 or later with npm (https://nodejs.org)")
    folder = tmp_path_factory.mktemp("rehearsed") / "app"
    ignored = shutil.ignore_patterns("golden", ".seatrial", "node_modules", "dist", "__pycache__")
    shutil.copytree(EXAMPLES / "sheetgpt", folder, ignore=ignored)
    done = seatrial("up", "--detach", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)["address"]
    subprocess.run([sys.executable, "-m", "seatrial.cli.main", "down"], cwd=folder, check=True)


def log_in(page: Page, address: str, email: str) -> None:
    """Create an account, and be logged in by it."""
    page.goto(address)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("heading", name="Workbooks").wait_for()


def fill(page: Page, row: int, column: int, text: str) -> None:
    """Type into a cell as a person does: go there, type, Enter."""
    cell(page, row, column).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def cell(page: Page, row: int, column: int):
    """Return a cell of the grid; the first column has the rows' numbers."""
    found = page.locator(f'[role=row][aria-rowindex="{row + 1}"]')
    return found.locator(f'[role=gridcell][aria-colindex="{column + 1}"]')


def test_two_people_and_the_chat_in_one_sheet(browser: Browser, address: str, tmp_path: Path):
    """From the page to a computed total that the chat proposed, seen by the other at once."""
    ann = browser.new_context(accept_downloads=True).new_page()
    problems: list[str] = []
    ann.on("pageerror", lambda error: problems.append(str(error)))
    ann.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    log_in(ann, address, "ann@example.com")
    accessible(ann, "workbooks")
    ann.get_by_role("button", name="New workbook").click()
    for row, (name, price) in enumerate((("tea", 3), ("cake", 4.5), ("soup", 7), ("bread", 2)), 1):
        fill(ann, row, 1, name)
        fill(ann, row, 2, str(price))
    fill(ann, 1, 3, "=B1*2")
    expect(cell(ann, 1, 3)).to_have_text("6")

    ben = browser.new_context(color_scheme="dark").new_page()
    log_in(ben, address, "ben@example.com")
    ann.get_by_role("tab", name="People").click()
    ann.get_by_label("E-mail address to invite").fill("ben@example.com")
    ann.get_by_role("button", name="Invite").click()
    expect(ann.get_by_role("listitem").filter(has_text="ben@example.com")).to_be_visible()
    ben.goto(ann.url)
    expect(cell(ben, 1, 3)).to_have_text("6")
    fill(ben, 1, 2, "30")
    expect(cell(ann, 1, 3)).to_have_text("60")
    expect(ann.get_by_text("ben@example.com, at")).to_be_visible()

    ann.get_by_role("tab", name="Chat").click()
    ann.get_by_label("Message").fill("Please add the total")
    ann.get_by_role("button", name="Send").click()
    expect(ann.get_by_text("I propose a total")).to_be_visible()
    accessible(ann, "proposal")
    ann.get_by_role("button", name="Accept").click()
    expect(cell(ben, 5, 2)).to_have_text("43.5")
    accessible(ben, "sheet-dark")

    cell(ann, 5, 2).click()
    expect(ann.get_by_label("Content of the cell")).to_have_value("=SUM(B1:B4)")
    ann.keyboard.press("Control+z")
    expect(cell(ben, 5, 2)).to_have_text("")
    ann.get_by_role("tab", name="History").click()
    expect(ann.get_by_text("undo of change")).to_be_visible()
    with ann.expect_download() as saved:
        ann.get_by_role("button", name="Download .xlsx").click()
    assert saved.value.suggested_filename == "Untitled.xlsx"
    assert problems == []


def test_a_phone_and_a_file_of_many_rows(browser: Browser, address: str, tmp_path: Path):
    """A file of 50,000 rows scrolls to its end; on a phone's screen nothing is cut off."""
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    log_in(page, address, "cleo@example.com")
    file = tmp_path / "many.csv"
    file.write_text("".join(f"{n},name {n}\n" for n in range(1, 50_001)))
    page.get_by_label("File to import").set_input_files(file)
    expect(cell(page, 1, 2)).to_have_text("name 1", timeout=30_000)
    page.locator("[role=grid]").evaluate("grid => grid.scrollTo(0, 28 * 49_990)")
    expect(cell(page, 50_000, 2)).to_have_text("name 50000")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, "phone")
