"""A SQLAlchemy engine for a database that the app file gives by ``uses: [db]``.

    from seatrial_runtime import database
    engine = database.engine()          # or engine("reports"), pool_size=20, ...

    database.reader()                   # ``uses: [db: read]``: a login that can only SELECT

With ``uses: [{db: live}]`` a login that fails reads the password again from the database's
secret, so that a rotation needs no restart. Needs ``sqlalchemy`` and ``psycopg``.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seatrial_runtime import contract

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Engine

CONNECT_SECONDS = 5
# PostgreSQL's classes of refused logins (manual, appendix A): 28P01 invalid password, 28000.
REFUSED = ("28P01", "28000")


class Login:
    """How a database is reached; the password is read again when it is refused."""

    def __init__(self, noun: str = "db", environment: Mapping[str, str] | None = None) -> None:
        self.environment = os.environ if environment is None else environment
        self.noun = noun
        self.password = self._variable("PASSWORD")
        self.secret = self.environment.get(contract.variable(noun, "SECRET_ARN"))
        self._lock = threading.Lock()

    def connect(self) -> psycopg.Connection[Any]:
        """Return a new connection; raises psycopg.OperationalError."""
        import psycopg

        password = self.password
        try:
            return self._open(password)
        except psycopg.OperationalError as error:
            if self.secret is None or not _refused(error):
                raise
        with self._lock:
            if self.password == password:  # another thread may have read it already
                self.password = _current(self.secret)
        return self._open(self.password)

    def _open(self, password: str) -> psycopg.Connection[Any]:
        import psycopg

        given = self.environment
        named = [contract.platform(given, "APP") or "app", contract.platform(given, "RELEASE")]
        return psycopg.connect(
            host=self._variable("HOST"),
            port=int(self._variable("PORT")),
            dbname=self._variable("NAME"),
            user=self._variable("USER"),
            password=password,
            sslmode=given.get(contract.variable(self.noun, "SSLMODE"), "prefer"),
            connect_timeout=CONNECT_SECONDS,
            application_name=" ".join(filter(None, named)),
        )

    def _variable(self, suffix: str) -> str:
        name = contract.variable(self.noun, suffix)
        if name not in self.environment:
            noun, reads, _ = self.noun.partition("-reader")
            said = f"{noun}: read" if reads else noun
            raise LookupError(f"{name} is not set: does the service say `uses: [{said}]`?")
        return self.environment[name]


def engine(
    noun: str = "db", *, environment: Mapping[str, str] | None = None, **options: Any
) -> Engine:
    """Return an engine; ``options`` are SQLAlchemy's. Raises LookupError for a missing variable.

    Connections are tested before use (a failover leaves dead ones in the pool) and closed after
    half an hour.
    """
    from sqlalchemy import create_engine

    login = Login(noun, environment)
    defaults = {"pool_pre_ping": True, "pool_recycle": 1800}
    return create_engine("postgresql+psycopg://", creator=login.connect, **(defaults | options))


def reader(
    noun: str = "db", *, environment: Mapping[str, str] | None = None, **options: Any
) -> Engine:
    """Return an engine of the login that can only SELECT; as ``engine`` for the rest."""
    return engine(f"{noun}-reader", environment=environment, **options)


def _refused(error: psycopg.OperationalError) -> bool:
    return error.sqlstate in REFUSED or "password authentication failed" in str(error)


def _current(secret: str) -> str:
    import boto3

    found = boto3.client("secretsmanager").get_secret_value(SecretId=secret)
    return str(json.loads(found["SecretString"])["password"])
