"""Notes from start to end: PostgreSQL, bucket, secret, worker, migration; and nothing left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import sync_playwright

from helpers import (
    Rehearsal,
    copied,
    eventually,
    get,
    post_note,
    processes,
    seatrial,
    short_folder,
    up,
)
from seatrial.appfile import load
from seatrial.cloud import existing, storage
from seatrial.cloud.session import Session
from seatrial.ops.release import adoption
from seatrial.rehearsal import session as launch
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Root

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def temporary() -> Iterator[Path]:
    """Return the folder that programs of the shared rehearsal use instead of /tmp."""
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[Rehearsal]:
    """Return one rehearsal for the tests that leave it as they found it; the last one ends it."""
    folder = copied("notes", tmp_path_factory.mktemp("notes") / "app")
    yield up(folder, TMPDIR=str(temporary))
    seatrial("down", folder=folder)


def export(rehearsal: Rehearsal, note: int) -> str:
    """Return what the worker exported of a note."""
    return get(f"{rehearsal.address}/notes/{note}/export")[1]


def titles(rehearsal: Rehearsal) -> list[str]:
    """Return the titles of all notes."""
    return [row["title"] for row in json.loads(get(f"{rehearsal.address}/notes")[1])]


@pytest.mark.G48
def test_a_pause_stops_what_costs_by_the_hour_and_a_resume_brings_it_back(notes: Rehearsal):
    """No task, no server of the database, a schedule against RDS's own restart; and all rows."""
    made = post_note(notes.address, "before the pause")
    assert made
    paused = seatrial("pause", "--json", folder=notes.folder)
    assert paused.returncode == 0, paused.stderr
    report = json.loads(paused.stdout)
    assert report["names"] == ["api", "worker", "notes-dev-db"]
    assert report["saves"] > report["left"] > 0
    rds, scheduler = notes.client("rds"), notes.client("scheduler")

    def status() -> str:
        return str(rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"])

    eventually(status, lambda found: found == "stopped", 60)
    assert get(notes.address)[0] == 503
    (row,) = scheduler.list_schedules(NamePrefix="notes-dev-db")["Schedules"]
    assert row["Target"]["Arn"].endswith(":aws-sdk:rds:stopDBInstance")
    shown = seatrial("status", folder=notes.folder)
    assert (shown.returncode, "paused since" in shown.stdout) == (0, True)
    assert seatrial("doctor", folder=notes.folder).returncode == 0
    with pytest.raises(ClientError, match="InvalidDBInstanceState"):
        rds.modify_db_instance(DBInstanceIdentifier="notes-dev-db", DeletionProtection=False)
    again = seatrial("pause", folder=notes.folder)
    assert again.returncode == 0, again.stderr

    resumed = seatrial("resume", folder=notes.folder)
    assert resumed.returncode == 0, resumed.stderr
    assert "before the pause" in titles(notes)
    assert scheduler.list_schedules(NamePrefix="notes-dev-db")["Schedules"] == []
    assert status() == "available"
    assert "nothing was paused" in seatrial("resume", folder=notes.folder).stdout

    assert seatrial("pause", folder=notes.folder).returncode == 0
    planned = seatrial("plan", folder=notes.folder)
    assert "a deploy starts it first" in planned.stderr
    file = notes.folder / "seatrial.yml"
    text = file.read_text()
    file.write_text(f"{text}\ntags: {{paused: once}}\n")
    notes.until_idle(120)
    assert "before the pause" in titles(notes)
    file.write_text(text)
    notes.until_idle(120)


@pytest.mark.G18
def test_database_worker_bucket_and_secret_work(notes: Rehearsal):
    """A note is written, exported by the worker, and read by a link that the secret signs."""
    assert notes.report["databases"] == {"db": "available"}
    assert get(f"{notes.address}/docs")[0] == 200
    note = post_note(notes.address, "first")
    eventually(lambda: export(notes, note["id"]), lambda text: "# first" in text)
    assert get(notes.address + note["link"])[1] == "# first\n\nb\n"


@pytest.mark.G51
@pytest.mark.G25
def test_restore_at_a_moment_brings_its_rows_back(notes: Rehearsal):
    """`restore --at` serves the rows of a moment; what came later stands beside."""
    post_note(notes.address, "in time")
    before = titles(notes)
    time.sleep(1.1)  # `--at` takes whole seconds
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    time.sleep(1.1)
    post_note(notes.address, "too late")
    assert "usage-moment" in seatrial("restore", "--at", "tomorrow", folder=notes.folder).stderr
    done = seatrial("restore", "--at", moment, "--switch", folder=notes.folder)
    assert done.returncode == 0, done.stderr
    assert f"db now has the data of the state of {moment}" in done.stdout
    assert titles(notes) == before
    assert "nothing would change" in seatrial("plan", "--rehearsal", folder=notes.folder).stdout


@pytest.mark.G5
def test_resources_are_found_without_a_state(notes: Rehearsal):
    """With both states lost, each thing that can be found is found, under the same import ID."""
    running = launch.find(notes.folder, "dev")
    assert running
    session = Session(running.target)
    wanted = graph(load.app_for(load.read(notes.folder / "seatrial.yml"), "dev"))
    keys: tuple[Root, ...] = ("foundation", "release")
    states = {key: storage.read_json(session, f"notes/dev/{key}.tfstate") for key in keys}
    made = {
        f"{row['type']}.{row['name']}": row["instances"][0]["attributes"]
        for state in states.values()
        for row in state["resources"]
        if row["mode"] == "managed" and row["type"] in existing.FINDERS
    }
    found = adoption.imports(session, wanted, "foundation", [])
    found += adoption.imports(session, wanted, "release", [states["foundation"]])
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
    strange = adoption.imports(session, replace(wanted, app="other"), "foundation", [])
    tagged = ("aws_vpc", "aws_lb", "aws_db_instance", "aws_s3_bucket", "aws_iam_role")
    assert not [row for row in strange if row["to"].startswith(tagged)], "of another app"


@pytest.mark.packages("chromium")
def test_page_lists_and_writes_notes(notes: Rehearsal):
    """The page shows a note that was written on it, as text, and removes it."""
    browser = shutil.which("chromium")
    with sync_playwright() as play:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = play.chromium.launch(executable_path=browser, args=options)
        page = chromium.new_page()
        page.goto(notes.address)
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


def test_secret_values_are_only_in_their_file(notes: Rehearsal):
    """No secret's value is in a file (but the one that keeps them), a state, an argument, a log."""
    stored = json.loads((notes.folder / ".seatrial/dev/secrets.json").read_text())
    values = [stored["notes/dev/link-key"], json.loads(stored["notes/dev/db"])["password"]]
    texts = [
        path.read_text(errors="replace")
        for path in (notes.folder / ".seatrial/dev").rglob("*")
        if path.is_file() and path.name != "secrets.json" and "databases" not in path.parts
    ]
    texts += [p.read_text(errors="replace") for p in Path("/proc").glob("[0-9]*/cmdline")]
    s3 = notes.client("s3")
    for row in s3.list_objects_v2(Bucket="seatrial-123456789012-us-east-1")["Contents"]:
        found = s3.get_object(Bucket="seatrial-123456789012-us-east-1", Key=row["Key"])
        texts.append(found["Body"].read().decode())
    texts.append(seatrial("logs", folder=notes.folder).stdout)
    assert not [value for value in values for text in texts if value in text]


@pytest.mark.G38
def test_metrics_and_the_databases_log_are_read(notes: Rehearsal):
    """Requests, CPU and open connections, as the dashboard has them; what PostgreSQL wrote."""
    post_note(notes.address, "counted")

    def shown() -> dict[tuple[str, str], list[float]]:
        found = json.loads(seatrial("metrics", "--json", folder=notes.folder).stdout)["metrics"]
        return {
            (row["noun"], row["metric"]): [point["value"] for point in row["points"]]
            for row in found
            if row["statistic"] != "Average" or row["metric"] != "TargetResponseTime"
        }

    found = eventually(
        shown, lambda rows: rows["api", "RequestCount"] and rows["db", "DatabaseConnections"], 60
    )
    assert sum(found["api", "RequestCount"]) >= 1
    assert 0 <= found["worker", "CPUUtilization"][-1] <= 100
    lines = seatrial("logs", "db", "--filter", "ready to accept", folder=notes.folder).stdout
    assert "LOG:  database system is ready to accept connections" in lines
    critical = ("logs", "db", "--level", "critical", "--filter", "ready to accept")
    assert seatrial(*critical, folder=notes.folder).stdout == ""


@pytest.mark.G32
def test_missing_grant_is_access_denied(notes: Rehearsal):
    """A missing grant is AccessDenied, also for a program that ran with it before."""
    note = post_note(notes.address, "granted")["id"]
    eventually(lambda: export(notes, note), lambda text: "# granted" in text)
    iam = notes.client("iam")
    (role,) = [r["RoleName"] for r in iam.list_roles()["Roles"] if "api-task" in r["RoleName"]]
    stored = iam.get_role_policy(RoleName=role, PolicyName="exports-read")["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName="exports-read")
    assert get(f"{notes.address}/notes/{note}/export")[0] == 500
    lines = seatrial("logs", "api", folder=notes.folder).stdout
    assert "AccessDenied" in lines
    iam.put_role_policy(RoleName=role, PolicyName="exports-read", PolicyDocument=json.dumps(stored))
    assert get(f"{notes.address}/notes/{note}/export")[0] == 200


@pytest.mark.G3
def test_renamed_database_is_planned_as_loss(notes: Rehearsal):
    """Renaming the database is shown as loss, by its noun, before anything happens."""
    folder = notes.folder
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


def test_data_outlives_down_and_a_killed_rehearsal_leaves_nothing(
    notes: Rehearsal, temporary: Path
):
    """Rows, secrets and objects are there after `down` and `up`; after kill -9 nothing answers and
    no process is left; `--fresh` begins empty; nothing is left in /tmp.
    """
    folder, users = notes.folder, Path("/etc/passwd").read_text()
    note = post_note(notes.address, "kept")
    eventually(lambda: export(notes, note["id"]), lambda text: "# kept" in text)
    before = titles(notes)
    assert seatrial("down", folder=folder).returncode == 0
    assert processes(folder) == []
    assert not (folder / ".seatrial/dev/keys.json").exists()
    again = up(folder, TMPDIR=str(temporary))
    assert titles(again) == before
    assert get(again.address + note["link"])[0] == 200  # the secret is the same
    assert "# kept" in export(again, note["id"])
    os.kill(int((folder / ".seatrial/dev/up.pid").read_text()), signal.SIGKILL)
    eventually(lambda: processes(folder), lambda found: found == [], 30)
    assert get(again.address)[0] == 0
    words = ("up", "--detach", "--fresh", "--json")
    done = seatrial(*words, folder=folder, TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    assert titles(again) == []
    seatrial("down", folder=folder)
    assert processes(folder) == []
    eventually(lambda: [path.name for path in temporary.iterdir()], lambda left: left == [], 40)
    assert Path("/etc/passwd").read_text() == users
