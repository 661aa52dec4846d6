"""What was really paid, as Cost Explorer tells it; each question costs a cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from seatrial.cloud.session import Session, aws_errors

TAG = "seatrial:app"


@dataclass(frozen=True)
class Spent:
    """What one service cost on one day, in US dollars, after credits and discounts."""

    day: str
    service: str
    amount: float


def by_day(session: Session, app: str, begin: date, end: date) -> list[Spent]:
    """Return what carries an app's tag cost from a day to another, which is not counted."""
    found: list[Spent] = []
    question: dict[str, Any] = {
        "TimePeriod": {"Start": begin.isoformat(), "End": end.isoformat()},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Tags": {"Key": TAG, "Values": [app]}},
    }
    with aws_errors("to ask Cost Explorer"):
        while True:
            answer = session.client("ce").get_cost_and_usage(**question)
            found += [_spent(day, row) for day in answer["ResultsByTime"] for row in day["Groups"]]
            if not answer.get("NextPageToken"):
                return found
            question["NextPageToken"] = answer["NextPageToken"]


def _spent(day: Mapping[str, Any], row: Mapping[str, Any]) -> Spent:
    amount = float(row["Metrics"]["UnblendedCost"]["Amount"])
    return Spent(day["TimePeriod"]["Start"], row["Keys"][0], amount)
