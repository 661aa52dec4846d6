"""What a guard lets through, run in real databases by logins that can only read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import Engine, create_engine

from gold_queries import CHINOOK, DATA, gold, needs_data
from hostile_sql import STATEMENTS
from mariadb_server import mariadb
from postgres_server import make_reader, postgres
from seatrial_emulator.servers.postgres import PostgresServer
from seatrial_runtime import database, sql_guard
from seatrial_runtime.sql_guard import Guard, Limits, Query, QueryError

pytestmark = pytest.mark.slow
SECOND = Limits(seconds=1)
PAIRS = "SELECT a.n * b.n AS n FROM numbers a CROSS JOIN numbers b"
MANY = f"{PAIRS} CROSS JOIN numbers c"
TEXTS = (
    "it's",
    "a\\",
    "\\'; DROP TABLE x; -- ",
    "'' OR 1=1 --",
    "%s %(x)s :x ?",
    "ünï—✓",
    '\n\t"`$$',
)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Run PostgreSQL with a table of the owner's, and the reader that its task makes."""
    with postgres() as engine:
        engine.provide("app_owner", "o", "shop")
        engine.sql(
            "SET ROLE app_owner; CREATE SCHEMA shop;"
            "CREATE TABLE shop.orders (id serial PRIMARY KEY, total numeric);"
            "INSERT INTO shop.orders (total) VALUES (12.5);"
            "CREATE TABLE shop.numbers AS SELECT n FROM generate_series(1, 1000) n",
            "shop",
        )
        make_reader(engine, "shop", "r")
        yield engine


@pytest.fixture(scope="module")
def reading(server: PostgresServer) -> Iterator[Engine]:
    """Yield what ``uses: [db: read]`` gives."""
    given = {"HOST": str(server.data), "PORT": "5432", "NAME": "shop", "USER": "app_reader",
             "PASSWORD": "r", "SSLMODE": "disable"}  # fmt: skip
    engine = database.reader(environment={f"DB_READER_{k}": v for k, v in given.items()})
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def maria() -> Iterator[Engine]:
    """Yield an engine of MariaDB: its login can only SELECT, its mode reads SQL otherwise."""
    with mariadb() as server:
        server.sql(
            "CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop;"
            "CREATE TABLE shop.numbers AS SELECT seq AS n FROM seq_1_to_1000;"
            "CREATE USER reader@'%' IDENTIFIED BY 'r'; GRANT SELECT ON shop.* TO reader@'%';"
            "SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES'"
        )
        socket = quote(str(server.data / server.socket), safe="")
        address = f"mysql+pymysql://reader:r@localhost/shop?unix_socket={socket}&charset=utf8mb4"
        engine = create_engine(address)
        yield engine
        engine.dispose()


def answer_to(engine: Engine, sql: str, limits: Limits | None = None) -> sql_guard.Answer:
    """Return the answer to what the guard makes of a statement."""
    dialect = "postgres" if engine.dialect.name == "postgresql" else "mysql"
    return sql_guard.run(engine, Guard(dialect, schema="shop").check(sql), limits)


BOTH = pytest.mark.parametrize(
    "name", ["reading", pytest.param("maria", marks=pytest.mark.packages("mariadb-server"))]
)


@BOTH
def test_an_answer_is_cut_at_its_limits(name: str, request: pytest.FixtureRequest):
    """Rows and size end an answer, which says so, at once and whatever LIMIT the query has."""
    engine = request.getfixturevalue(name)
    whole = answer_to(engine, "SELECT n FROM numbers ORDER BY n")
    assert (len(whole.rows), whole.columns, whole.cut) == (1000, ["n"], False)
    few = Limits(rows=7, seconds=5)
    for sql in (MANY, f"{MANY} LIMIT 900000000", f"({MANY})", f"{PAIRS} UNION ALL {PAIRS}",
                f"WITH w AS ({PAIRS}) SELECT * FROM w"):  # fmt: skip
        found = answer_to(engine, sql, few)
        assert (len(found.rows), found.cut) == (7, True), sql
    assert answer_to(engine, "SELECT n FROM numbers ORDER BY n LIMIT 3 OFFSET 5", few).rows == [
        (6,), (7,), (8,)
    ]  # fmt: skip
    long = answer_to(engine, "SELECT REPEAT('x', 1000) FROM numbers", Limits(size=5500))
    assert (len(long.rows), long.cut) == (5, True)


@BOTH
def test_a_query_ends_in_time_and_the_next_one_runs(name: str, request: pytest.FixtureRequest):
    """The database ends it after its seconds and says so; nothing of its settings stays."""
    engine = request.getfixturevalue(name)
    begun = time.monotonic()
    with pytest.raises(QueryError) as raised:
        answer_to(engine, MANY.replace("a.n * b.n AS n", "SUM(SQRT(a.n * b.n * c.n))"), SECOND)
    assert time.monotonic() - begun < 5
    assert raised.value.code in ("57014", "1969"), raised.value
    assert answer_to(engine, "SELECT COUNT(*) AS n FROM numbers").rows == [(1000,)]
    with engine.connect() as connection:
        plain = connection.exec_driver_sql("SELECT n FROM shop.numbers").fetchall()
        assert len(plain) == 1000


