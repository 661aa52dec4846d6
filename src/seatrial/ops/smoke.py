"""The smoke test: every public service answers at the app's real address."""

from __future__ import annotations

from typing import Any

from seatrial.cloud import web
from seatrial.cloud.waiting import until
from seatrial.errors import Problem, UserError
from seatrial.model.app import App
from seatrial.model.service import Service
from seatrial.ops.release.operation import Operation
from seatrial.resources.context import Context
from seatrial.resources.edge import has_address, has_public, own_url, public_url
from seatrial.resources.graph import Joined, Ref
from seatrial.target import Target
from seatrial.terraform.document import handle

PATIENCE = 90.0  # seconds; a new name takes a while to be known everywhere


def address(app: App, target: Target, outputs: dict[str, Any]) -> str:
    """Return where the app answers; empty where nothing of it is public, or not yet there."""
    context = Context(app)
    if not has_address(context):
        return ""
    return target.front or _whole(public_url(context), outputs)


def own(app: App, target: Target, outputs: dict[str, Any]) -> str:
    """Return where the services answer, which is not the app's address where that is a site's."""
    context = Context(app)
    if not has_public(context):
        return ""
    return target.fronts.get("main", target.front) or _whole(own_url(context), outputs)


def _whole(url: Joined, outputs: dict[str, Any]) -> str:
    parts = [_part(part, outputs) for part in url.parts]
    return "".join(parts) if all(parts) else ""


def _part(part: object, outputs: dict[str, Any]) -> str:
    if not isinstance(part, Ref):
        return str(part)
    return str(outputs.get(handle(part), {}).get(part.attribute, ""))


def smoke(work: Operation) -> None:
    """Ask every public service once through the address; raises UserError with the answers."""
    base = own(work.app, work.session.target, work.values["foundation"])
    paths = {name: path(s) for name, s in sorted(work.app.services.items()) if s.public}
    if not base or not paths:
        return
    with work.steps.step("smoke test"):
        wrong = {name: _wrong(work, base + where) for name, where in paths.items()}
    problems = [
        Problem(
            "deploy-smoke",
            f"`{name}` has healthy tasks, but {base}{paths[name]} answers: {why}",
            "Check the service's `public` paths and the edge in front of it.",
            f"services.{name}.public",
        )
        for name, why in wrong.items()
        if why
    ]
    if problems:
        raise UserError(*problems)


def path(service: Service) -> str:
    """Return what is asked of a public service: its health where that is public, else its path."""
    prefixes = service.public.path if service.public else ()
    inside = any(service.health.path.startswith(prefix.rstrip("/") + "/") for prefix in prefixes)
    return service.health.path if inside else next(iter(prefixes), "/")


def _wrong(work: Operation, url: str) -> str:
    last = ""

    def answered() -> bool | None:
        nonlocal last
        status, why = web.status(url)
        last = f"{status} {why}".strip() if status else why
        return True if 0 < status < 500 else None

    return "" if until(work.session, answered, 2, PATIENCE / work.session.target.pace) else last
