"""Refresh: today's prices of an app's databases and caches, kept in the project for `cost`.

These are the classes of which the table that comes with this version cannot hold all. Other prices
change once in years; they keep the table's date.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from seatrial.cloud import pricing
from seatrial.cloud.session import Session
from seatrial.cost.rules import COSTS
from seatrial.model.app import App
from seatrial.target import Target

FILE = "prices.json"
Found = dict[str, dict[str, Any]]


def refresh(app: App, target: Target, project: Path, today: date) -> tuple[Found, list[str]]:
    """Request the prices, store them; return those found, and keys without a price."""
    session = Session(target)
    found: Found = {}
    missing = []
    for question in dict.fromkeys(q for costs in COSTS for q in costs.questions(app)):
        key, wanted = question.key, dict(question.attributes) | {"regionCode": app.region}
        amount = pricing.on_demand(session, question.service, wanted)
        if amount is None:
            missing.append(key)
            continue
        source = [f"Price List API {today.isoformat()}"]
        found[key] = {"price": amount, "unit": "hour", "status": "exact", "source": source}
    table = saved(project)
    table[app.region] = table.get(app.region, {}) | found
    path = project / ".seatrial" / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    return found, missing


def saved(project: Path) -> dict[str, Found]:
    """Return the prices that were refreshed for this project, by region; none where none were."""
    try:
        table: dict[str, Found] = json.loads((project / ".seatrial" / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return table
