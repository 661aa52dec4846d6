"""The parameters of PostgreSQL: RDS refuses names that the engine lacks and numbers out of range.

The engine itself says which it has (``postgres --describe-config``), so this is known of each major
version that is on this machine, and nothing is refused for another. RDS's own ranges may be
narrower. Words: terraform-provider-aws#522 ("Could not find parameter with name").
"""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

from seatrial_emulator.servers import postgres
from seatrial_emulator.validation.call import Call
from seatrial_emulator.validation.refusal import Refusal
from seatrial_emulator.validation.rules.rule import Account, looks_at

# What --describe-config leaves out: settings that no sample of a configuration shows.
UNLISTED = frozenset(
    """
    allow_in_place_tablespaces allow_system_table_mods application_name backtrace_functions
    config_file debug_discard_caches debug_io_direct debug_logical_replication_streaming
    debug_parallel_query force_parallel_mode ignore_checksum_failure ignore_invalid_pages
    ignore_system_indexes jit_debugging_support jit_dump_bitcode jit_expressions
    jit_profiling_support jit_tuple_deforming post_auth_delay pre_auth_delay
    remove_temp_files_after_crash restrict_nonsystem_relation_kind send_abort_for_crash
    send_abort_for_kill trace_connection_negotiation trace_notify trace_recovery_messages trace_sort
    transaction_deferrable transaction_isolation transaction_read_only wal_consistency_checking
    zero_damaged_pages
    """.split()  # noqa: SIM905
)
Range = tuple[float, float] | None


@looks_at("rds", "ModifyDBParameterGroup")
def parameters(call: Call, account: Account) -> Refusal | None:
    """Refuse a parameter that the group's engine does not have, or a number that it does not take;
    a name with a dot is an extension's or RDS's own.
    """
    group: Any = account.backend("rds").db_parameter_groups.get(
        call.parameters["DBParameterGroupName"]
    )
    family = str(group.family if group else "")
    known = _known(int(family[8:])) if family[8:].isdigit() and family[:8] == "postgres" else {}
    for row in call.parameters.get("Parameters") or () if known else ():
        name, value = str(row.get("ParameterName")), str(row.get("ParameterValue"))
        if "." not in name and name.lower() not in known:
            return Refusal("InvalidParameterValue", f"Could not find parameter with name: {name}")
        if why := _out_of_range(value, known.get(name.lower())):
            return Refusal(
                "InvalidParameterValue", f"Invalid parameter value: {value} for: {name} {why}"
            )
    return None


def _out_of_range(value: str, limits: Range) -> str:
    """Return what is allowed instead of a value; nothing where it fits, or is a formula of RDS's
    ("Specifying DB parameters": braces and functions).
    """
    if limits is None or any(letter in value for letter in "{("):
        return ""
    try:
        fits = limits[0] <= float(value) <= limits[1]
    except ValueError:
        fits = False
    return "" if fits else f"allowed values are: {limits[0]:.15g}-{limits[1]:.15g}"


@cache
def _known(major: int) -> dict[str, Range]:
    """Return the parameters of a major version with their ranges; none where it is not here."""
    found = next((b for b in postgres.installed() if b.major == major), None)
    if found is None:
        return {}
    words = [str(found.folder / "postgres"), "--describe-config"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    ranges: dict[str, Range] = {row[0].lower(): _range(row) for row in rows if len(row) > 6}
    return ranges and dict.fromkeys(UNLISTED) | ranges


def _range(row: list[str]) -> Range:
    """Read a row: name, context, group, type, default, least, most, descriptions."""
    return (float(row[5]), float(row[6])) if row[3] in ("INTEGER", "REAL") else None
