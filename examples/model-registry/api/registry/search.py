"""Search by regular expression over names and READMEs; no expression can make it slow.

RE2 takes time in proportion to the text, never exponential: it has no look-around and no
back-references, and an expression with one is refused. Its own memory is bounded as well.
"""

from __future__ import annotations

import re2
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import RefusedError
from registry.tables import Artifact

LONGEST = 1000  # characters of an expression
MOST = 1000  # artifacts of one answer
BATCH = 200  # rows in memory at once


def compiled(expression: str) -> object:
    """Return an expression ready to search; raises RefusedError 400."""
    if len(expression) > LONGEST:
        raise RefusedError(400, f"an expression has at most {LONGEST} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise RefusedError(400, "not a regular expression that RE2 knows") from error


def matching(db: Session, expression: str) -> list[Artifact]:
    """Return the artifacts whose name or README an expression finds, oldest first."""
    pattern = compiled(expression)
    columns = (Artifact.id, Artifact.name, Artifact.type, Artifact.readme)
    rows = select(*columns).where(Artifact.state == "ready").order_by(Artifact.number)
    found = []
    for row in db.execute(rows.execution_options(yield_per=BATCH)):
        if pattern.search(row.name) or pattern.search(row.readme):
            found.append(row)
            if len(found) == MOST:
                break
    return found
