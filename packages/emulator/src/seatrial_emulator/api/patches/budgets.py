"""AWS Budgets says who a notification is sent to, and how a budget is tagged (API reference,
DescribeSubscribersForNotification, ListTagsForResource).

moto has neither. Test: tests/end_to_end/test_apply.py (a budget's second plan is empty).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.budgets.responses import BudgetsResponse

from seatrial_emulator.api.patches.patch import add, wrap
from seatrial_emulator.api.state import store_of

_IDENTITY = ("NotificationType", "ComparisonOperator", "Threshold")


def apply() -> None:
    """Add both operations, and store the tags."""
    wrap(BudgetsResponse, "create_budget", _create)
    wrap(BudgetsResponse, "delete_budget", _delete)
    add(BudgetsResponse, "describe_subscribers_for_notification", _subscribers)
    add(BudgetsResponse, "list_tags_for_resource", _list_tags)


def _create(create: Callable[..., Any], self: Any) -> Any:
    answer = create(self)
    arn = _arn(self, self._get_param("Budget")["BudgetName"])
    rows = self._get_param("ResourceTags") or []
    store_of(arn).tags[arn] = {row["Key"]: row["Value"] for row in rows}
    return answer


def _delete(delete: Callable[..., Any], self: Any) -> Any:
    arn = _arn(self, self._get_param("BudgetName"))
    store_of(arn).tags.pop(arn, None)
    return delete(self)


def _arn(response: Any, name: str) -> str:
    account = response._get_param("AccountId") or response.current_account
    return f"arn:aws:budgets::{account}:budget/{name}"


def _subscribers(self: Any) -> str:
    wanted = self._get_param("Notification") or {}
    account = self._get_param("AccountId") or self.current_account
    budget = self.backend.budgets[account][self._get_param("BudgetName")]
    for notification in budget.notifications:
        if all(notification.details.get(key) == wanted.get(key) for key in _IDENTITY):
            return json.dumps({"Subscribers": notification.subscribers})
    return json.dumps({"Subscribers": []})


def _list_tags(self: Any) -> str:
    arn = self._get_param("ResourceARN")
    tags = store_of(arn).tags.get(arn, {})
    return json.dumps({"ResourceTags": [{"Key": k, "Value": v} for k, v in tags.items()]})
