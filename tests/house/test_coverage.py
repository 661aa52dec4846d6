"""The coverage page and the tests name each other: a row its tests, a test its row's marker."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import coverage_page
import measure

ROOT = Path(__file__).parents[2]


def marked() -> Iterator[tuple[int, str]]:
    """Yield the number of each marker `G...` in the tests, with the test that it stands on."""
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "examples").glob("*/tests/test_*.py")]
    for path in files:
        tree = measure.parsed(path)
        of = {
            decorator: node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            for decorator in node.decorator_list
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (number := re.fullmatch(r"G(\d+)", node.attr)):
                where = of[node].name if node in of else f"line {node.lineno}: not on a test"
                yield int(number[1]), f"{path.relative_to(ROOT)}::{where}"


def test_every_demand_of_the_guides_has_its_row():
    """G1 to G57, each once, in order."""
    assert [row.g for row in coverage_page.rows()] == list(range(1, 58))


def test_a_row_says_what_does_it_or_what_is_missing():
    """Keys or commands stand where there is a test; a row without one says what there is not."""
    for row in coverage_page.rows():
        assert bool(row.does) == bool(row.tests), row.g
        assert row.tests or row.missing, row.g


def test_rows_and_markers_are_the_same():
    """Each test that a row names is there with the row's marker, and no other test has it."""
    named = {(row.g, test) for row in coverage_page.rows() for test in row.tests}
    found = set(marked())
    assert named - found == set(), "a row names a test that is not there, or has no marker"
    assert found - named == set(), "a marker stands on a test that its row does not name"
