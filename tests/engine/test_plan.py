"""Plans, read from Terraform's JSON."""

from __future__ import annotations

from seatrial.engine.plan import Change, parse


def row(actions: list[str], **change: object) -> dict[str, object]:
    """Return one resource change as Terraform writes it."""
    return {
        "type": "aws_db_instance",
        "name": "db",
        "mode": "managed",
        "change": {"actions": actions, **change},
    }


def test_replacement_names_what_forces_it():
    """A replacement is one change and carries its reasons."""
    found = parse(
        {
            "resource_changes": [
                row(
                    ["delete", "create"],
                    before={"identifier": "a"},
                    after={"identifier": "b"},
                    replace_paths=[["identifier"]],
                )
            ]
        }
    )
    assert found.changes == (
        Change("aws_db_instance", "db", "replace", ("identifier",), ("identifier",)),
    )


def test_nothing_to_do_is_no_change():
    """No-ops and reads are left out."""
    assert parse({"resource_changes": [row(["no-op"]), row(["read"])]}).changes == ()
