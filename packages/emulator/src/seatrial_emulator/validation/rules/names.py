"""Names and values of small services that their models leave open."""

from __future__ import annotations

import re

from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at

# CloudWatch Logs API reference, PutRetentionPolicy, retentionInDays.
_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557)
_MORE_DAYS = (2922, 3288, 3653)
# SQS API reference, CreateQueue, Attributes: least and most of each.
_QUEUE = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
# EventBridge Scheduler user guide, "Schedule types".
_EXPRESSION = re.compile(
    r"rate\(\d+ (minutes?|hours?|days?)\)|cron\(\S+( \S+){5}\)|at\(\d{4}-\d\d-\d\dT[\d:]{8}\)"
)


@looks_at("logs", "PutRetentionPolicy")
def retention(call: Call, _: Account) -> Refusal | None:
    """Refuse days that CloudWatch Logs cannot keep events for."""
    days = (*_DAYS, *_MORE_DAYS)
    if call.parameters["retentionInDays"] in days:
        return None
    return Refusal(
        "InvalidParameterException",
        "1 validation error detected: Value at 'retentionInDays' failed to satisfy constraint: "
        f"Member must satisfy enum value set: {list(days)}",
    )


@looks_at("sqs", "CreateQueue", "SetQueueAttributes")
def queue_attributes(call: Call, _: Account) -> Refusal | None:
    """Refuse an attribute outside its range."""
    for name, value in (call.parameters.get("Attributes") or {}).items():
        least, most = _QUEUE.get(name, (None, None))
        if least is None or most is None:
            continue
        if not str(value).isdigit() or not least <= int(value) <= most:
            return Refusal("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
    return None


@looks_at("scheduler", "CreateSchedule", "UpdateSchedule")
def expressions(call: Call, _: Account) -> Refusal | None:
    """Refuse an expression that is neither a rate, nor cron, nor one time."""
    given = call.parameters["ScheduleExpression"]
    if _EXPRESSION.fullmatch(given):
        return None
    return Refusal("ValidationException", f"Invalid Schedule Expression {given}.")


@looks_at("elbv2", "CreateLoadBalancer")
def balancer_name(call: Call, _: Account) -> Refusal | None:
    """Refuse a name that looks like an internal balancer's own."""
    name = call.parameters["Name"]
    if not name.startswith("internal-"):
        return None
    return Refusal("ValidationError", f"The load balancer name '{name}' begins with 'internal-'")


@looks_at("secretsmanager", "CreateSecret")
def scheduled_for_deletion(call: Call, account: Account) -> Refusal | None:
    """Refuse the name of a secret that is still being deleted."""
    name = call.parameters["Name"]
    for secret in account.backend("secretsmanager").secrets.values():
        if secret.name == name and secret.is_deleted():
            return Refusal(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already "
                "scheduled for deletion.",
            )
    return None
