"""Parameters of PostgreSQL, as RDS takes and refuses them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from seatrial_emulator.servers import parameters, postgres
from seatrial_emulator.validation.call import Call


class Account:
    """An account with one group of parameters."""

    region, parts = "us-east-1", None

    def __init__(self, family: str) -> None:
        self.family = family

    def backend(self, _: str) -> Any:
        """Return RDS's records."""
        return SimpleNamespace(db_parameter_groups={"g": SimpleNamespace(family=self.family)})


def refusal(family: str, name: str, value: str) -> str:
    """Return what is answered to a change of one parameter."""
    row = {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
    given = {"DBParameterGroupName": "g", "Parameters": [row]}
    call = Call(
        service="rds", operation="ModifyDBParameterGroup", parameters=given,
        region="us-east-1", protocol="query", shape=None,
    )  # fmt: skip
    found = parameters.parameters(call, Account(family))
    return found.message if found else ""


HERE = f"postgres{max(found.major for found in postgres.installed())}"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("max_conections", "100", "Could not find parameter with name: max_conections"),
        ("max_connections", "lots", "allowed values are: 1-262143"),
        ("max_connections", "9999999", "Invalid parameter value: 9999999 for: max_connections"),
        ("work_mem", "64MB", "allowed values are: 64-2147483647"),
        ("innodb_buffer_pool_size", "1", "Could not find parameter"),
    ],
)
def test_what_the_engine_lacks_is_refused(name: str, value: str, why: str):
    """A name with a typing error, of another engine, a word for a number, a number too high."""
    assert why in refusal(HERE, name, value)


@pytest.mark.parametrize(
    ("family", "name", "value"),
    [
        (HERE, "max_connections", "200"), (HERE, "timezone", "UTC"), (HERE, "TimeZone", "UTC"),
        (HERE, "max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)"),
        (HERE, "shared_buffers", "{DBInstanceClassMemory/32768}"), (HERE, "trace_sort", "1"),
        (HERE, "rds.logical_replication", "1"), (HERE, "pg_stat_statements.max", "9"),
        (HERE, "random_page_cost", "1.1"), (HERE, "log_min_duration_statement", "-1"),
        (HERE, "shared_preload_libraries", "pg_stat_statements"),
        ("postgres99", "unknown", "1"), ("mysql8.4", "unknown", "1"),
    ],
)  # fmt: skip
def test_what_rds_takes_is_taken(family: str, name: str, value: str):
    """Formulas, parameters of extensions and of RDS; and all of a version that is not here."""
    assert refusal(family, name, value) == ""
