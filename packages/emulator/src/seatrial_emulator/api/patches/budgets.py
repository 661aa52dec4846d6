"""AWS Budgets says who a notification tells, and what a budget is tagged with (API reference,
DescribeSubscribersForNotification, ListTagsForResource).

moto has neither. Test: tests/end_to_end/test_apply.py (a budget's second plan is empty).
"""

from __future__ import annotations

import json
from typing import Any

from moto.budgets.responses import BudgetsResponse

_SAME = ("NotificationType", "ComparisonOperator", "Threshold")


def apply() -> None:
    """Answer both questions."""
    create = BudgetsResponse.create_budget

    def create_budget(self: Any) -> Any:
        made = create(self)
        _record(self, self._get_param("Budget")["BudgetName"]).rehearsed_tags = (
            self._get_param("ResourceTags") or []
        )
        return made

    BudgetsResponse.create_budget = create_budget
    BudgetsResponse.describe_subscribers_for_notification = _subscribers
    BudgetsResponse.list_tags_for_resource = _tags


def _record(response: Any, name: str) -> Any:
    account = response._get_param("AccountId") or response.current_account
    return response.backend.budgets[account][name]


def _subscribers(self: Any) -> str:
    wanted = self._get_param("Notification") or {}
    for notification in _record(self, self._get_param("BudgetName")).notifications:
        if all(notification.details.get(key) == wanted.get(key) for key in _SAME):
            return json.dumps({"Subscribers": notification.subscribers})
    return json.dumps({"Subscribers": []})


def _tags(self: Any) -> str:
    name = self._get_param("ResourceARN").rpartition("/")[2]
    return json.dumps({"ResourceTags": getattr(_record(self, name), "rehearsed_tags", [])})
