"""Remove: the only way in which a database or a bucket leaves an environment that goes on."""

from __future__ import annotations

from dataclasses import replace

from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError
from seatrial.events import Emit
from seatrial.model.app import App
from seatrial.ops.deploy import DeployReport, Leaving, Options, deploy
from seatrial.ops.release import record
from seatrial.ops.release.operation import Destination
from seatrial.resources.catalog import KINDS


def refuse(app: App, session: Session, noun: str) -> str:
    """Return what a noun that may leave is; raises UsageError where it may not."""
    serving = record.serving(session, app.app)
    before = record.app_of(serving, app.environment) if serving else app
    kinds = [kind for kind in KINDS if kind.holds]
    kind = next((k for k in kinds if noun in k.of.names(before)), None)
    text, fix = "", ""
    if any(noun in k.of.names(app) for k in kinds):
        text = f"`{noun}` is still in the app file"
        fix = "Take it and its uses out first: then the release without it can be made."
    elif kind is None:
        text = f"nothing that holds data is called `{noun}`"
        there = sorted(name for k in kinds for name in k.of.names(before))
        fix = f"Name one of: {', '.join(there) or 'there is none'}."
    if kind is None or text:
        raise UsageError(Problem("usage-remove", text, fix))
    return next(iter(kind.holds.values())).removeprefix("the ")


def remove(
    app: App, place: Destination, leaving: Leaving, options: Options, emit: Emit
) -> DeployReport:
    """Deploy the app without a noun, and let that go: a final snapshot, an export, then its end.

    The release without it serves before anything is deleted. Raises UserError.
    """
    command = f"seatrial remove {leaving.noun}"
    return deploy(app, place, replace(options, leaving=leaving, command=command), emit)
