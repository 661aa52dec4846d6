"""Questions' SQL as people wrote it, of public data beside the checkout; none of it is copied here.

defog-ai's questions and databases (Apache-2.0) and Chinook (its own licence, like MIT).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import ROOT

DATA = Path(ROOT).parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="needs the public data in ../shared")
# A question over Chinook of each kind, as an analyst writes them; names as PostgreSQL's script has.
CHINOOK = (
    """SELECT ar.name, count(*) AS albums FROM artist ar JOIN album al USING (artist_id)
       GROUP BY ar.name HAVING count(*) > 3 ORDER BY albums DESC, 1""",
    """WITH spent AS (SELECT customer_id, sum(total) AS total FROM invoice GROUP BY 1)
       SELECT c.country, round(avg(s.total), 2) FROM spent s JOIN customer c USING (customer_id)
       GROUP BY c.country ORDER BY 2 DESC, 1""",
    """SELECT date_trunc('month', invoice_date)::date AS month, sum(total),
       sum(sum(total)) OVER (ORDER BY date_trunc('month', invoice_date)) FROM invoice
       GROUP BY date_trunc('month', invoice_date) ORDER BY 1""",
    """WITH RECURSIVE chain AS (SELECT employee_id, reports_to, 0 AS depth FROM employee
       WHERE reports_to IS NULL UNION ALL SELECT e.employee_id, e.reports_to, depth + 1
       FROM employee e JOIN chain c ON e.reports_to = c.employee_id)
       SELECT * FROM chain ORDER BY 1""",
    """SELECT name, milliseconds / 60000.0 AS minutes FROM track WHERE name ILIKE '%love%'
       AND genre_id IN (SELECT genre_id FROM genre WHERE name <> 'Rock')
       ORDER BY track_id LIMIT 20""",
    """SELECT DISTINCT ON (billing_country) billing_country, total FROM invoice
       ORDER BY billing_country, total DESC, invoice_id""",
    """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total), count(*) FILTER (WHERE total > 5),
       string_agg(DISTINCT billing_country, ', ' ORDER BY billing_country) FROM invoice""",
    "SELECT name FROM genre EXCEPT SELECT name FROM media_type ORDER BY 1",
)


def gold(dialect: str) -> Iterator[tuple[str, str]]:
    """Yield a database's name and one statement."""
    for file in sorted((DATA / "defog" / "questions").glob(f"*_{dialect}.csv")):
        with file.open(newline="") as rows:
            for row in csv.DictReader(rows):
                for sql in filter(str.strip, row["query"].split(";")):
                    yield row["db_name"], _filled(sql)


def _filled(sql: str) -> str:
    """Return a statement with its choices of columns, ``{a, b}``, and ``{}``, the same again."""
    chosen = re.search(r"\{(.+?)\}", sql)
    return re.sub(r"\{.*?\}", chosen[1] if chosen else "", sql)
