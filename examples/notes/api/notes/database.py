"""The notes' table, and a connection to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

TABLE = """
CREATE TABLE IF NOT EXISTS notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL CHECK (title <> ''),
    body text NOT NULL,
    written timestamptz NOT NULL DEFAULT now(),
    exported timestamptz,
    removed timestamptz
)
"""


@contextmanager
def connection() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """Open a transaction; it is committed when the block ends well."""
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as opened:
        yield opened
