"""``seatrial cost`` as it is typed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest

from helpers import EXAMPLES, seatrial


def test_cost_text_and_json_agree():
    """The sum is that of the lines; assumptions are named and can be given."""
    folder = EXAMPLES / "model-registry"
    row = json.loads(seatrial("cost", "production", "--json", folder=folder).stdout)
    assert row["monthly"] == round(sum(line["monthly"] for line in row["lines"]), 2)
    assert row["high"] > row["low"] == row["monthly"]
    shown = seatrial("cost", "production", "--assume", "logs=5", folder=folder)
    assert "logs=5" in shown.stdout
    assert f"{row['monthly']:.2f}" not in shown.stdout.split("\ntotal")[1].split("\n")[0]


def test_cost_refuses_unknown_assumptions_all_at_once():
    """Each with the nearest name; a number is a number."""
    folder = EXAMPLES / "hello"
    done = seatrial("cost", "--assume", "log=1", "--assume", "lcuu=2", folder=folder)
    assert (done.returncode, done.stderr.count("error[usage-assume]")) == (2, 2)
    assert "`logs`" in done.stderr
    done = seatrial("cost", "--assume", "logs=many", folder=folder)
    assert (done.returncode, "is not a number" in done.stderr) == (2, True)


def test_cost_can_be_written_as_svg(tmp_path):
    """An SVG of every noun's sum, well formed, without a script; the text is printed too."""
    out = tmp_path / "cost.svg"
    done = seatrial("cost", "production", "--out", str(out), folder=EXAMPLES / "shop")
    assert "\ntotal" in done.stdout
    texts = [node.text for node in ElementTree.parse(out).iter() if node.tag.endswith("text")]
    assert "databases.db" in texts
    assert any(text.startswith("total") for text in texts)
    assert "script" not in out.read_text()


def group(service: str, amount: str) -> dict[str, object]:
    """Return what one service cost, as Cost Explorer says it."""
    money = {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}
    return {"Keys": [service], "Metrics": money}


class CostExplorer(BaseHTTPRequestHandler):
    """AWS's Cost Explorer as its reference shows an answer; of three days it knows nothing."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        first, last = (date.fromisoformat(request["TimePeriod"][end]) for end in ("Start", "End"))
        days = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
        rows = [
            {"TimePeriod": {"Start": days[0], "End": days[1]}, "Groups": [group("RDS", "1.25")]},
            {
                "TimePeriod": {"Start": days[1], "End": days[2]},
                "Groups": [group("RDS", "1.25"), group("ECS", "0.5")],
            },
        ]
        body = json.dumps({"ResultsByTime": rows if len(days) == 3 else []}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(answers: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Yield the address of a stand-in of an API that no emulator plays."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.G46
def test_actual_cost_is_listed_by_service_and_day(tmp_path, emulator):
    """What Cost Explorer says, summed both ways, beside the estimate for as many days."""
    (tmp_path / "seatrial.yml").write_text(
        "app: shop\nregion: us-east-1\ndatabases: {db: {}}\n"
        "environments: {live: {profile: development}}\n"
    )
    with serving(CostExplorer) as address:
        account = {
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "AWS_ENDPOINT_URL_COST_EXPLORER": address,
            "AWS_ACCESS_KEY_ID": emulator.access_key,
            "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        }
        words = ("cost", "live", "--actual", "--days")
        done = seatrial(*words, "2", "--json", folder=tmp_path, **account)
        assert done.returncode == 0, done.stderr
        nothing = seatrial(*words, "3", folder=tmp_path, **account)
    row = json.loads(done.stdout)
    assert row["services"] == [
        {"service": "RDS", "amount": 2.5},
        {"service": "ECS", "amount": 0.5},
    ]
    assert [day["amount"] for day in row["days"]] == [1.25, 1.75]
    assert row["actual"] == 3.0
    assert 0 < row["estimated"] < 10
    assert "cost allocation tag" in " ".join(nothing.stdout.split())


class Prices(BaseHTTPRequestHandler):
    """AWS's Price List API as its reference shows an answer; one class has two prices."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        wanted = {row["Field"]: row["Value"] for row in request["Filters"]}
        amounts = ["0.0777"] if request["ServiceCode"] == "AmazonRDS" else ["0.1", "0.2"]
        products = [
            {
                "product": {"attributes": wanted},
                "terms": {"OnDemand": {"T": {"priceDimensions": {"D": dimension(amount)}}}},
            }
            for amount in amounts
        ]
        body = json.dumps({"PriceList": [json.dumps(each) for each in products]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def dimension(amount: str) -> dict[str, object]:
    """Return one price by the hour."""
    return {"unit": "Hrs", "pricePerUnit": {"USD": amount}}


@pytest.fixture
def price_list() -> Iterator[str]:
    """Return the address of a stand-in of the Price List API, which no emulator plays."""
    with serving(Prices) as address:
        yield address


def test_only_unambiguous_prices_are_refreshed(tmp_path, emulator, price_list):
    """A database's price is today's and says so; where two are given the older one stays."""
    (tmp_path / "seatrial.yml").write_text(
        "app: shop\nregion: us-east-1\ndatabases: {db: {class: db.r9x.large}}\ncaches: {c: {}}\n"
        "environments: {live: {profile: development}}\n"
    )
    account = {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ENDPOINT_URL_PRICING": price_list,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
    }
    done = seatrial("cost", "live", "--refresh", "--json", folder=tmp_path, **account)
    assert done.returncode == 0, done.stderr
    assert "AWS has no single price for elasticache.valkey.cache.t4g.micro" in done.stderr
    lines = {line["item"]: line for line in json.loads(done.stdout)["lines"]}
    assert lines["db.r9x.large, single-AZ"]["price"] == 0.0777
    assert lines["db.r9x.large, single-AZ"]["source"].startswith("Price List API 20")
    assert lines["cache.t4g.micro, valkey"]["status"] == "unsourced"
    again = json.loads(seatrial("cost", "live", "--json", folder=tmp_path).stdout)
    assert again["monthly"] == json.loads(done.stdout)["monthly"] > 56
