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
from seatrial.ops import deploy, record, settle
from seatrial.ops.deploy import DeployReport
from seatrial.ops.record import Record
from seatrial.ops.work import Place, Work, opened

_USED = re.compile(r"var\.foundation\.(\w+)\.(\w+)")


def rollback(app: App, place: Place, number: int | None, emit: Emit) -> DeployReport:
    """Make an earlier release serve again, the one before where no number is given.

    Raises UserError where it cannot be, or where it does not come to serve; the release that
    served is put back then.
    """
    with opened(app, place, "seatrial rollback", emit) as work:
        wanted = _wanted(work, number)
        _refuse_missing(work, wanted)
        work.app = record.app_of(wanted, app.environment)
        work.values["images"] = wanted.images
        made = work.next_number()
        try:
            with work.steps.step("release"):
                work.roots.apply("release", wanted.document, work.values)
            settle.steady(work, sorted(work.app.services))
        except UserError as error:
            deploy.save(work, made, "failed", wanted.document, back_to=wanted.number)
            deploy.put_back(work, error)
            raise
        deploy.save(work, made, "serving", wanted.document, back_to=wanted.number)
        return DeployReport(made, tuple(sorted(work.app.services)), work.steps.seconds)


def _wanted(work: Work, number: int | None) -> Record:
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
    return (one.document, one.images) != (other.document, other.images)


def _refuse_missing(work: Work, wanted: Record) -> None:
    """Refuse before anything changes: every output and every image must still be there."""
    outputs = work.values["foundation"]
    used = set(_USED.findall(json.dumps(wanted.document)))
    gone = sorted({handle for handle, name in used if name not in outputs.get(handle, {})})
    problems = [
        Problem(
            "release-foundation",
            f"release {wanted.number} needs {handle}, which is no longer there",
            "Put its noun back into the app file and deploy, or roll back to a later release.",
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


def _there(work: Work, image: str) -> bool:
    url, _, digest = image.partition("@")
    return registry.has(work.session, url.partition("/")[2], digest)
