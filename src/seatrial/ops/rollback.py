"""Rollback: the document of an earlier release, applied on today's foundation.

Code, routes and configuration go back together; data does not (a migration stays). Nothing is
changed where the earlier release needs what is no longer there.
"""

from __future__ import annotations

import json
import re

from seatrial.cloud import registry
from seatrial.errors import Problem, UserError
from seatrial.events import Emit
from seatrial.model.app import App
from seatrial.ops import composing, deploy, pause, sites, smoke
from seatrial.ops.deploy import DeployReport, Made
from seatrial.ops.release import record, stability
from seatrial.ops.release.operation import Destination, Operation, locked_operation
from seatrial.ops.release.record import Record
from seatrial.resources.catalog import graph

_USED = re.compile(r"var\.foundation\.(\w+)\.(\w+)")


def rollback(
    app: App, place: Destination, number: int | None, emit: Emit, *, despite: bool = False
) -> DeployReport:
    """Make an earlier release serve again, the one before where no number is given.

    Raises UserError where it cannot be, or where it does not come to serve; the release that
    served is rolled back to. ``despite`` lets it be where a migration stands in the way.
    """
    with locked_operation(app, place, "seatrial rollback", emit) as work:
        wanted = _wanted(work, number)
        _refuse_missing(work, wanted)
        if not despite:
            _refuse_broken(work, wanted)
        work.app = record.app_of(wanted, app.environment)
        work.roots.graph = graph(work.app)
        work.values["images"] = wanted.images
        made = Made(
            work.next_number(),
            wanted.document,
            wanted.commit,
            wanted.migrations,
            sites=wanted.sites,
        )
        before = work.served().sites
        pause.wake(work)
        composing.compose(work, work.app)
        try:
            with work.steps.step("release"):
                work.roots.apply("release", wanted.document, work.values)
            stability.steady(work, sorted(work.app.services))
            sites.activate(work, wanted.sites, before)
            smoke.smoke(work)
        except UserError as error:
            deploy.save(work, made, "failed", back_to=wanted.number)
            deploy.put_back(work, error)
            raise
        deploy.save(work, made, "serving", back_to=wanted.number)
        return DeployReport(made.number, tuple(sorted(work.app.services)), work.steps.seconds)


def _wanted(work: Operation, number: int | None) -> Record:
    serving = work.served()
    every = record.every(work.session, work.app.app)
    good = [r for r in every if r.result == "serving"]
    if number is None:
        found = next((r for r in good if r.number < serving.number and _other(r, serving)), None)
        text = f"no other release served before release {serving.number}"
    else:
        found = next((r for r in good if r.number == number), None)
        known = any(r.number == number for r in every)
        text = f"release {number} never served" if known else f"there is no release {number}"
    if found is None:
        served = ", ".join(str(r.number) for r in good)
        raise UserError.of("release-unknown", text, f"Releases that served: {served}.")
    return found


def _other(one: Record, other: Record) -> bool:
    return (one.document, one.images, one.sites) != (other.document, other.images, other.sites)


def _refuse_missing(work: Operation, wanted: Record) -> None:
    """Refuse before anything changes: every output and every image must still be there."""
    outputs = work.values["foundation"]
    used = set(_USED.findall(json.dumps(wanted.document)))
    gone = sorted({handle for handle, name in used if name not in outputs.get(handle, {})})
    problems = [
        Problem(
            "release-foundation",
            f"release {wanted.number} needs {handle}, which is no longer there",
            "Restore its noun in the app file and deploy, or roll back to a later release.",
        )
        for handle in gone
    ]
    problems += [
        Problem(
            "release-image",
            f"the image of `{name}` of release {wanted.number} is no longer in its repository",
            "Check out the commit of that release and deploy it.",
        )
        for name, image in sorted(wanted.images.items())
        if not _there(work, image)
    ]
    if problems:
        raise UserError(*problems)


def _refuse_broken(work: Operation, wanted: Record) -> None:
    """Refuse where the database has changed since in a way that the earlier code cannot bear."""
    since = [
        text
        for found in record.every(work.session, work.app.app)
        if found.number > wanted.number and _migrated(found, wanted)
        for text in found.breaks
    ]
    if since:
        raise UserError.of(
            "release-migration",
            f"release {wanted.number} does not fit the current database: "
            + "; ".join(dict.fromkeys(since)),
            "Deploy a fixed version instead; or restore the earlier database "
            "(`seatrial restore`), then roll back with `--despite-migrations`.",
        )


def _migrated(found: Record, wanted: Record) -> bool:
    """Say whether a release's own migrations ran to their end, and are not the wanted one's."""
    ran = found.result == "serving" or "migrate" in found.seconds
    return ran and not found.back_to and found.migrations != wanted.migrations


def _there(work: Operation, image: str) -> bool:
    url, _, digest = image.partition("@")
    return registry.has(work.session, url.partition("/")[2], digest)
