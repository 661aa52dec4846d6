"""The guard alone: what it lets through, as what, and what it says of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from gold_queries import CHINOOK, DATA, gold, needs_data
from hostile_sql import STATEMENTS
from seatrial_runtime import sql_guard
from seatrial_runtime.sql import allowed
from seatrial_runtime.sql_guard import Dialect, RefusedError

SHOP = {
    "postgres": sql_guard.Guard("postgres", schema="shop", tables=["shop.orders", "shop.Odd"]),
    "mysql": sql_guard.Guard("mysql", schema="shop", tables=["shop.orders", "shop.Odd"]),
}
ANYTHING = {
    "postgres": sql_guard.Guard("postgres", schema="shop"),
    "mysql": sql_guard.Guard("mysql", schema="shop"),
}
# What PostgreSQL's reader login lets through, and what a parser takes for something else.
POSTGRES = """
SELECT a::regclass FROM orders
SELECT 'pg_authid'::pg_catalog.regclass
SELECT '1'::mood
SELECT * FROM pg_authid
SELECT * FROM public.PG_SHADOW
SELECT * FROM pg_catalog.pg_roles
SELECT * FROM "information_schema".tables
SELECT * FROM other.shop.orders
SELECT version()
SELECT current_user
SELECT current_role
SELECT user
SELECT current_catalog
SELECT current_setting('data_directory')
SELECT set_config('statement_timeout', '0', false)
SELECT pg_advisory_lock(1)
SELECT 1 WHERE EXISTS (SELECT pg_sleep(5))
SELECT pg_catalog.pg_sleep(1)
SELECT evil.lower('x')
SELECT * FROM evil.generate_series(1, 2)
SELECT * FROM ts_stat('SELECT 1')
SELECT * FROM dblink('', 'SELECT 1') AS t(a int)
SELECT repeat('x', 1000000000)
SELECT lpad('x', 1000 * 1000)
SELECT rpad('x', 99999999999999999999)
SELECT repeat('x', '1000000')
SELECT 5 OPERATOR(evil.+) 3
SELECT $1
SELECT %s
SELECT * FROM orders FOR SHARE
SELECT * FROM orders WINDOW w AS (PARTITION BY pg_sleep(1))
SELECT * FROM orders LIMIT (SELECT pg_sleep(1))
VALUES (pg_sleep(1))
SHOW ALL
TABLE pg_authid
"""
MYSQL = """
SELECT SLEEP(10)
SELECT BENCHMARK(1000000000, MD5('x'))
SELECT GET_LOCK('a', 10)
SELECT LOAD_FILE('/etc/passwd')
SELECT * FROM orders INTO OUTFILE '/tmp/taken'
SELECT 1 INTO @x
SELECT @@version
SELECT @x := 1
SELECT USER()
SELECT DATABASE()
SELECT VERSION()
SELECT LAST_INSERT_ID(7)
SELECT EXTRACTVALUE('<a/>', '/a')
SELECT evil.f(1)
SELECT /*+ SET_VAR(max_execution_time = 0) */ 1
SELECT * FROM mysql.user
SELECT * FROM Information_Schema.tables
SELECT * FROM orders PROCEDURE ANALYSE()
SELECT * FROM orders LOCK IN SHARE MODE
SELECT 1; DROP TABLE orders
SELECT '\\\\'; DROP TABLE orders; -- '
HANDLER orders OPEN
DO SLEEP(1)
CALL p()
"""
REFUSED = [("postgres", sql) for sql in (*STATEMENTS, *POSTGRES.strip().splitlines())]
REFUSED += [("mysql", sql) for sql in MYSQL.strip().splitlines()]


def refusal(guard: sql_guard.Guard, sql: str) -> str:
    """Return why a statement may not run."""
    with pytest.raises(RefusedError) as raised:
        guard.check(sql)
    return str(raised.value)


@pytest.mark.parametrize(("dialect", "sql"), REFUSED)
def test_hostile_statements_are_refused_whatever_tables_are_allowed(dialect: str, sql: str):
    """No list of tables is needed for it: the guard that knows none refuses each of them."""
    assert refusal(ANYTHING[dialect], sql)


@pytest.mark.parametrize(
    ("dialect", "sql", "runs"),
    [
        ("mysql", "SELECT 1 /*!50000 , SLEEP(9) */ /*M! , SLEEP(9) */", "SELECT 1"),
        ("mysql", "SELECT 1 -- x\n;-- y", "SELECT 1"),
        ("mysql", r"SELECT 'a\'b', \"c'd\"".replace(r"\"", '"'), "SELECT 'a''b', 'c''d'"),
        ("postgres", "TABLE orders", 'SELECT * FROM "shop".orders'),
        ("postgres", 'SELECT a FROM ORDERS, "Odd"', 'SELECT a FROM "shop".ORDERS, "shop"."Odd"'),
        ("postgres", r"SELECT '\', 1", r"SELECT '\', 1"),
        (
            "postgres",
            "WITH Mine AS (SELECT 1) SELECT * FROM mine",
            "WITH Mine AS (SELECT 1) SELECT * FROM mine",
        ),
    ],
)
def test_what_runs_is_what_was_understood(dialect: str, sql: str, runs: str):
    """Comments are gone, also those that MySQL executes, and each table has its schema."""
    assert SHOP[dialect].check(sql).sql == runs


@pytest.mark.parametrize(
    ("dialect", "sql", "table"),
    [
        ("postgres", "SELECT * FROM customers", "shop.customers"),
        ("postgres", "SELECT * FROM odd", "shop.odd"),
        ("postgres", 'SELECT * FROM "Orders"', "shop.Orders"),
        ("mysql", "SELECT * FROM Orders", "shop.Orders"),
        ("mysql", "SELECT * FROM other.orders", "other.orders"),
        ("postgres", "SELECT (SELECT max(x) FROM secret) FROM orders", "shop.secret"),
        ("postgres", "WITH a AS (SELECT * FROM a) SELECT * FROM a", "shop.a"),
        (
            "mysql",
            "WITH RECURSIVE a AS (TABLE b), b AS (SELECT 1) SELECT * FROM a",
            "shop.b",
        ),
        ("postgres", "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a", "shop.a"),
        ("postgres", "WITH a AS (SELECT 1) SELECT * FROM shop.a", "shop.a"),
    ],
)
def test_tables_that_are_not_named_are_refused_by_their_whole_name(
    dialect: str, sql: str, table: str
):
    """Names fold as the database folds them; a WITH clause hides a table only where it is seen."""
    assert refusal(SHOP[dialect], sql) == f"there is no table `{table}` here"
    assert table in ANYTHING[dialect].check(sql).tables


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("", "there is no statement"),
        ("-- nothing", "there is no statement"),
        ("EXPLAIN SELECT 1", "only SELECT is allowed"),
        ("SELECT DATE_ADD(dt, ->> INTERVAL 1 MONTH)", "it is not SQL that can be understood"),
        ("SELECT FROM WHERE", "it is not SQL that can be understood"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "it is not SQL that can be understood"),
        ("SELECT '" + "x" * 20_000 + "'", "a statement has at most 20,000 characters"),
        ("SELECT '\0'", "it holds characters that no database takes"),
        ("SELECT '\ud800'", "it holds characters that no database takes"),
        ("SELECT 1; SELECT 2", "one statement is expected"),
        ("SELECT pg_sleep(1)", "`PG_SLEEP(1)` is not allowed in a query"),
    ],
)
def test_a_refusal_says_why(sql: str, why: str):
    """Whatever the text is, the answer is a sentence that its writer can act on."""
    assert refusal(SHOP["postgres"], sql) == why
    assert refusal(SHOP["mysql"], sql) == why


def test_every_name_that_is_allowed_is_one_of_the_parsers():
    """A slip in a list would refuse what it means to allow."""
    assert [n for n in allowed.SYNTAX | allowed.FUNCTIONS if not hasattr(exp, n)] == []
    assert set(exp.DataType.Type.__members__) >= allowed.TYPES
    assert set(allowed.FILLING) <= allowed.FUNCTIONS


@needs_data
@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_queries_that_people_wrote_pass(dialect: Dialect):
    """All 120 and more gold queries, and questions over Chinook."""
    queries = list(gold(dialect)) + [("public", q) for q in CHINOOK if dialect == "postgres"]
    assert len(queries) > 120, DATA
    for schema, sql in queries:
        guard = sql_guard.Guard(dialect, schema=schema)
        once = guard.check(sql)
        assert guard.check(once.sql) == once


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
LITERALS = st.one_of(
    st.integers(0, 10**9).map(str),
    st.sampled_from(["NULL", "TRUE", "1.5", "DATE '2024-02-29'", "CURRENT_DATE"]),
    TEXTS.map(lambda text: "'" + text.replace("'", "''").replace("\\", "") + "'"),
)
FORMS = st.sampled_from(
    [
        "{0} + {1}", "({0}) * {1}", "-({0})", "{0} = {1}", "NOT ({0} < {1})", "{0} IS NULL",
        "{0} IN ({1}, 2)", "{0} BETWEEN {1} AND 3", "COALESCE({0}, {1})", "CONCAT({0}, {1})",
        "CASE WHEN {0} THEN {1} ELSE 0 END", "CAST({0} AS DECIMAL(10, 2))", "COUNT(DISTINCT {0})",
        "SUM({0}) OVER (PARTITION BY {1} ORDER BY id)", "{0} LIKE {1}", "LOWER(TRIM({0}))",
        "{0} IN (SELECT id FROM orders WHERE total > {1})", "EXTRACT(YEAR FROM {0})",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(LITERALS, st.sampled_from(["id", "o.total", "TOTAL"])),
    lambda inner: st.builds(lambda form, a, b: f"({form.format(a, b)})", FORMS, inner, inner),
    max_leaves=8,
)
SELECTS = st.builds(
    "SELECT {} AS x, o.* FROM orders o {} JOIN orders p ON o.id = p.id WHERE {}".format,
    VALUES,
    st.sampled_from(["", "LEFT", "CROSS"]),
    VALUES,
)
QUERIES = st.one_of(
    SELECTS,
    st.builds("WITH c AS ({}) SELECT * FROM c ORDER BY {} DESC LIMIT 7".format, SELECTS, VALUES),
    st.builds("{} UNION ALL {}".format, SELECTS, SELECTS),
    st.builds("SELECT MAX(x) FROM ({}) q GROUP BY x HAVING {}".format, SELECTS, VALUES),
)


@settings(deadline=None)
@given(dialect=st.sampled_from(["postgres", "mysql"]), sql=QUERIES)
def test_what_was_regenerated_is_accepted_again_and_stays_the_same(dialect: str, sql: str):
    """A query of ordinary parts passes; what it became passes too, as itself."""
    once = SHOP[dialect].check(sql)
    assert SHOP[dialect].check(once.sql) == once
    assert once.tables == ("shop.orders",)


@settings(deadline=None)
@given(dialect=st.sampled_from(["postgres", "mysql"]), text=st.text(max_size=60))
def test_any_text_is_a_query_or_is_refused(dialect: str, text: str):
    """Nothing else is raised, whatever the text is."""
    for sql in (text, "SELECT " + text):
        try:
            ANYTHING[dialect].check(sql)
        except RefusedError as error:
            assert str(error)
