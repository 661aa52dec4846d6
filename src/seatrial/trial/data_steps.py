"""Steps about data: migrations, backup and restore, new passwords and secrets."""

from __future__ import annotations

from typing import Any

from seatrial.errors import UserError
from seatrial.ops import backup as backing
from seatrial.ops import migrate as migrating
from seatrial.ops import restore as restoring
from seatrial.ops import rotate as rotating
from seatrial.rehearsal.requirements import missing_part
from seatrial.rehearsal.snapshots import Variant
from seatrial.resources.context import Context
from seatrial.trial.context import FailedError, TrialContext

Fingerprint = dict[str, Any]  # by table: the number of rows and their digest


def why_no_migration(trial: TrialContext) -> str:
    """Return why a step about migrations is skipped; empty where it is not."""
    migrates = any(service.migrate for service in trial.app.services.values())
    return "" if migrates else "no service of the app has `migrate`"


def why_no_backup(trial: TrialContext) -> str:
    """Return why the restore is skipped; empty where it is not."""
    return missing_part(trial.app, "database") or (
        "" if trial.backups else "there is no backup to restore"
    )


def why_no_generated(trial: TrialContext) -> str:
    """Return why no secret is rotated; empty where one is."""
    return "" if _generated(trial) else "the app has no generated secret"


def _generated(trial: TrialContext) -> list[str]:
    return [noun for noun, secret in sorted(trial.app.secrets.items()) if secret.generate]


def migration(trial: TrialContext) -> list[str]:
    """Run the serving release's migrations again."""
    seconds = migrating.migrate(trial.app, trial.connection, trial.emit)
    trial.wait_until_healthy()
    return [f"exit code 0 in {seconds['migrate']:.1f} s"]


def failing_migration(trial: TrialContext) -> list[str]:
    """Release an image whose migration fails; no task of it may start."""
    before = trial.serving()
    try:
        trial.deploy(Variant("with a failing migration", "exit-1", applies_to="task"))
    except UserError as error:
        codes = [problem.code for problem in error.problems]
        reported = str(error).splitlines()[0].partition(": ")[2]
    else:
        raise FailedError("the migration failed and the release was reported as a success")
    if "migration-failed" not in codes or trial.serving() != before:
        raise FailedError(f"release {trial.serving()} serves after {codes}: {reported}")
    trial.wait_until_healthy()
    return [f"reported: {reported}", f"release {before} serves"]


def backup(trial: TrialContext) -> list[str]:
    """Back up every database, and fingerprint its tables before and after."""
    found = []
    for noun in sorted(trial.app.databases):
        before = _fingerprint(trial, _instance(trial, noun))
        made = backing.backup(trial.app, trial.connection, noun, trial.emit)
        after = _fingerprint(trial, _instance(trial, noun))
        trial.backups[noun] = made.name, before, after
        rows = sum(count for count, _ in after.values())
        found.append(f"{made.name}: {len(after)} tables, {rows} rows")
    return found


def restore(trial: TrialContext) -> list[str]:
    """Drop every table, restore beside, compare, switch over."""
    found = []
    for noun, (name, before, after) in trial.backups.items():
        work, app = trial.connection, trial.app
        dropped = _call(trial, "damage", _instance(trial, noun))["dropped"]
        made = restoring.restore(app, work, noun, name, trial.emit, switch=False)
        compared = _compare(before, after, _fingerprint(trial, made.beside))
        switched = restoring.switch(app, work, noun, made.beside, trial.emit)
        seconds = trial.wait_until_healthy()
        found.append(f"{noun}: {len(dropped)} tables dropped; {compared}")
        parts = (made.seconds | switched.seconds).items()
        times = ", ".join(f"{name} {took:.1f} s" for name, took in parts)
        found.append(f"{noun}: {times}; healthy {seconds:.1f} s after the switch")
    return found


def _compare(before: Fingerprint, after: Fingerprint, restored: Fingerprint) -> str:
    """Compare with the tables before and after the backup; raises FailedError.

    Tables that did not change during the backup must be equal; of the others, the number of rows
    must lie between the two.
    """
    still = {table: found for table, found in before.items() if after.get(table) == found}
    other = [table for table, found in still.items() if restored.get(table) != found]
    moved = sorted(after.keys() - still.keys())
    other += [table for table in moved if not _between(table, before, after, restored)]
    if other:
        raise FailedError("the restored data differs from the backup in " + ", ".join(other))
    rows = sum(count for count, _ in still.values())
    note = (
        f"; {len(moved)} written to during the backup, with plausible row counts" if moved else ""
    )
    return f"{len(still)} tables equal, {rows} rows{note}"


def _between(table: str, before: Fingerprint, after: Fingerprint, restored: Fingerprint) -> bool:
    nothing = (0, "")
    counts = sorted((before.get(table, nothing)[0], after[table][0]))
    return bool(counts[0] <= restored.get(table, nothing)[0] <= counts[1])


def rotate_secrets(trial: TrialContext) -> list[str]:
    """Give every generated secret a new value."""
    return [_rotate(trial, noun) for noun in _generated(trial)]


def rotate_passwords(trial: TrialContext) -> list[str]:
    """Give every database a new password."""
    return [_rotate(trial, noun) for noun in sorted(trial.app.databases)]


def _rotate(trial: TrialContext, noun: str) -> str:
    report = rotating.rotate(trial.app, trial.connection, noun, None, trial.emit)
    trial.wait_until_healthy()
    return f"{noun}: restarted {', '.join(report.restarted) or 'nothing'}"


def _instance(trial: TrialContext, noun: str) -> str:
    return Context(trial.app).name("database", noun)


def _fingerprint(trial: TrialContext, instance: str) -> Fingerprint:
    return _call(trial, "fingerprint", instance)


def _call(trial: TrialContext, command: str, instance: str) -> dict[str, Any]:
    answer = trial.rehearsal.call(command, instance=instance)
    if "error" in answer:
        raise FailedError(f"{command} {instance}: {answer['error']}")
    return answer
