"""Composing: texts with a secret inside are put together and kept, before anything reads them.

Also those of the release that serves, so that it can be rolled back to.
"""

from __future__ import annotations

import json

from seatrial.cloud import secrets
from seatrial.errors import UserError
from seatrial.model.app import App
from seatrial.model.composed import texts
from seatrial.model.reference import Reference, parts
from seatrial.ops.release import record
from seatrial.ops.release.operation import Operation
from seatrial.resources import composed
from seatrial.resources.graph import Ref
from seatrial.terraform.document import handle


def compose(work: Operation, wanted: App | None = None) -> None:
    """Write every service's texts where one has changed; raises UserError for a missing value.

    ``wanted`` is the app that a release is being made of.
    """
    apps = [wanted] if wanted else []
    if work.serving is not None:
        apps.insert(0, record.app_of(work.serving, work.app.environment))
    found: dict[str, dict[str, str]] = {}
    for app in apps:
        for name, service in app.services.items():
            if _there(work, name):
                found.setdefault(name, {}).update(_of(work, app, texts(app, service)))
    for name, values in found.items():
        if values:
            _keep(work, composed.address(name), values)


def _there(work: Operation, service: str) -> bool:
    """A service has a container for its texts once a deploy has made it."""
    return handle(Ref(composed.SECRET, composed.address(service))) in work.values["foundation"]


def _of(work: Operation, app: App, given: dict[str, str]) -> dict[str, str]:
    return {
        composed.key(name, text): "".join(
            _value(work, app, part) if isinstance(part, Reference) else str(part)
            for part in parts(text)
        )
        for name, text in given.items()
    }


def _value(work: Operation, app: App, reference: Reference) -> str:
    kind = app.kind_of(reference.name)
    if kind is None:  # the app itself
        return app.app if reference.attribute == "name" else app.environment
    found = secrets.value(work.session, work.secret(reference.name))
    if found is None:
        raise UserError.of(
            "secret-missing",
            f"`{reference}` has no value yet",
            f"Set it: `seatrial secret set {reference.name}`.",
        )
    key = kind.inside(app, reference.name, reference.attribute)
    return str(json.loads(found[0])[key]) if key else found[0]


def _keep(work: Operation, address: str, values: dict[str, str]) -> None:
    arn, text = work.secret(address), json.dumps(values, sort_keys=True)
    now = secrets.value(work.session, arn)
    if now is None or now[0] != text:
        secrets.put(work.session, arn, text)
