"""`uses: [db: read]`: a login that can only SELECT; PostgreSQL refuses it everything else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest

from hostile_sql import STATEMENTS
from postgres_server import make_reader, postgres
from seatrial.errors import AppFileError
from seatrial.model.app import App
from seatrial.resources import reader
from seatrial.resources.catalog import graph
from seatrial_emulator.servers.postgres import PostgresServer

Make = Callable[..., App]
HEAD = "app: shop\nregion: us-east-1\n"
API = "services: {api: {build: ./api, command: run, port: 8000, public: /, uses: [%s]}}\n"
DB = "databases: {db: {}}\n"
DATABASE = "shop"


def given(app: App) -> dict[str, set[str]]:
    """Return the names of the api's variables and secrets, and what its execution role reads."""
    made = graph(app)
    (container,) = (
        made.by_address["aws_ecs_task_definition", "api"].body["container_definitions"].value
    )
    reads = {
        r.name.removeprefix("api_execution_")
        for r in made.resources
        if r.type == "aws_iam_role_policy" and r.name.startswith("api_execution_db")
    }
    return {k: {row["name"] for row in container[k]} for k in ("environment", "secrets")} | {
        "reads": reads
    }


def test_a_reader_gets_its_own_login_and_secret_alone(app: Make):
    """Variables begin with DB_READER; the owner's secret is not granted; both may be there."""
    alone = given(app(HEAD + API % "db: read" + DB))
    assert alone["secrets"] == {"DB_READER_PASSWORD", "DB_READER_URL"}
    assert alone["reads"] == {"db_reader"}
    assert "DB_READER_USER" in alone["environment"]
    assert "DB_HOST" not in alone["environment"]
    both = given(app(HEAD + API % "db, {db: read}" + DB))
    assert both["reads"] == {"db", "db_reader"}
    assert both["secrets"] >= {"DB_PASSWORD", "DB_READER_PASSWORD", "DATABASE_URL"}


def test_passwords_are_in_no_definition(app: Make):
    """The task that makes the login takes the owner's password and the reader's pending one."""
    made = graph(app(HEAD + API % "db: read" + DB))
    (container,) = (
        made.by_address["aws_ecs_task_definition", "db_reader"].body["container_definitions"].value
    )
    last = {row["name"]: row["valueFrom"].parts[-1] for row in container["secrets"]}
    assert last == {"PGPASSWORD": ":password::", "READER_PASSWORD": ":password:AWSPENDING:"}
    assert "PASSWORD" not in json.dumps([row["name"] for row in container["environment"]])


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        (API % "db: read" + "databases: {db: mysql}", "appfile-use", "databases.db"),
        (
            "network: {outbound: endpoints}\n" + API % "db: read" + DB,
            "appfile-use",
            "databases.db",
        ),
        (API % "db: read" + DB + "secrets: {db-reader: {}}", "appfile-name-twice", "databases.db"),
        (
            API.replace("uses:", "env: {X: '${db.url}'}, uses:") % "db: read" + DB,
            "appfile-reference",
            "services.api.env.X",
        ),
        (API % "db: read, db: read" + DB, "appfile-use", "services.api.uses"),
    ],
)
def test_a_login_that_cannot_be_made_is_refused(app: Make, text: str, code: str, key: str):
    """MySQL, no way to the image, a name that is taken, the owner's values, the same use twice."""
    with pytest.raises(AppFileError) as raised:
        app(HEAD + text.replace("[db: read, db: read]", "[{db: read}, {db: read}]"))
    assert [(p.code, p.key) for p in raised.value.problems] == [(code, key)]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Run PostgreSQL with a table of the owner's, and the reader made as the task makes it."""
    with postgres() as engine:
        engine.provide("app_owner", "o", DATABASE)
        with login(engine, "app_owner", "o") as owner:
            owner.execute("CREATE SCHEMA shop")
            owner.execute("CREATE TABLE shop.orders (id serial PRIMARY KEY, total numeric)")
            owner.execute("INSERT INTO shop.orders (total) VALUES (12.5)")
        make_reader(engine, DATABASE, "first")
        yield engine


def login(engine: PostgresServer, user: str, password: str) -> psycopg.Connection:
    """Return a connection that commits each statement by itself."""
    here = {"host": str(engine.data), "dbname": DATABASE, "user": user, "password": password}
    return psycopg.connect(**here, autocommit=True)  # type: ignore[arg-type]


def test_the_reader_reads_what_is_there_and_what_comes(server: PostgresServer):
    """Tables from before and after, in new schemas too; the login may be made anew."""
    with login(server, "app_owner", "o") as owner:
        owner.execute("CREATE SCHEMA later")
        owner.execute("CREATE TABLE later.notes AS SELECT 7 AS x")
    make_reader(server, DATABASE, "second")
    with pytest.raises(psycopg.OperationalError):
        login(server, reader.USER, "first")
    with login(server, reader.USER, "second") as connection:
        assert connection.execute("SELECT total FROM shop.orders").fetchall() == [(12.5,)]
        assert connection.execute("SELECT x FROM later.notes").fetchall() == [(7,)]


def test_hostile_statements_are_refused_by_the_database(server: PostgresServer):
    """Each one fails at the login itself, and nothing is changed by any of them."""
    make_reader(server, DATABASE, "r")
    with login(server, "app_owner", "o") as owner:
        owner.execute("ALTER ROLE app_reader SET statement_timeout = '1s'")  # for pg_sleep
        through = [sql for sql in STATEMENTS if not refused(server, sql)]
        assert through == []
        assert len(STATEMENTS) >= 40
        assert owner.execute("SELECT id, total FROM shop.orders").fetchall() == [(1, 12.5)]


def refused(server: PostgresServer, sql: str) -> bool:
    """Return whether a statement, or one of several, ends in an error of the server."""
    with login(server, reader.USER, "r") as connection:
        try:
            connection.execute(sql)  # type: ignore[arg-type]
        except psycopg.Error:
            return True
    return False
