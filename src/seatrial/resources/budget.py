"""The budget: mails at four fifths of it spent, and when the month is expected to go beyond."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Resource

NOUN = "budget"


def build(context: Context) -> Iterator[Resource]:
    """Yield the budget."""
    budget = context.app.budget
    if budget is None:
        return
    alarms = context.app.alarms
    reported = list(budget.email or (alarms.email if alarms else ()))
    notices = [
        {
            "comparison_operator": "GREATER_THAN",
            "threshold": threshold,
            "threshold_type": "PERCENTAGE",
            "notification_type": kind,
            "subscriber_email_addresses": reported,
        }
        for kind, threshold in (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
    ]
    mine = {"name": "TagKeyValue", "values": [f"user:seatrial:app${context.app.app}"]}
    yield foundation(
        NOUN,
        "aws_budgets_budget",
        "main",
        name=context.global_name("budget", NOUN),
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=f"{budget.monthly}.0",
        limit_unit="USD",
        notification=notices if reported else None,
        cost_filter=[mine] if budget.of == "app" else None,
    )