@BOTH
def test_texts_mean_what_they_say(name: str, request: pytest.FixtureRequest):
    """Quotes, backslashes and parameters' marks come back as they went in, in any mode of SQL."""
    engine = request.getfixturevalue(name)
    for text in TEXTS:
        written = text.replace("'", "''")
        written = written if name == "reading" else written.replace("\\", "\\\\")
        assert answer_to(engine, f"SELECT '{written}', 100 % 7").rows == [(text, 2)]


@BOTH
def test_an_error_is_the_databases_and_does_not_repeat_the_statement(
    name: str, request: pytest.FixtureRequest
):
    """A model can correct its query by it."""
    with pytest.raises(QueryError, match=r"nothing|division") as raised:
        answer_to(request.getfixturevalue(name), "SELECT nothing FROM numbers WHERE n = 4711")
    assert raised.value.code in ("42703", "1054")
    assert "4711" not in str(raised.value)


@pytest.mark.packages("mariadb-server")
def test_comments_that_mariadb_executes_are_gone(maria: Engine):
    """As it was written the statement sleeps; as it runs it cannot."""
    text = "SELECT 1 /*M! + SLEEP(0.3) */ AS x /*!50000 , SLEEP(0.3) */"
    with maria.connect() as connection:
        begun = time.monotonic()
        assert len(connection.exec_driver_sql(text).one()) == 2
        assert time.monotonic() - begun > 0.5
    assert answer_to(maria, text).rows == [(1,)]


@pytest.mark.packages("mariadb-server")
def test_memory_of_a_session_has_a_limit(maria: Engine):
    """MariaDB ends what would take more."""
    grouped = "SELECT GROUP_CONCAT(a.n) AS g FROM numbers a, numbers b GROUP BY a.n, b.n"
    sql = f"SELECT COUNT(*) FROM ({grouped}) x"
    with pytest.raises(QueryError, match=r"memory|session-mem"):
        answer_to(maria, sql, Limits(memory=400_000))
    assert answer_to(maria, "SELECT COUNT(*) FROM numbers").rows == [(1000,)]


def test_without_a_guard_the_database_is_a_wall_of_its_own(server: PostgresServer, reading: Engine):
    """Each hostile statement fails at the cursor, the transaction or the login; nothing changes."""
    with psycopg.connect(host=server.data, dbname="shop", user="app_owner", password="o"):
        assert [sql for sql in STATEMENTS if passes(reading, sql)] == []
    assert server.sql("SELECT id, total FROM shop.orders", "shop") == "1|12.5"
    owner = create_engine(f"postgresql+psycopg://app_owner:o@/shop?host={server.data}")
    for level in ("READ COMMITTED", "AUTOCOMMIT"):
        engine = owner.execution_options(isolation_level=level)
        with pytest.raises(QueryError, match="read-only"):
            sql_guard.run(engine, Query("SELECT nextval('shop.orders_id_seq')", ()))
    owner.dispose()


def passes(engine: Engine, sql: str) -> bool:
    """Return whether a statement that no guard has seen runs to its end."""
    try:
        sql_guard.run(engine, Query(sql, ()), SECOND)
    except QueryError:
        return False
    return True


@needs_data
def test_gold_queries_give_the_rows_that_they_give_unguarded(server: PostgresServer):
    """Those of defog's eleven databases, and questions over Chinook."""
    found = {name for name, _ in gold("postgres")}
    scripts = {name: (DATA / f"defog/databases/{name}.sql").read_text() for name in sorted(found)}
    chinook = (DATA / "chinook" / "Chinook_PostgreSql.sql").read_text()
    scripts["chinook"] = chinook.partition("\\c chinook;")[2]
    queries = [*gold("postgres"), *(("chinook", sql) for sql in CHINOOK)]
    compared = 0
    for name, script in scripts.items():
        server.provide("app_owner", "o", name)
        server.sql("SET ROLE app_owner;" + script, name)
        make_reader(server, name, "r")
        address = f"postgresql+psycopg://app_reader:r@/{name}?host={server.data}"
        engine = create_engine(address)
        for sql in [sql for of, sql in queries if of == name]:
            compared += compare(engine, sql)
        engine.dispose()
    assert compared == len(queries) > 120


def compare(engine: Engine, sql: str) -> int:
    """Return 1 where a query's rows are the plain query's, whatever their order."""
    given = {"no_parameters": True}
    with engine.connect() as connection:
        result = connection.exec_driver_sql(sql, execution_options=given)
        columns, plain = list(result.keys()), [tuple(row) for row in result]
    answer = sql_guard.run(
        engine, Guard("postgres", schema=schema_of(sql)).check(sql), Limits(rows=10_000)
    )
    assert answer.columns == columns, sql
    assert sorted(map(shown, answer.rows)) == sorted(map(shown, plain)), sql
    return 1


def schema_of(sql: str) -> str:
    """Return the schema of a query's tables: one database has its own."""
    return "consumer_div" if "consumer_div" in sql else "public"


def shown(row: tuple[object, ...]) -> str:
    """Return a row as text; numbers alike whatever their type."""
    return repr([float(v) if isinstance(v, int | float | Decimal) else v for v in row])
