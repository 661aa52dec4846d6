"""SQL that others wrote, or a model did: one SELECT, checked, regenerated and run within limits.

    from seatrial_runtime import database, sql_guard

    guard = sql_guard.Guard("postgres", schema="shop", tables=["shop.orders"])
    query = guard.check(text)                        # RefusedError says why not
    found = sql_guard.run(database.reader(), query)  # QueryError says what the database does

What runs is never the text that came in but what the parser understood of it: MySQL executes
comments such as ``/*!50000 , SLEEP(9) */``, which a parser passes over. The database is the second
wall: its login can only SELECT (``uses: [db: read]``). Needs ``seatrial-runtime[sql]``.
"""

from __future__ import annotations

from collections.abc import Iterable

from seatrial_runtime.sql.allowed import Dialect, RefusedError
from seatrial_runtime.sql.answer import Answer, Limits, Query, QueryError, run

__all__ = ["Answer", "Dialect", "Guard", "Limits", "Query", "QueryError", "RefusedError", "run"]


class Guard:
    """Decides for one database which statements may run, and as what.

    What may be read is named as ``schema.table`` (in MySQL ``database.table``), as the database
    stores names; None: all that the login may read, but no catalog of the system. ``schema`` is the
    one of names without any.
    """

    def __init__(
        self, dialect: Dialect, *, schema: str, tables: Iterable[str] | None = None
    ) -> None:
        self.dialect, self.schema = dialect, schema
        self.known = None if tables is None else frozenset(tables)

    def check(self, text: str) -> Query:
        """Return what may run instead of a text; raises RefusedError."""
        query = self._regenerated(text)
        if self._regenerated(query.sql) != query:  # what runs is understood as what was checked
            raise RefusedError("it can be understood in two ways")
        return query

    def _regenerated(self, text: str) -> Query:
        # sqlglot takes 0.3 s to import
        from seatrial_runtime.sql import statement

        tree = statement.parsed(text, self.dialect)
        read = statement.placed(tree, self.dialect, self.schema)
        unknown = sorted(read - self.known) if self.known is not None else []
        if unknown:
            raise RefusedError(f"there is no table `{unknown[0]}` here")
        return Query(statement.text(tree, self.dialect), tuple(sorted(read)))
