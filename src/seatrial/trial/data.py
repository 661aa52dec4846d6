"""Steps about data: migrations, backup and restore, new passwords and secrets."""

from __future__ import annotations

from typing import Any

from seatrial.errors import UserError
from seatrial.ops import backup as backing
from seatrial.ops import migrate as migrating
from seatrial.ops import restore as restoring
from seatrial.ops import rotate as rotating
from seatrial.rehearsal.snapshots import Variant
from seatrial.rehearsal.up import lacks
from seatrial.resources.context import Context
from seatrial.trial.stage import FailedError, Stage

Print = dict[str, Any]  # rows and their digest by table


def no_migration(stage: Stage) -> str:
    """Say why a step about migrations is skipped."""
    migrates = any(service.migrate for service in stage.app.services.values())
    return "" if migrates else "no service of the app has `migrate`"


def no_backup(stage: Stage) -> str:
    """Say why the restore is skipped."""
    return lacks(stage.app, "database") or (
        "" if stage.backups else "there is no backup to restore"
    )


def no_generated(stage: Stage) -> str:
    """Say why no secret is rotated."""
    return "" if _generated(stage) else "the app has no secret that is generated"


def _generated(stage: Stage) -> list[str]:
    return [noun for noun, secret in sorted(stage.app.secrets.items()) if secret.generate]


def migration(stage: Stage) -> list[str]:
    """Run the serving release's migrations again."""
    seconds = migrating.migrate(stage.app, stage.desk, stage.emit)
    stage.until_well()
    return [f"exit code 0 in {seconds['migrate']:.1f} s"]


def failing_migration(stage: Stage) -> list[str]:
    """Release an image whose migration fails; nothing of it may come to serve."""
    before = stage.serving()
    try:
        stage.deploy(Variant("with a failing migration", "exit-1", bites="task"))
    except UserError as error:
        codes = [problem.code for problem in error.problems]
        said = str(error).splitlines()[0].partition(": ")[2]
    else:
        raise FailedError("the migration failed and the release was called a success")
    if "migration-failed" not in codes or stage.serving() != before:
        raise FailedError(f"release {stage.serving()} serves after {codes}: {said}")
    stage.until_well()
    return [f"told: {said}", f"release {before} serves"]


def backup(stage: Stage) -> list[str]:
    """Back every database up; what did not change meanwhile is remembered."""
    found = []
    for noun in sorted(stage.app.databases):
        before = _print(stage, _instance(stage, noun))
        made = backing.backup(stage.app, stage.desk, noun, stage.emit)
        after = _print(stage, _instance(stage, noun))
        stage.backups[noun] = made.name, before, after
        rows = sum(count for count, _ in after.values())
        found.append(f"{made.name}: {len(after)} tables, {rows} rows")
    return found


def restore(stage: Stage) -> list[str]:
    """Drop every table, restore beside, compare, switch over."""
    found = []
    for noun, (name, before, after) in stage.backups.items():
        place, app = stage.desk, stage.app
        dropped = _asked(stage, "damage", _instance(stage, noun))["dropped"]
        made = restoring.restore(app, place, noun, name, stage.emit, switch=False)
        compared = _compare(before, after, _print(stage, made.beside))
        switched = restoring.switch(app, place, noun, made.beside, stage.emit)
        seconds = stage.until_well()
        found.append(f"{noun}: {len(dropped)} tables dropped; {compared}")
        parts = (made.seconds | switched.seconds).items()
        reported = ", ".join(f"{name} {took:.1f} s" for name, took in parts)
        found.append(f"{noun}: {reported}; well {seconds:.1f} s after the switch")
    return found


def _compare(before: Print, after: Print, restored: Print) -> str:
    """Compare with what was there before and after the backup; raises FailedError.

    What stood still meanwhile must be equal; of the rest, as many rows as then.
    """
    still = {table: found for table, found in before.items() if after.get(table) == found}
    other = [table for table, found in still.items() if restored.get(table) != found]
    moved = sorted(after.keys() - still.keys())
    other += [table for table in moved if not _between(table, before, after, restored)]
    if other:
        raise FailedError("restored otherwise than backed up: " + ", ".join(other))
    rows = sum(count for count, _ in still.values())
    note = f"; {len(moved)} written to meanwhile, their rows as many as then" if moved else ""
    return f"{len(still)} tables equal, {rows} rows{note}"


def _between(table: str, before: Print, after: Print, restored: Print) -> bool:
    nothing = (0, "")
    counts = sorted((before.get(table, nothing)[0], after[table][0]))
    return bool(counts[0] <= restored.get(table, nothing)[0] <= counts[1])


def rotate_secrets(stage: Stage) -> list[str]:
    """Give every generated secret a new value."""
    return [_rotate(stage, noun) for noun in _generated(stage)]


def rotate_passwords(stage: Stage) -> list[str]:
    """Give every database a new password."""
    return [_rotate(stage, noun) for noun in sorted(stage.app.databases)]


def _rotate(stage: Stage, noun: str) -> str:
    report = rotating.rotate(stage.app, stage.desk, noun, None, stage.emit)
    stage.until_well()
    return f"{noun}: restarted {', '.join(report.restarted) or 'nobody'}"


def _instance(stage: Stage, noun: str) -> str:
    return Context(stage.app).name("database", noun)


def _print(stage: Stage, instance: str) -> Print:
    return _asked(stage, "fingerprint", instance)


def _asked(stage: Stage, do: str, instance: str) -> dict[str, Any]:
    answer = stage.place.ask(do, instance=instance)
    if "error" in answer:
        raise FailedError(f"{do} {instance}: {answer['error']}")
    return answer
