"""Real MariaDB behind each rehearsed RDS instance of MySQL: Debian packages no MySQL.

It implements MySQL's protocol and nearly all of its SQL; what differs is in docs/fidelity.md. The
server listens on a Unix socket only and terminates TLS itself; the proxy refuses clients without.
"""

from __future__ import annotations

import math
import os
import re
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from seatrial_emulator.servers.base import EngineError, Server

SETTINGS = (
    "--skip-networking",
    "--skip-name-resolve",
    "--max-connections=87",
    "--innodb-buffer-pool-size=32M",
    "--innodb-flush-log-at-trx-commit=2",  # a lost process loses nothing; the machine is ours
    "--key-buffer-size=1M",
    "--aria-pagecache-buffer-size=8M",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--log-bin=binlog",
    "--binlog-format=ROW",
    "--server-id=1",
    "--default-time-zone=+00:00",
)
# What the owner of an RDS instance may do (RDS user guide, "Master user account privileges").
OWNED = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, "
    "SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, "
    "CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)


@dataclass(frozen=True)
class Programs:
    """One installation; ``version`` is MariaDB's own."""

    server: Path
    client: Path
    install: Path
    binlog: Path
    version: str


def installed() -> Programs | None:
    """Return the machine's MariaDB; None where there is none."""
    names = ("mariadbd", "mariadb", "mariadb-install-db", "mariadb-binlog")
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = [shutil.which(name, path=path) for name in names]
    server, client, install, binlog = found
    if not (server and client and install and binlog):
        return None
    failure = subprocess.run([server, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"(\d+\.\d+)", failure.stdout)
    return Programs(
        Path(server), Path(client), Path(install), Path(binlog), version[1] if version else ""
    )


class MariaDBServer(Server):
    """One database server."""

    program = "mariadbd"
    socket = "mysqld.sock"
    copied = ("data", "administrator")

    def __init__(
        self, folder: Path, programs: Programs, tls: tuple[Path, Path], *, isolated: bool
    ) -> None:
        super().__init__(folder, isolated=isolated)
        self.programs, self.tls = programs, tls

    @property
    def _password_file(self) -> Path:
        return self.folder / "administrator"

    def start(self) -> None:
        """Make the data folder where there is none, and start the server; raises EngineError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for source, name in zip(self.tls, ("server.pem", "server.key"), strict=True):
            (self.folder / name).touch(mode=0o600)
            (self.folder / name).write_bytes(source.read_bytes())
        fresh = not self._password_file.exists() or not (self.data / "mysql").exists()
        if fresh:
            self._initialise()
        (self.data / self.socket).unlink(missing_ok=True)
        self.handle = self.run(
            [
                str(self.programs.server),
                "--no-defaults",
                f"--datadir={self.data}",
                f"--socket={self.socket}",
                "--pid-file=pid",
                *SETTINGS,
                f"--ssl-cert={self.folder / 'server.pem'}",
                f"--ssl-key={self.folder / 'server.key'}",
            ]
        )
        self._wait(password="" if fresh else self._password_file.read_text())
        if fresh:
            password = _text(self._password_file.read_text())
            self._query(f"ALTER USER root@localhost IDENTIFIED BY {password}", "", password="")
        self.serving = True

    def sql(self, text: str, database: str = "") -> str:
        """Run SQL as the administrator; the text goes over stdin, the password by environment."""
        return self._query(text, database, password=self._password_file.read_text())

    def connections(self) -> int:
        """Return how many clients are connected; this look is one of them, and is not counted."""
        return int(self.sql("SHOW STATUS LIKE 'Threads_connected'").split()[-1]) - 1

    def provide(self, user: str, password: str, database: str) -> None:
        """Make the owner and its database, or bring the owner's password up to date."""
        owner, secret, name = f"{_text(user)}@'%'", _text(password), _identifier(database)
        self.sql(
            f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4; "
            f"CREATE USER IF NOT EXISTS {owner}; ALTER USER {owner} IDENTIFIED BY {secret}; "
            f"GRANT {OWNED} ON *.* TO {owner} WITH GRANT OPTION"
        )

    def fingerprint(self, database: str) -> dict[str, list[object]]:
        """Return the number of rows and their checksum for each table, whatever their order."""
        found: dict[str, list[object]] = {}
        for table in self._tables(database):
            name = f"{_identifier(database)}.{_identifier(table)}"
            count = self.sql(f"SELECT COUNT(*) FROM {name}")
            checksum = self.sql(f"CHECKSUM TABLE {name} EXTENDED").split("\t")[-1]
            found[table] = [int(count), checksum]
        return found

    def drop_tables(self, database: str) -> list[str]:
        """Drop every table; return their names."""
        found = self._tables(database)
        if found:
            names = ", ".join(_identifier(name) for name in found)
            self.sql(f"SET FOREIGN_KEY_CHECKS = 0; DROP TABLE {names}", database)
        return found

    def keep_history(self) -> None:
        """Begin a history that can be gone back in: a copy, and the log from then on."""
        shutil.rmtree(self.folder / "base", ignore_errors=True)
        self.copy(self.folder / "base")

    def go_back(self, into: Path, moment: datetime) -> MariaDBServer:
        """Start another server with the rows as they were at a moment; raises EngineError.

        The log is replayed from where the copy's ends to the last event before the moment, to the
        second (MariaDB knowledge base, "mariadb-binlog options").
        """
        self.sql("FLUSH BINARY LOGS")
        shutil.rmtree(into, ignore_errors=True)
        subprocess.run(["cp", "-a", self.folder / "base", into], check=True)
        last = max((into / "data").glob("binlog.0*"))
        made = MariaDBServer(into, self.programs, self.tls, isolated=self.isolated)
        start, files = last.stat().st_size, sorted(self.data.glob("binlog.0*"))
        made.start()
        stop = moment.astimezone(UTC) + timedelta(seconds=math.ceil(moment.microsecond / 1e6))
        words = [
            str(self.programs.binlog),
            "--no-defaults",
            f"--start-position={start}",
            f"--stop-datetime={stop:%Y-%m-%d %H:%M:%S}",
            *(str(file) for file in files if file.name >= last.name),
        ]
        reported = subprocess.run(words, capture_output=True, check=False, env=_environment())
        if reported.returncode:
            raise EngineError(reported.stderr.decode(errors="replace").strip())
        made.sql(reported.stdout.decode(errors="surrogateescape"))
        return made

    def _tables(self, database: str) -> list[str]:
        failure = self.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' "
            f"AND table_schema = {_text(database)} ORDER BY 1"
        )
        return failure.splitlines()

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(32))
        handle = self.run(
            [
                str(self.programs.install),
                "--no-defaults",
                f"--datadir={self.data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ]
        )
        if not self.ended.wait(60) or not (self.data / "mysql").exists():
            handle.end()
            raise self.failure("mariadb-install-db failed")
        handle.end()
        handle.process.wait(5)

    def _wait(self, *, password: str) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not self.ended.is_set():
            if (self.data / self.socket).exists():
                try:
                    self._query("SELECT 1", "", password=password)
                except EngineError:
                    pass
                else:
                    return
            time.sleep(0.03)
        raise self.failure("MariaDB does not answer")

    def _query(self, text: str, database: str, *, password: str) -> str:
        # A socket's path is at most 107 bytes long.
        here = "/proc/self/cwd" if Path("/proc/self").exists() else str(self.data)
        words = [str(self.programs.client), "--no-defaults", "-N", "-B", "-u", "root"]
        words += [f"--socket={here}/{self.socket}", *([database] if database else [])]
        done = subprocess.run(
            words,
            input=text.encode(errors="surrogateescape"),
            capture_output=True,
            check=False,
            cwd=self.data,
            env=_environment() | {"MYSQL_PWD": password},
        )
        if done.returncode:
            raise EngineError(done.stderr.decode(errors="replace").strip())
        return done.stdout.decode(errors="replace").strip()


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
