"""`make aws`: its report has every row of the fidelity table; rows name steps that there are."""

from __future__ import annotations

from pathlib import Path

import aws
from aws import Step, World

from seatrial.rehearsal.fidelity import TABLE


def test_every_row_stands_in_the_report_with_its_result():
    """Confirmed or refuted where its step ran; not asked where none did."""
    steps = [Step("hello: deploy", "confirmed", 1), Step("notes: deploy", "refuted", 2, "why")]
    text = aws.report(steps, "123456789012")
    for row in TABLE:
        expected = {"hello: deploy": "confirmed", "notes: deploy": "refuted"}
        result = expected.get(aws.STEP_OF.get(row.what, ""), "not asked")
        assert f"| {row.what} | {result} |" in text
    assert "why" in text


def test_rows_name_steps_that_exist():
    """A row's step is one that the tool runs, or a test of tests/fidelity."""
    source = Path(aws.__file__).read_text(encoding="utf-8")
    tests = (aws.ROOT / aws.TESTS / "test_ecs.py").read_text(encoding="utf-8")
    assert aws.STEP_OF.keys() <= {row.what for row in TABLE}
    for step in set(aws.STEP_OF.values()):
        example, _, name = step.partition(": ")
        known = f'"{step}"' in source or f'"{{name}}: {name}"' in source
        assert known or f"def {name}(" in tests, step
        assert example in ("hello", "notes")


def test_nothing_begins_when_the_cap_is_reached(tmp_path):
    """A cap that pays for no time lets no step begin but the last, which destroys."""
    world = World({}, 0.4, 0.3, tmp_path)
    assert not world.run("hello: deploy", ["false"], tmp_path)
    assert world.run("hello: destroy", ["true"], tmp_path, always=True)
    assert [step.result for step in world.steps] == ["not asked", "confirmed"]
