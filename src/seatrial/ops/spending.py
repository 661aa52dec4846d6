"""What an app really cost, by service and by day, beside what was estimated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from seatrial.cloud import spending
from seatrial.cloud.session import Session
from seatrial.model.app import App
from seatrial.ops import cost
from seatrial.target import Target

MONTH = 365 / 12  # days


@dataclass(frozen=True)
class SpendingReport:
    """Days and services with what they cost; ``estimated`` is the estimate for as many days."""

    days: dict[str, float]
    services: dict[str, float]
    estimated: float

    @property
    def total(self) -> float:
        """Return all of it, in US dollars."""
        return round(sum(self.days.values()), 2)

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "actual": self.total,
            "estimated": self.estimated,
            "currency": "USD",
            "services": [{"service": n, "amount": a} for n, a in self.services.items()],
            "days": [{"day": n, "amount": a} for n, a in self.days.items()],
        }


def spent(app: App, target: Target, days: int, today: date) -> SpendingReport:
    """Return what the last so many whole days cost; raises UserError where AWS refuses."""
    begin = today - timedelta(days=days)
    rows = spending.by_day(Session(target), app.app, begin, today)
    by_day = {(begin + timedelta(days=n)).isoformat(): 0.0 for n in range(days)}
    by_service: dict[str, float] = {}
    for row in rows:
        by_day[row.day] = by_day.get(row.day, 0.0) + row.amount
        by_service[row.service] = by_service.get(row.service, 0.0) + row.amount
    services = sorted(by_service.items(), key=lambda item: -item[1])
    return SpendingReport(
        {day: round(amount, 2) for day, amount in by_day.items()},
        {name: round(amount, 2) for name, amount in services},
        round(cost.estimate(app).monthly * days / MONTH, 2),
    )
