"""The editors' schema."""

from __future__ import annotations

from seatrial.appfile.schema import schema


def test_schema_accepts_short_forms_and_forbids_unknown_keys():
    """Short forms and units are accepted, unknown keys are not."""
    document = schema()
    assert document["additionalProperties"] is False
    health = document["$defs"]["Health"]["anyOf"]
    assert {"type": ["string", "number"]} in health or {"type": "string"} in health
    assert "environments" in document["properties"]
    assert "environment" not in document["properties"]
