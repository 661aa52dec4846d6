"""The shop from start to end: site, MySQL, cache, queue, files of a bucket; and nothing left."""

from __future__ import annotations

import json
import shutil
import urllib.request
from typing import Any

import psutil
import pytest
from playwright.sync_api import sync_playwright

from helpers import EXAMPLES, Rehearsal, eventually, get, seatrial

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.packages("mariadb-server", "redis-server"),
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
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Any:
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
    yield Rehearsal(folder, json.loads(done.stdout))
    seatrial("down", folder=folder)


def folder_of(process: psutil.Process) -> str:
    """Return the folder that a process works in, as the kernel tells it."""
    try:
        return str(process.cwd())
    except psutil.Error:
        return ""


@pytest.mark.G43
def test_status_has_caches_queues_and_distributions(rehearsal: Rehearsal):
    """With their states in AWS's words, and the messages of each queue."""
    rows = json.loads(seatrial("status", "--json", folder=rehearsal.folder).stdout)["others"]
    found = {f"{row['what']} {row['name']}": row["state"] for row in rows}
    assert found["cache cache"] == "available"
    assert found["queue orders-dead"] == "0 waiting, 0 in flight"
    assert found["distribution web"].startswith("Deployed, ")
    assert all(row["well"] for row in rows)
    text = seatrial("status", folder=rehearsal.folder).stdout
    assert "cache cache: available" in text


