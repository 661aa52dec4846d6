"""The answer to a query: read in a transaction that can only read, within limits."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine
    from sqlalchemy.exc import DBAPIError

# What a session of MySQL may have switched on, and under which its SQL reads otherwise.
MODES = {"ANSI", "ANSI_QUOTES", "DB2", "MAXDB", "MSSQL", "NO_BACKSLASH_ESCAPES", "ORACLE"}
MODES |= {"PIPES_AS_CONCAT", "POSTGRESQL"}
BATCH = 50  # rows that are fetched at once, at most


@dataclass(frozen=True)
class Query:
    """A statement that may run, as it was regenerated, and the whole names of what it reads."""

    sql: str
    tables: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one query may take; ``seconds`` for the query, and again for what is left to read.

    ``size`` counts the characters of an answer. ``memory`` is bytes: of one sort or hash in
    PostgreSQL, of the session in MariaDB, of one temporary table in MySQL.
    """

    seconds: float = 10
    rows: int = 1000
    size: int = 10_000_000
    memory: int = 32 << 20


@dataclass(frozen=True)
class Answer:
    """What a query found; ``cut`` where a limit left rows out."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    cut: bool


class QueryError(RuntimeError):
    """What the database says of a query that it refused or ended; ``code`` is its own."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def run(engine: Engine, query: Query, limits: Limits | None = None) -> Answer:
    """Return the answer to a query that a guard has checked; raises QueryError."""
    from sqlalchemy.exc import DBAPIError

    given = limits or Limits()
    with engine.connect() as connection:
        connection.execution_options(isolation_level="READ COMMITTED")  # no AUTOCOMMIT
        reads = _postgres if engine.dialect.name == "postgresql" else _mysql
        try:
            return reads(connection, query, given)
        except DBAPIError as error:
            raise _said(error) from error
        finally:
            connection.rollback()


def _postgres(connection: Connection, query: Query, limits: Limits) -> Answer:
    """Read through a cursor of the server: it takes one statement, and gives rows as asked."""
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    milliseconds = f"{max(1, limits.seconds * 1000):.0f}"
    for name, value in (
        ("statement_timeout", milliseconds),
        ("lock_timeout", milliseconds),
        ("work_mem", f"{max(64, limits.memory >> 10)}kB"),
        ("max_parallel_workers_per_gather", "0"),
        ("standard_conforming_strings", "on"),
    ):
        connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (name, value))
    return _taken(connection, query.sql, limits)


def _mysql(connection: Connection, query: Query, limits: Limits) -> Answer:
    """Read by a connection of its own, which is closed then: its settings stay to the end."""
    from seatrial_runtime.sql import statement

    connection.detach()
    found = connection.exec_driver_sql("SELECT @@version, @@sql_mode").one()
    settings = _maria(limits) if "MariaDB" in found[0] else _oracle(limits)
    modes = ",".join(mode for mode in found[1].split(",") if mode not in MODES)
    for name, value in ({"sql_mode": f"'{modes}'"} | settings).items():
        connection.exec_driver_sql(f"SET SESSION {name} = {value}")
    connection.commit()
    connection.exec_driver_sql("START TRANSACTION READ ONLY")
    return _taken(connection, statement.limited(query.sql, limits.rows + 1), limits)


def _maria(limits: Limits) -> dict[str, str]:
    """Return MariaDB's limits (knowledge base, "Server System Variables"): time in seconds."""
    time_, memory = f"{max(0.001, limits.seconds):.3f}", f"{max(8192, limits.memory)}"
    return {"max_statement_time": time_, "max_session_mem_used": memory}


def _oracle(limits: Limits) -> dict[str, str]:
    """Return MySQL's limits (manual, "Server System Variables"): time in milliseconds."""
    memory = f"{max(16384, limits.memory)}"
    tables = dict.fromkeys(("tmp_table_size", "max_heap_table_size"), memory)
    return {"max_execution_time": f"{max(1, limits.seconds * 1000):.0f}"} | tables


def _taken(connection: Connection, sql: str, limits: Limits) -> Answer:
    options = {"no_parameters": True, "stream_results": True, "max_row_buffer": BATCH}
    ends = time.monotonic() + 2 * limits.seconds
    with connection.exec_driver_sql(sql, execution_options=options) as result:
        return _read(result, limits, ends)


def _read(result: CursorResult[Any], limits: Limits, ends: float) -> Answer:
    """Return as many rows as the limits allow."""
    rows: list[tuple[Any, ...]] = []
    columns, size = list(result.keys()), 0
    for row in result:
        size += sum(len(str(value)) for value in row)
        if len(rows) == limits.rows or size > limits.size:
            return Answer(columns, rows, cut=True)
        if time.monotonic() > ends:
            raise QueryError("reading the answer took too long")
        rows.append(tuple(row))
    return Answer(columns, rows, cut=False)


def _said(error: DBAPIError) -> QueryError:
    """Return what the database says, without the statement: psycopg's words, or PyMySQL's."""
    cause: Any = error.orig
    if (diagnosis := getattr(cause, "diag", None)) is not None:
        return QueryError(diagnosis.message_primary or str(cause), cause.sqlstate or "")
    code, *words = (str(each) for each in cause.args or [cause])
    return QueryError(words[0], code) if words else QueryError(code)
