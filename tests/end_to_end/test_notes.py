"""Notes from start to end: PostgreSQL, bucket, secret, worker, migration; and nothing left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from helpers import EXAMPLES, Rehearsal, eventually, get, seatrial
from seatrial.appfile import load
from seatrial.cloud import existing, storage
from seatrial.cloud.session import Session
from seatrial.ops.release import adopt
from seatrial.rehearsal import session as launch
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Root

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def post(address: str, title: str) -> dict[str, Any]:
    """Write a note."""
    request = urllib.request.Request(
        f"{address}/notes",
        json.dumps({"title": title, "body": "b"}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def up(folder: Path, **variables: str) -> Rehearsal:
    """Start a rehearsal in the background."""
    done = seatrial("up", "--detach", "--json", folder=folder, **variables)
    assert done.returncode == 0, done.stderr
    return Rehearsal(folder, json.loads(done.stdout))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example."""
    target = tmp_path / "notes"
    shutil.copytree(
        EXAMPLES / "notes", target, ignore=shutil.ignore_patterns("golden", ".seatrial")
    )
    return target


def processes(folder: Path) -> list[str]:
    """Return every process that speaks of this folder."""
    done = subprocess.run(
        ["pgrep", "-fa", str(folder)], capture_output=True, text=True, check=False
    )
    return [line for line in done.stdout.splitlines() if "pgrep" not in line]


def outside() -> tuple[set[str], str]:
    """Return what a rehearsal could leave outside its folder."""
    temporary = {p for p in os.listdir("/tmp") if p.startswith(("plugin", "seatrial", "runtime"))}
    return temporary, Path("/etc/passwd").read_text()