def order(rehearsal: Rehearsal, item: str) -> int:
    """Order something at the app's address; return the order's number."""
    request = urllib.request.Request(
        f"{rehearsal.address}/api/orders",
        json.dumps({"item": item, "quantity": 2}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(json.loads(answer.read())["id"])


def orders(rehearsal: Rehearsal) -> dict[int, bool]:
    """Return every order, and whether it is packed."""
    return {
        row["id"]: row["packed"] for row in json.loads(get(f"{rehearsal.address}/api/orders")[1])
    }


@pytest.mark.G30
def test_order_goes_through_database_queue_worker_and_cache(rehearsal):
    """It is written, sent, packed by the worker; the list comes from the cache the second time."""
    number = order(rehearsal, "rope")
    eventually(lambda: orders(rehearsal), lambda found: found.get(number) is True)
    with urllib.request.urlopen(f"{rehearsal.address}/api/orders", timeout=5) as answer:
        assert answer.headers["x-from"] == "cache"


@pytest.mark.G20
def test_site_and_api_share_an_address(rehearsal):
    """Files have their headers; an address without a file gets the page."""
    with urllib.request.urlopen(f"{rehearsal.address}/orders/7", timeout=5) as answer:
        assert "<title>Shop</title>" in answer.read().decode()
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
        assert "includeSubDomains" in answer.headers["strict-transport-security"]
    assert get(f"{rehearsal.address}/assets/none.css")[0] == 404
    assert get(f"{rehearsal.address}/api/none")[0] == 404
    assert json.loads(get(f"{rehearsal.address}/api/shop")[1])["greeting"] == "Welcome to the shop"
    assert rehearsal.report["sites"] == [{"name": "web", "address": rehearsal.address}]
    status = json.loads(seatrial("status", "--json", folder=rehearsal.folder).stdout)
    assert status["address"] == rehearsal.address


@pytest.mark.packages("chromium")
def test_page_works_in_a_browser(rehearsal):
    """Its script may run under its policy, asks the API, and shows what was ordered."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.goto(rehearsal.address)
        page.select_option("#items", "lantern")
        page.click("button")
        page.wait_for_selector("td:text('lantern')", timeout=10_000)
        assert page.text_content("h1") == "Welcome to the shop"
        assert wrong == []
        browser.close()


@pytest.mark.G20
def test_site_files_are_read_by_its_distribution_only(rehearsal):
    """The bucket is private; without the policy's statement the distribution gets nothing."""
    s3 = rehearsal.client("s3")
    bucket = "shop-dev-web-use1-123456789012"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    others = [row for row in policy["Statement"] if row["Sid"] != "Distribution"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({**policy, "Statement": others}))
    assert get(rehearsal.address)[0] == 403
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert get(rehearsal.address)[0] == 200


def test_mysql_refuses_connections_without_tls(rehearsal):
    """With the words of `require_secure_transport`."""

    def said() -> str:
        return seatrial("logs", "plain", folder=rehearsal.folder).stdout

    assert "insecure transport are prohibited" in eventually(said, lambda text: "refused" in text)


def test_killed_cache_restarts_empty(rehearsal):
    """Its server starts again by itself; the app fills it again."""
    home = str(rehearsal.folder / ".seatrial/dev/caches")
    killed = [
        process.kill()
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "redis-server" and folder_of(process).startswith(home)
    ]
    assert killed
    eventually(lambda: get(f"{rehearsal.address}/api/orders")[0], lambda status: status == 200)


@pytest.mark.G25
def test_mysql_snapshot_is_restored(rehearsal):
    """Rows that were deleted after it are there again."""
    number = order(rehearsal, "compass")
    eventually(lambda: orders(rehearsal), lambda found: found.get(number) is True)
    assert seatrial("backup", "db", folder=rehearsal.folder).returncode == 0
    later = order(rehearsal, "rope")
    done = seatrial("restore", "db", "--switch", folder=rehearsal.folder)
    assert done.returncode == 0, done.stderr
    found = eventually(lambda: orders(rehearsal), lambda rows: later not in rows)
    assert number in found


@pytest.mark.G51
@pytest.mark.G29
@pytest.mark.G20
def test_site_and_file_edits_are_deployed_and_rolled_back(rehearsal):
    """An edit of either is deployed, and CloudFront's copies of the site are invalidated; the
    program starts anew for its files; the page goes back.
    """
    cloudfront = rehearsal.client("cloudfront")

    def invalidations() -> int:
        rows = cloudfront.list_distributions()["DistributionList"]["Items"]
        lists = [cloudfront.list_invalidations(DistributionId=row["Id"]) for row in rows]
        return sum(found["InvalidationList"]["Quantity"] for found in lists)

    before = invalidations()
    texts, page = rehearsal.folder / "texts" / "shop.json", rehearsal.folder / "web" / "index.html"
    texts.write_text(texts.read_text().replace("Welcome to", "Back in"))
    page.write_text(page.read_text().replace("<title>Shop", "<title>New shop"))
    (rehearsal.folder / "web" / "assets" / "more-B3f9aX1c.js").write_text("1")
    eventually(lambda: get(rehearsal.address)[1], lambda text: "<title>New shop" in text, 60)
    eventually(
        lambda: get(f"{rehearsal.address}/api/shop")[1], lambda text: "Back in the shop" in text, 60
    )
    hashed = f"{rehearsal.address}/assets/more-B3f9aX1c.js"
    with urllib.request.urlopen(hashed, timeout=5) as answer:
        assert "immutable" in answer.headers["cache-control"]
    done = seatrial("rollback", folder=rehearsal.folder)
    assert done.returncode == 0, done.stderr
    assert "<title>Shop" in get(rehearsal.address)[1]
    assert get(hashed)[0] == 200  # a page that is still open needs it
    assert invalidations() >= before + 2
    assert json.loads(seatrial("plan", "--json", folder=rehearsal.folder).stdout)["create"] == []


@pytest.mark.G4
def test_destroy_leaves_nothing(rehearsal):
    """Caches, queues, distributions and buckets are gone too; the database left a snapshot."""
    done = seatrial(
        "destroy", "--name", "shop-dev", "--lose-objects", "--json", folder=rehearsal.folder
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["result"] == "destroyed"
    assert any(text.startswith("database snapshot shop-dev-db") for text in report["retained"])
    assert rehearsal.client("sqs").list_queues().get("QueueUrls", []) == []
    listed = rehearsal.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    assert listed == []
