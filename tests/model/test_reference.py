"""References inside values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.model.reference import Malformed, Reference, parts


def test_references_and_literals_are_distinguished():
    """``${db.host}`` is a reference, ``$${`` a literal, anything else malformed."""
    assert parts("a-${db.host}/$${x}") == ("a-", Reference("db", "host"), "/${x}")
    assert parts("${Db.host}") == (Malformed("${Db.host}"),)
    assert parts("${open") == (Malformed("${"), "open")
    assert parts("") == ("",)
    assert parts("cost: $5 {x}") == ("cost: $5 {x}",)


@given(st.text())
def test_escaped_text_stays_itself(text):
    """Text whose ``${`` are doubled is one literal, equal to the text."""
    escaped = text.replace("${", "$${")
    found = parts(escaped)
    if "$$${" not in escaped:  # a dollar before an escape is a dollar
        assert "".join(str(part) for part in found) == text
