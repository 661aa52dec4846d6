"""The tree of a statement: parsed, held against what is allowed, its tables given their schema."""

from __future__ import annotations

from typing import NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from seatrial_runtime.sql import allowed
from seatrial_runtime.sql.allowed import Dialect, RefusedError


def parsed(text: str, dialect: Dialect) -> exp.Expr:
    """Return the tree of one SELECT that holds nothing but what is allowed; raises RefusedError."""
    tree = _only(text, dialect)
    for node in tree.walk():
        _allow(node, dialect)
    return tree


def text(tree: exp.Expr, dialect: Dialect) -> str:
    """Return a tree as SQL, without comments; raises RefusedError."""
    try:
        return tree.sql(dialect, comments=False, unsupported_level=ErrorLevel.RAISE)
    except Exception:
        _refuse("it is not SQL that this database understands")


def placed(tree: exp.Expr, dialect: Dialect, schema: str) -> set[str]:
    """Give each table without a schema this one, and return the whole names; raises RefusedError.

    Names of WITH clauses stay as they are.
    """
    found = set()
    for table in [table for table in tree.find_all(exp.Table) if not _is_own(table, dialect)]:
        if not isinstance(table.this, exp.Identifier) or table.catalog:
            _refuse(f"`{_short(table, dialect)}` is not in this database")
        if not table.db:
            table.set("db", exp.to_identifier(schema, quoted=True))
        found.add(_whole(table, dialect))
    return found


def limited(sql: str, rows: int) -> str:
    """Return a SELECT of MySQL that gives at most so many rows."""
    tree = sqlglot.parse_one(sql, dialect="mysql")
    limit = tree.args.get("limit")
    if not (isinstance(limit, exp.Limit) and _at_most(limit.expression, rows)):
        tree.set("limit", exp.Limit(expression=exp.Literal.number(rows)))
    return text(tree, "mysql")


def _refuse(why: str) -> NoReturn:
    raise RefusedError(why)


def _only(written: str, dialect: Dialect) -> exp.Expr:
    if len(written) > allowed.LONGEST:
        _refuse(f"a statement has at most {allowed.LONGEST:,} characters")
    if "\0" in written or not _is_unicode(written):
        _refuse("it holds characters that no database takes")
    try:
        trees = [tree for tree in sqlglot.parse(written, dialect=dialect) if not _is_empty(tree)]
    except Exception:  # text that it does not know leads it to AttributeError, RecursionError too
        _refuse("it is not SQL that can be understood")
    if len(trees) != 1:
        _refuse("one statement is expected" if trees else "there is no statement")
    (tree,) = trees
    if not isinstance(tree, exp.Query):
        _refuse("only SELECT is allowed")
    return tree


def _is_empty(tree: exp.Expr | None) -> bool:
    """Return whether there is nothing between two semicolons, or a comment."""
    return tree is None or isinstance(tree, exp.Semicolon)


def _is_unicode(written: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in written)


def _allow(node: exp.Expr, dialect: Dialect) -> None:
    """Return if a node is allowed; raises RefusedError."""
    kind = type(node).__name__
    if isinstance(node, exp.Anonymous):
        fine = node.name.lower() in allowed.UNTYPED[dialect]
    elif isinstance(node, exp.Func):
        fine = kind in allowed.FUNCTIONS and (kind not in allowed.FILLING or _fills_little(node))
    elif isinstance(node, exp.DataType):
        fine = isinstance(node.this, exp.Interval) or _type(node) in allowed.TYPES
    elif isinstance(node, exp.Column):
        fine = bool(node.table) or node.this.args.get("quoted") or not _is_word(node)
    else:
        fine = kind in allowed.SYNTAX
    if not fine:
        _refuse(f"`{_short(node, dialect)}` is not allowed in a query")


def _type(node: exp.DataType) -> str:
    """Return the name of one of sqlglot's types; of a catalog's (regclass), or one made, none."""
    kind = node.this
    return str(kind.name) if isinstance(kind, exp.DataType.Type) else ""


def _fills_little(node: exp.Func) -> bool:
    return _at_most(node.args.get(allowed.FILLING[type(node).__name__]), allowed.FILLED)


def _at_most(node: object, most: int) -> bool:
    """Return whether a node is a whole number up to one."""
    if not isinstance(node, exp.Literal) or node.is_string:
        return False
    digits = node.name  # thousands of them are more than int() takes
    return digits.isdecimal() and len(digits) < 19 and int(digits) <= most


def _is_word(column: exp.Column) -> bool:
    return column.name.lower() in allowed.WORDS


def _short(node: exp.Expr, dialect: Dialect) -> str:
    """Return how a node is written, for a message: its beginning, or its kind."""
    try:
        written = node.sql(dialect, comments=False)
    except Exception:
        written = ""
    return (written or type(node).__name__.upper())[:60].strip()


def _whole(table: exp.Table, dialect: Dialect) -> str:
    """Return a table's name with its schema; raises RefusedError for one of the system."""
    schema, name = (_stored(part, dialect) for part in (table.args["db"], table.this))
    own = (schema.lower(), name.lower()) if dialect == "postgres" else (schema.lower(),)
    if schema.lower() in allowed.SYSTEM or any(part.startswith("pg_") for part in own):
        _refuse(f"`{table.sql(dialect)}` belongs to the database system")
    return f"{schema}.{name}"


def _is_own(table: exp.Table, dialect: Dialect) -> bool:
    """Return whether it is no table of the database: a function, or the name of a WITH clause.

    Seen are the clauses of the statements around it; from inside of a clause, those before it, and
    itself where it is recursive.
    """
    if table.db:  # a function in a schema may be anybody's, whatever its name
        return False
    if isinstance(table.this, exp.Func):
        return True
    inner: exp.Expr = table
    while (outer := inner.parent) is not None:
        if _stored(table.this, dialect) in _seen(inner, outer, dialect):
            return True
        inner = outer
    return False


def _seen(inner: exp.Expr, outer: exp.Expr, dialect: Dialect) -> set[str]:
    """Return the names of the WITH clauses that a node sees in the node around it."""
    clauses: list[exp.Expr] = []
    if isinstance(outer, exp.With):
        before = outer.expressions.index(inner)
        clauses = outer.expressions[: before + bool(outer.args.get("recursive"))]
    elif isinstance(given := outer.args.get("with_"), exp.With) and given is not inner:
        clauses = given.expressions
    return {_stored(clause.args["alias"].this, dialect) for clause in clauses}


def _stored(name: exp.Expr, dialect: Dialect) -> str:
    """Return a name as the database stores it: PostgreSQL folds what is not quoted."""
    folded = dialect == "postgres" and not name.args.get("quoted")
    return name.name.lower() if folded else name.name
