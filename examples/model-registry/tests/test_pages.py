"""The pages in a real browser, through the balancer: they work, and axe finds nothing."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from model_sources import CARD, TUNED
from registry_process import ADMIN, PASSWORD
from registry_rehearsal import RegistryRehearsal
from web_pages import accessible, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.packages("chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's chromium."""
    with chromium() as made:
        yield made


def log_in(page: Page, address: str) -> None:
    """Log in as a person does."""
    page.goto(address)
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Artifacts").wait_for()


def model(folder: Path, name: str, card: str, **config: str) -> Path:
    """Write a model as a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("README.md", card)
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.safetensors", b"\1" * 1_500_000)
    path = folder / f"{name}.zip"
    path.write_bytes(made.getvalue())
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_works(
    rehearsal: RegistryRehearsal, browser: Browser, tmp_path: Path, scheme: str
):
    """Log in, add by file and by address, search, read scores, look at health, delete."""
    rehearsal.client().delete("/reset")
    address = rehearsal.app.address
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1100, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    accessible(page, f"login-{scheme}")
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("alert").filter(has_text="not right").wait_for()
    log_in(page, address)
    page.get_by_text("Nothing is registered yet.").wait_for()
    add(page, tmp_path, scheme)
    look(page, scheme)
    page.goto(f"{address}/web/health")
    page.get_by_role("heading", name="The last hour").wait_for()
    accessible(page, f"health-{scheme}")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    page.goto(f"{address}/web/health")
    page.get_by_role("heading", name="Log in").wait_for()
    assert errors == []
    page.close()


def add(page: Page, folder: Path, scheme: str) -> None:
    """Add one model by its address, one by a file; a wrong address is said, not lost."""
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_role("heading", name="Add an artifact").wait_for()
    accessible(page, f"add-{scheme}")
    page.get_by_label("Address").fill("https://example.com/model")
    page.get_by_role("button", name="Register").click()
    page.get_by_role("alert").filter(has_text="huggingface.co/NAME").wait_for()
    assert page.get_by_label("Address").input_value() == "https://example.com/model"
    page.get_by_label("Address").fill("https://huggingface.co/google-bert/bert-base-uncased")
    page.get_by_role("button", name="Register").click()
    page.get_by_role("heading", name="bert-base-uncased").wait_for()
    page.get_by_role("link", name="Add", exact=True).click()
    hostile = CARD.replace("# BERT", "# <script>window.broken = 1</script>")
    page.get_by_label("File").set_input_files(model(folder, "hostile-card", hostile))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="hostile-card").wait_for()
    assert page.evaluate("window.broken") is None
    assert page.get_by_text("<script>window.broken = 1</script>").count() == 1
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("File").set_input_files(model(folder, "audience", TUNED))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="audience", exact=True).wait_for()


def look(page: Page, scheme: str) -> None:
    """Search with badges; a card with scores and lineage; delete after a question."""
    accessible(page, f"card-{scheme}")
    table = page.get_by_role("table")
    assert table.get_by_role("row").count() == 12
    assert table.get_by_text("unknown", exact=True).count() >= 1
    page.get_by_role("img", name="Lineage of audience").wait_for()
    assert page.get_by_text("audience was made from bert-base-uncased").count() == 1
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download").click()
    assert Path(taken.value.path()).stat().st_size > 1_500_000
    page.get_by_role("link", name="Search").click()
    assert page.get_by_text("score 0.").count() == 3
    accessible(page, f"search-{scheme}")
    page.get_by_label("Name or README").fill("zanzibar")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("listitem").first.wait_for()
    assert page.get_by_role("listitem").count() == 2
    page.get_by_label("Name or README").fill("(")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("alert").filter(has_text="not a regular expression").wait_for()
    page.get_by_role("link", name="Search").click()
    page.get_by_role("link", name="hostile-card").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("heading", name="Artifacts").wait_for()
    assert page.get_by_role("link", name="hostile-card").count() == 0


def test_admins_see_users_logs_and_the_api_without_other_hosts(
    rehearsal: RegistryRehearsal, browser: Browser
):
    """A first visit says nothing in red; users are added; `/docs` loads from the app alone."""
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(rehearsal.app.address)
    assert page.get_by_role("alert").count() == 0
    log_in(page, rehearsal.app.address)
    page.get_by_role("link", name="Users").click()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("rowheader", name="anna").wait_for()
    accessible(page, "users")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("rowheader", name="anna").wait_for(state="detached")
    page.get_by_role("link", name="Logs").click()
    page.get_by_role("heading", name="Logs").wait_for()
    accessible(page, "logs")
    page.get_by_role("link", name="API").click()
    page.get_by_text("/artifact/byRegEx").wait_for()
    assert [url for url in requested if not url.startswith((rehearsal.app.address, "data:"))] == []
    page.close()


def test_pages_on_a_small_screen_and_by_keyboard(rehearsal: RegistryRehearsal, browser: Browser):
    """A phone's width needs no sideways scrolling; the keyboard reaches the content first."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    log_in(page, rehearsal.app.address)
    for path in ("/web/", "/web/upload", "/web/health", "/web/users", "/web/logs"):
        page.goto(rehearsal.app.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.close()
