"""``seatrial cost`` as it is typed."""

from __future__ import annotations

import json

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
