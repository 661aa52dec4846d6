"""ECS on Fargate: sizes and network of a task definition (ECS API, RegisterTaskDefinition)."""

from __future__ import annotations

from seatrial_emulator.facts.tasks import SIZES
from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at


@looks_at("ecs", "RegisterTaskDefinition")
def fargate(call: Call, _: Account) -> Refusal | None:
    """Refuse what Fargate has no task for."""
    wanted = call.parameters
    if "FARGATE" not in (wanted.get("requiresCompatibilities") or ()):
        return None
    if wanted.get("networkMode") != "awsvpc":
        return Refusal("ClientException", "Fargate only supports network mode ‘awsvpc’.")
    cpu, memory = str(wanted.get("cpu") or ""), str(wanted.get("memory") or "")
    if not cpu.isdigit() or not memory.isdigit():
        return None  # "1 vCPU" and "2 GB" are taken too
    if int(memory) not in SIZES.get(int(cpu), ()):
        return Refusal(
            "ClientException",
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See "
            "the Amazon ECS documentation for the valid values.",
        )
    return None


@looks_at("ecs", "CreateService", "UpdateService", "RunTask")
def strategies(call: Call, _: Account) -> Refusal | None:
    """Refuse a strategy in which no provider places tasks, or two have a base (ECS API reference,
    data type CapacityProviderStrategyItem).
    """
    rows = call.parameters.get("capacityProviderStrategy") or ()
    if len(rows) > 1 and not any(row.get("weight") for row in rows):
        return _strategy("at least one capacity provider must have a weight greater than zero.")
    if sum(bool(row.get("base")) for row in rows) > 1:
        return _strategy("only one capacity provider can have a base.")
    return None


def _strategy(why: str) -> Refusal:
    return Refusal(
        "InvalidParameterException", f"The specified capacity provider strategy is invalid: {why}"
    )
