"""``seatrial cost`` as it is typed."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from helpers import EXAMPLES, seatrial


def test_cost_prints_what_its_json_says():
    """The sum is that of the lines; assumptions are named and can be given."""
    folder = EXAMPLES / "model-registry"
    row = json.loads(seatrial("cost", "production", "--json", folder=folder).stdout)
    assert row["monthly"] == round(sum(line["monthly"] for line in row["lines"]), 2)
    assert row["high"] > row["low"] == row["monthly"]
    shown = seatrial("cost", "production", "--assume", "logs=5", folder=folder)
    assert "logs=5" in shown.stdout
    assert f"{row['monthly']:.2f}" not in shown.stdout.split("in all")[1].split("\n")[0]


def test_cost_refuses_unknown_assumptions_all_at_once():
    """Each with the nearest name; a number is a number."""
    folder = EXAMPLES / "hello"
    done = seatrial("cost", "--assume", "log=1", "--assume", "lcuu=2", folder=folder)
    assert (done.returncode, done.stderr.count("error[usage-assume]")) == (2, 2)
    assert "`logs`" in done.stderr
    done = seatrial("cost", "--assume", "logs=many", folder=folder)
    assert (done.returncode, "has no number" in done.stderr) == (2, True)


def test_cost_is_a_picture_too(tmp_path):
    """An SVG of every noun's sum, well formed, without a script; the text is printed too."""
    out = tmp_path / "cost.svg"
    done = seatrial("cost", "production", "--out", str(out), folder=EXAMPLES / "shop")
    assert "in all" in done.stdout
    texts = [node.text for node in ElementTree.parse(out).iter() if node.tag.endswith("text")]
    assert "databases.db" in texts
    assert any(text.startswith("in all") for text in texts)
    assert "script" not in out.read_text()


def test_actual_cost_is_told_by_service_and_day(hello):
    """What Cost Explorer says, summed both ways, beside the estimate for as many days."""
    days = [(datetime.now(UTC).date() - timedelta(days=n)).isoformat() for n in (2, 1, 0)]

    def group(service: str, amount: str) -> dict[str, object]:
        money = {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}
        return {"Keys": [service], "Metrics": money}

    told = [
        {"TimePeriod": {"Start": days[0], "End": days[1]}, "Groups": [group("RDS", "1.25")]},
        {
            "TimePeriod": {"Start": days[1], "End": days[2]},
            "Groups": [group("RDS", "1.25"), group("ECS", "0.5")],
        },
    ]
    port = json.loads((hello.folder / ".seatrial/dev/rehearsal.json").read_text())["endpoint_port"]
    body = json.dumps({"results": [{"ResultsByTime": told, "DimensionValueAttributes": []}]})
    path = "/moto-api/static/ce/cost-and-usage-results"
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body.encode())
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert answer.status in (200, 201)
    done = seatrial("cost", "--actual", "--days", "2", "--json", folder=hello.folder)
    row = json.loads(done.stdout)
    assert row["services"] == [
        {"service": "RDS", "amount": 2.5},
        {"service": "ECS", "amount": 0.5},
    ]
    assert [day["amount"] for day in row["days"]] == [1.25, 1.75]
    assert row["actual"] == 3.0
    assert 0 < row["estimated"] < 10
    nothing = seatrial("cost", "--actual", "--days", "3", folder=hello.folder)
    assert "cost allocation tag" in " ".join(nothing.stdout.split())
