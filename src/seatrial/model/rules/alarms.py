"""Alarms and budgets: each needs an address to notify."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.finding import Finding

MOST_SUBSCRIBERS = 10  # of one notification (AWS Budgets user guide, "Quotas")


def check(app: App) -> Iterator[Finding]:
    """Yield alarms and budgets that nobody would hear of."""
    alarms, budget = app.alarms, app.budget
    if alarms and not (alarms.email or alarms.webhook or alarms.slack):
        yield Finding(
            "appfile-alarms",
            ("alarms",),
            "the alarms have no address to notify",
            "Add one: `alarms: {email: [ops@example.com]}`.",
        )
    if budget is None:
        return
    reported = budget.email or (alarms.email if alarms else ())
    if not reported:
        yield Finding(
            "appfile-alarms",
            ("budget",),
            "the budget has no address to notify",
            "Add one: `budget: {monthly: 100, email: [you@example.com]}`.",
            (("budget",), ("alarms",)),
        )
    if len(reported) > MOST_SUBSCRIBERS:
        yield Finding(
            "appfile-alarms",
            ("budget", "email"),
            f"a budget can notify at most {MOST_SUBSCRIBERS} addresses, not {len(reported)}",
            "Use a mailing list.",
        )