def test_notes_from_start_to_end(folder):
    """Every part works; data outlives `down`; four rehearsals, one killed, leave nothing."""
    before = outside()
    rehearsal = up(folder)
    assert rehearsal.report["databases"] == {"db": "available"}
    assert get(f"{rehearsal.address}/docs")[0] == 200
    note = post(rehearsal.address, "first")
    eventually(
        lambda: get(f"{rehearsal.address}/notes/1/export")[1], lambda text: "# first" in text
    )
    assert get(rehearsal.address + note["link"])[1] == "# first\n\nb\n"

    page_works(rehearsal)
    no_value_leaks(rehearsal)
    without_grant(rehearsal)
    plan_shows_the_loss(folder)
    everything_is_found_again(rehearsal)
    note_of_yesterday(rehearsal)

    assert seatrial("down", folder=folder).returncode == 0
    assert processes(folder) == []
    assert not (folder / ".seatrial/dev/keys.json").exists()

    rehearsal = up(folder)
    assert [row["title"] for row in json.loads(get(f"{rehearsal.address}/notes")[1])] == ["first"]
    assert get(rehearsal.address + note["link"])[0] == 200  # the secret is the same
    assert "# first" in get(f"{rehearsal.address}/notes/1/export")[1]
    os.kill(int((folder / ".seatrial/dev/up.pid").read_text()), signal.SIGKILL)
    eventually(lambda: processes(folder), lambda found: found == [], 30)
    assert get(rehearsal.address)[0] == 0
    done = seatrial("up", "--detach", "--fresh", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(get(f"{rehearsal.address}/notes")[1]) == []
    seatrial("down", folder=folder)
    assert processes(folder) == []
    # Another rehearsal on this machine may come and go meanwhile; what is left for good is ours.
    eventually(lambda: outside()[0] - before[0], lambda left: left == set(), 40)
    assert outside()[1] == before[1]


def note_of_yesterday(rehearsal: Rehearsal) -> None:
    """`restore --at` brings the rows of a moment back; what came later stands beside."""
    time.sleep(1.1)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    time.sleep(1.1)
    post(rehearsal.address, "too late")
    assert "usage-moment" in seatrial("restore", "--at", "tomorrow", folder=rehearsal.folder).stderr
    done = seatrial("restore", "--at", moment, "--switch", folder=rehearsal.folder)
    assert done.returncode == 0, done.stderr
    assert f"db serves the state of {moment}" in done.stdout
    titles = [row["title"] for row in json.loads(get(f"{rehearsal.address}/notes")[1])]
    assert titles == ["first"]


def everything_is_found_again(rehearsal: Rehearsal) -> None:
    """With both states lost, each thing that can be found is found, under the same import ID."""
    running = launch.find(rehearsal.folder, "dev")
    assert running
    session = Session(running.target)
    wanted = graph(load.app_for(load.read(rehearsal.folder / "seatrial.yml"), "dev"))
    keys: tuple[Root, ...] = ("foundation", "release")
    states = {key: storage.read_json(session, f"notes/dev/{key}.tfstate") for key in keys}
    made = {
        f"{row['type']}.{row['name']}": row["instances"][0]["attributes"]
        for state in states.values()
        for row in state["resources"]
        if row["mode"] == "managed" and row["type"] in existing.FINDERS
    }
    found = adopt.imports(session, wanted, "foundation", [])
    found += adopt.imports(session, wanted, "release", [states["foundation"]])
    assert {row["to"] for row in found} == set(made)
    parts = ("id", "name", "arn", "bucket", "identifier", "subnet_id")
    for row in found:
        own = made[row["to"]]
        known = {str(own.get(part, "")).rsplit("/", 1)[-1] for part in parts}
        if row["to"].startswith("aws_route."):
            assert row["id"] == f"{own['route_table_id']}_{own['destination_cidr_block']}"
        elif row["to"].startswith("aws_route_table_association."):
            assert row["id"] == f"{own['subnet_id']}/{own['route_table_id']}"
        else:
            assert row["id"].rsplit("/", 1)[-1] in known, row
    strange = adopt.imports(session, replace(wanted, app="other"), "foundation", [])
    tagged = ("aws_vpc", "aws_lb", "aws_db_instance", "aws_s3_bucket", "aws_iam_role")
    assert not [row for row in strange if row["to"].startswith(tagged)], "of another app"


def page_works(rehearsal: Rehearsal) -> None:
    """The page lists notes and writes one, in a real browser; skipped where there is none."""
    browser = shutil.which("chromium")
    if not browser:
        return
    with sync_playwright() as play:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = play.chromium.launch(executable_path=browser, args=options)
        page = chromium.new_page()
        page.goto(rehearsal.address)
        page.get_by_label("Title").fill("from the browser")
        page.get_by_label("Text").fill("typed <b>here</b>")
        page.get_by_role("button", name="Write").click()
        page.get_by_role("heading", name="from the browser").wait_for(timeout=5000)
        assert page.get_by_text("typed <b>here</b>").count() == 1
        if picture := os.environ.get("SEATRIAL_PICTURE"):
            page.screenshot(path=picture)
        page.locator("article", has_text="from the browser").get_by_text("remove").click()
        page.get_by_role("heading", name="from the browser").wait_for(state="detached")
        chromium.close()


def no_value_leaks(rehearsal: Rehearsal) -> None:
    """No secret's value is in a file (but the one that keeps them), a state, an argument, a log."""
    kept = json.loads((rehearsal.folder / ".seatrial/dev/secrets.json").read_text())
    values = [kept["notes/dev/link-key"], json.loads(kept["notes/dev/db"])["password"]]
    texts = [
        path.read_text(errors="replace")
        for path in (rehearsal.folder / ".seatrial/dev").rglob("*")
        if path.is_file() and path.name != "secrets.json" and "databases" not in path.parts
    ]
    texts += [p.read_text(errors="replace") for p in Path("/proc").glob("[0-9]*/cmdline")]
    s3 = rehearsal.client("s3")
    for row in s3.list_objects_v2(Bucket="seatrial-123456789012-us-east-1")["Contents"]:
        found = s3.get_object(Bucket="seatrial-123456789012-us-east-1", Key=row["Key"])
        texts.append(found["Body"].read().decode())
    texts.append(seatrial("logs", folder=rehearsal.folder).stdout)
    assert not [value for value in values for text in texts if value in text]


def without_grant(rehearsal: Rehearsal) -> None:
    """A missing grant is AccessDenied, also for a program that ran with it before."""
    iam = rehearsal.client("iam")
    (role,) = [r["RoleName"] for r in iam.list_roles()["Roles"] if "api-task" in r["RoleName"]]
    kept = iam.get_role_policy(RoleName=role, PolicyName="exports-read")["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName="exports-read")
    assert get(f"{rehearsal.address}/notes/1/export")[0] == 500
    lines = seatrial("logs", "api", folder=rehearsal.folder).stdout
    assert "AccessDenied" in lines
    iam.put_role_policy(RoleName=role, PolicyName="exports-read", PolicyDocument=json.dumps(kept))
    assert get(f"{rehearsal.address}/notes/1/export")[0] == 200


def plan_shows_the_loss(folder: Path) -> None:
    """Renaming the database is shown as loss, by its noun, before anything happens."""
    path = folder / "other.yml"
    path.write_text(
        (folder / "seatrial.yml")
        .read_text()
        .replace("databases: {db:", "databases: {dc:")
        .replace("uses: [db", "uses: [dc")
    )
    done = seatrial("plan", "-f", str(path), "--json", folder=folder)
    assert done.returncode == 10, done.stderr
    report = json.loads(done.stdout)
    assert any(row["noun"] == "databases.db" for row in report["destroy"])
    assert any("databases.db" in risk for risk in report["risks"])
    text = seatrial("plan", "-f", str(path), folder=folder).stdout
    assert "ITS DATA WOULD BE LOST" in text
    path.unlink()


def test_app_is_served_on_loopback_without_namespaces(folder):
    """Where namespaces are refused, the same app runs on loopback, and the report says so."""
    rehearsal = up(folder, SEATRIAL_WIRE="loopback")
    try:
        post(rehearsal.address, "loop")
        eventually(
            lambda: get(f"{rehearsal.address}/notes/1/export")[1], lambda text: "# loop" in text
        )
        assert any("loopback" in row for row in rehearsal.report["not_rehearsed"])
    finally:
        seatrial("down", folder=folder)
    assert processes(folder) == []


def test_failing_migration_and_crash_are_reported(folder):
    """A bad migration, then a crash: exit 1, the cause, its last lines, no leftovers."""
    migrate = folder / "api/notes/migrate.py"
    good = migrate.read_text()
    migrate.write_text("raise SystemExit('no such column: price')")
    done = seatrial("up", "--detach", folder=folder)
    assert done.returncode == 1
    assert "migration-failed" in done.stderr
    assert "no such column: price" in done.stderr
    assert processes(folder) == []
    migrate.write_text(good)
    api = folder / "api/notes/api.py"
    api.write_text("import nothing_like_this\n")
    done = seatrial("up", "--detach", folder=folder)
    assert done.returncode == 1
    assert "No module named 'nothing_like_this'" in done.stderr
    assert processes(folder) == []


def test_ctrl_c_ends_a_foreground_rehearsal(folder):
    """`up` prints its address and the services' output; one Ctrl-C ends it all, exit 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "seatrial.cli.main", "up"],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout
    said = ""
    deadline = time.monotonic() + 60
    while "Application startup complete" not in said and time.monotonic() < deadline:
        said += process.stdout.readline()
    assert "http://127.0.0.1:" in said or "Application startup" in said
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=40)[0]
    assert process.returncode in (0, 130), said
    assert processes(folder) == []
