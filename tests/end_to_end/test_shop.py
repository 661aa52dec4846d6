"""The shop from start to end: site, MySQL, cache, queue, files of a bucket; and nothing left."""

from __future__ import annotations

import json
import shutil
import urllib.request
from typing import Any

import psutil
import pytest
from playwright.sync_api import sync_playwright

from helpers import EXAMPLES, Stage, eventually, get, seatrial
from seatrial_emulator.servers import mariadb, redis

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        mariadb.installed() is None or redis.installed() is None,
        reason="needs mariadb-server and redis-server; `.ci/run` installs both",
    ),
]
# Run inside a task's own network: what a program of the shop would see.
PLAIN = """
import os, pymysql, pymysql.err
try:
    pymysql.connect(host=os.environ["DB_HOST"], port=int(os.environ["DB_PORT"]),
                    user=os.environ["DB_USER"], password=os.environ["DB_PASSWORD"],
                    ssl_disabled=True)
except pymysql.err.OperationalError as error:
    print("refused", error.args)
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a rehearsal of a copy of the example, with a job that speaks without TLS."""
    folder = tmp_path_factory.mktemp("shop") / "app"
    ignored = shutil.ignore_patterns("golden", ".seatrial")
    shutil.copytree(EXAMPLES / "shop", folder, ignore=ignored)
    (folder / "api" / "shop" / "plain.py").write_text(PLAIN)
    file = folder / "seatrial.yml"
    job = (
        'jobs: {plain: {service: api, command: python -m shop.plain, schedule: "rate(1 minute)"}}\n'
    )
    file.write_text(file.read_text().replace("databases:", job + "databases:", 1))
    done = seatrial("up", "--detach", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    yield Stage(folder, json.loads(done.stdout))
    seatrial("down", folder=folder)


def folder_of(process: psutil.Process) -> str:
    """Return the folder that a process works in, as the kernel tells it."""
    try:
        return str(process.cwd())
    except psutil.Error:
        return ""


def order(stage: Stage, item: str) -> int:
    """Order something at the app's address; return the order's number."""
    request = urllib.request.Request(
        f"{stage.address}/api/orders",
        json.dumps({"item": item, "quantity": 2}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(json.loads(answer.read())["id"])


def orders(stage: Stage) -> dict[int, bool]:
    """Return every order, and whether it is packed."""
    return {row["id"]: row["packed"] for row in json.loads(get(f"{stage.address}/api/orders")[1])}


def test_an_order_goes_through_database_queue_worker_and_cache(stage):
    """It is written, sent, packed by the worker; the list comes from the cache the second time."""
    number = order(stage, "rope")
    eventually(lambda: orders(stage), lambda found: found.get(number) is True)
    with urllib.request.urlopen(f"{stage.address}/api/orders", timeout=5) as answer:
        assert answer.headers["x-from"] == "cache"


def test_the_site_and_its_api_share_an_address(stage):
    """Files have their headers; an address without a file gets the page."""
    with urllib.request.urlopen(f"{stage.address}/orders/7", timeout=5) as answer:
        assert "<title>Shop</title>" in answer.read().decode()
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
        assert "includeSubDomains" in answer.headers["strict-transport-security"]
    assert get(f"{stage.address}/assets/none.css")[0] == 404
    assert get(f"{stage.address}/api/none")[0] == 404
    assert json.loads(get(f"{stage.address}/api/shop")[1])["greeting"] == "Welcome to the shop"
    assert stage.report["sites"] == [{"name": "web", "address": stage.address}]
    status = json.loads(seatrial("status", "--json", folder=stage.folder).stdout)
    assert status["address"] == stage.address


def test_a_page_works_in_a_browser(stage):
    """Its script may run under its policy, asks the API, and shows what was ordered."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.goto(stage.address)
        page.select_option("#items", "lantern")
        page.click("button")
        page.wait_for_selector("td:text('lantern')", timeout=10_000)
        assert page.text_content("h1") == "Welcome to the shop"
        assert wrong == []
        browser.close()


def test_only_its_distribution_reads_a_sites_files(stage):
    """The bucket is private; without the policy's statement the distribution gets nothing."""
    s3 = stage.client("s3")
    bucket = "shop-dev-web-use1-123456789012"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    kept = [row for row in policy["Statement"] if row["Sid"] != "Distribution"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": kept}))
    assert get(stage.address)[0] == 403
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert get(stage.address)[0] == 200


def test_mysql_refuses_who_does_not_ask_for_tls(stage):
    """With the words of `require_secure_transport`."""

    def said() -> str:
        return seatrial("logs", "plain", folder=stage.folder).stdout

    assert "insecure transport are prohibited" in eventually(said, lambda text: "refused" in text)


def test_a_cache_that_was_killed_comes_back_empty(stage):
    """Its server starts again by itself; the app fills it again."""
    home = str(stage.folder / ".seatrial/dev/caches")
    killed = [
        process.kill()
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "redis-server" and folder_of(process).startswith(home)
    ]
    assert killed
    eventually(lambda: get(f"{stage.address}/api/orders")[0], lambda status: status == 200)


def test_a_snapshot_of_mysql_is_restored(stage):
    """Rows that were deleted after it are there again."""
    number = order(stage, "compass")
    eventually(lambda: orders(stage), lambda found: found.get(number) is True)
    assert seatrial("backup", "db", folder=stage.folder).returncode == 0
    later = order(stage, "rope")
    done = seatrial("restore", "db", "--switch", folder=stage.folder)
    assert done.returncode == 0, done.stderr
    found = eventually(lambda: orders(stage), lambda rows: later not in rows)
    assert number in found


def test_site_and_files_follow_and_a_rollback_takes_the_site_back(stage):
    """An edit of either is deployed; the program starts anew for its files; the page goes back."""
    texts, page = stage.folder / "texts" / "shop.json", stage.folder / "web" / "index.html"
    texts.write_text(texts.read_text().replace("Welcome to", "Back in"))
    page.write_text(page.read_text().replace("<title>Shop", "<title>New shop"))
    (stage.folder / "web" / "assets" / "more-B3f9aX1c.js").write_text("1")
    eventually(lambda: get(stage.address)[1], lambda text: "<title>New shop" in text, 60)
    eventually(
        lambda: get(f"{stage.address}/api/shop")[1], lambda text: "Back in the shop" in text, 60
    )
    hashed = f"{stage.address}/assets/more-B3f9aX1c.js"
    with urllib.request.urlopen(hashed, timeout=5) as answer:
        assert "immutable" in answer.headers["cache-control"]
    done = seatrial("rollback", folder=stage.folder)
    assert done.returncode == 0, done.stderr
    assert "<title>Shop" in get(stage.address)[1]
    assert get(hashed)[0] == 200  # a page that is still open needs it
    assert json.loads(seatrial("plan", "--json", folder=stage.folder).stdout)["create"] == []


def test_destroy_leaves_nothing(stage):
    """Caches, queues, distributions and buckets are gone too; the database left a snapshot."""
    done = seatrial(
        "destroy", "--name", "shop-dev", "--lose-objects", "--json", folder=stage.folder
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["result"] == "destroyed"
    assert any(text.startswith("snapshot shop-dev-db") for text in report["kept"])
    assert stage.client("sqs").list_queues().get("QueueUrls", []) == []
    listed = stage.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    assert listed == []
