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
