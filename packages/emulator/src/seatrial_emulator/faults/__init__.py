"""Failures on demand: one small file each, with its source.

Comes in: an id. Goes out: a ``Fault`` that defines what to do to a task, a probe, a database or a
request, in the words that AWS leaves. Forbidden here: knowing who injected it.
"""

from __future__ import annotations

from seatrial_emulator.faults import (
    database_refusing,
    denied_secret,
    exec_error,
    exit_1,
    fading_health,
    failing_health,
    flapping_health,
    image_not_found,
    missing_secret,
    missing_secret_key,
    no_capacity,
    out_of_memory,
    port_not_bound,
    slow_network,
    slow_start,
    throttled_api,
    too_many_connections,
    wrong_architecture,
)
from seatrial_emulator.faults.fault import Fault

MODULES = (
    missing_secret,
    missing_secret_key,
    denied_secret,
    image_not_found,
    wrong_architecture,
    exit_1,
    exec_error,
    out_of_memory,
    slow_start,
    failing_health,
    flapping_health,
    fading_health,
    port_not_bound,
    database_refusing,
    too_many_connections,
    throttled_api,
    no_capacity,
    slow_network,
)
FAULTS: dict[str, Fault] = {module.FAULT.id: module.FAULT for module in MODULES}
