"""AWS names: inside the limits, stable, unique."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from seatrial.resources import naming

NOUN = st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True)


@given(NOUN, NOUN, st.sampled_from(sorted(set(naming.LIMITS.values()))))
def test_two_texts_never_become_one_name(one, other, limit):
    """Different names stay different after cutting, and the same one stays the same."""
    names = [naming.fitted(f"shop-production-{noun}", limit) for noun in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    assert all(len(name) <= limit for name in names)


@given(st.text(min_size=1, max_size=80), st.integers(20, 64))
def test_any_text_becomes_a_name_aws_takes(text, limit):
    """Whatever goes in, small letters, digits and single hyphens come out."""
    name = naming.fitted(text, limit)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*|-[a-z0-9]{6}", name)
    assert len(name) <= limit


@given(st.sets(NOUN, max_size=40))
def test_slots_are_a_function_of_the_set(keys):
    """Every key has its own slot, whatever the order they come in."""
    found = naming.slots(sorted(keys), 5000)
    assert len(set(found.values())) == len(keys)
    assert found == naming.slots(sorted(keys, reverse=True), 5000)


def test_regions_have_awss_short_form():
    """Neighbouring regions have different short forms."""
    assert [
        naming.short_region(r)
        for r in ("us-east-1", "ap-south-2", "ap-southeast-2", "eu-central-1")
    ] == ["use1", "aps2", "apse2", "euc1"]
