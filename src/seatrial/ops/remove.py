"""Remove: the only way in which a database or a bucket leaves an environment that goes on."""

from __future__ import annotations

from dataclasses import replace

from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError
from seatrial.events import Emit
from seatrial.model.app import App
from seatrial.ops.deploy import DeployReport, Leaving, Options, deploy
from seatrial.ops.release import record
from seatrial.ops.release.work import Place


def refuse(app: App, session: Session, noun: str) -> str:
    """Return what a noun that may leave is; raises UsageError where it may not."""
    serving = record.serving(session, app.app)
    before = record.app_of(serving, app.environment) if serving else app
    kind = "database" if noun in before.databases else "bucket" if noun in before.buckets else ""
    if noun == "users" and before.users and not app.users:
        kind = "pool of users"
    text, fix = "", ""
    if noun in app.databases or noun in app.buckets:
        text = f"`{noun}` is still in the app file"
        fix = "Take it and its uses out first: then the release without it can be made."
    elif not kind:
        text = f"no database or bucket `{noun}` serves"
        there = sorted({*before.databases, *before.buckets})
        fix = f"Name one of: {', '.join(there) or 'there is none'}."
    if text:
        raise UsageError(Problem("usage-remove", text, fix))
    return kind


def remove(app: App, place: Place, leaving: Leaving, options: Options, emit: Emit) -> DeployReport:
    """Deploy the app without a noun, and let that go: a final snapshot, an export, then its end.

    The release without it serves before anything is deleted. Raises UserError.
    """
    command = f"seatrial remove {leaving.noun}"
    return deploy(app, place, replace(options, leaving=leaving, command=command), emit)
