"""What a running SheetGPT holds: settings, the database, workbooks in memory, who watches them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from seatrial_runtime import database, settings
from sheetgpt.live import Watchers
from sheetgpt.memory import Books
from sheetgpt.settings import Settings


@dataclass
class Store:
    """Everything that lives as long as the process."""

    settings: Settings
    engine: Engine
    books: Books = field(default_factory=Books)
    watchers: Watchers = field(default_factory=Watchers)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction; it is committed when the block ends well."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session


def open_store() -> Store:
    """Return what the environment describes."""
    found = settings.load(Settings)
    return Store(found, database.engine(pool_size=found.pool, max_overflow=5, pool_timeout=20))
