"""The smoke test: every public service answers at the app's real address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import takewhile
from typing import Any

from seatrial.cloud import web
from seatrial.cloud.waiting import until
from seatrial.errors import Problem, UserError
from seatrial.model.app import App
from seatrial.model.service import Service
from seatrial.model.trial import Request
from seatrial.ops.release.operation import Operation
from seatrial.resources.context import Context
from seatrial.resources.edge import has_address, has_public, own_url, public_url
from seatrial.resources.graph import Joined, Ref
from seatrial.target import Target
from seatrial.terraform.document import handle

NO_ROUTE = "Not found"  # the listener's default action (resources/edge.py)
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
    """Ask every public service through the address, then the app's own read-only requests.

    Raises UserError with every answer that is not the expected one.
    """
    base = own(work.app, work.session.target, work.values["foundation"])
    if not base:
        return
    with work.steps.step("smoke test"):
        problems = [*_services(work, base), *_requests(work)]
    if problems:
        raise UserError(*problems)


def _services(work: Operation, base: str) -> Iterator[Problem]:
    for name, service in sorted(work.app.services.items()):
        if not service.public:
            continue
        where = path(service)
        health = where == service.health.path
        expected = partial(_is_one, service.health.codes) if health else _is_reached
        if why := _wrong(work, Request(path=where), base + where, expected):
            yield Problem(
                "deploy-smoke",
                f"`{name}` has healthy tasks, but {base}{where} answers: {why}",
                "Check the service's `public` paths and the edge in front of it.",
                f"services.{name}.public",
            )


def _requests(work: Operation) -> Iterator[Problem]:
    """Ask what `trial.requests` begins with and only reads.

    The first that writes would leave something in the app, and those after it may need that.
    """
    base = address(work.app, work.session.target, work.values["foundation"])
    reading = takewhile(lambda r: r.method in ("GET", "HEAD"), work.app.trial.requests)
    for number, wanted in enumerate(reading if base else ()):
        why = _wrong(work, wanted, base + wanted.path, partial(_is_expected, wanted))
        if why:
            yield Problem(
                "deploy-smoke",
                f"{wanted.method} {base}{wanted.path} answers: {why}, and not {wanted.status}"
                + (f" with {wanted.contains!r}" if wanted.contains else ""),
                "Fix the release, or the request's expected answer.",
                f"trial.requests.{number}",
            )


def _is_one(codes: str, answer: web.Answer) -> bool:
    """Return whether a status is one of a health check's codes: ``200,204`` or ``200-299``."""
    for part in codes.split(","):
        first, _, last = part.partition("-")
        if int(first) <= answer.status <= int(last or first):
            return True
    return False


def _is_reached(answer: web.Answer) -> bool:
    """Return whether the service itself answered; a balancer without a route for it says this."""
    return 0 < answer.status < 500 and (answer.status, answer.text) != (404, NO_ROUTE)


def _is_expected(wanted: Request, answer: web.Answer) -> bool:
    return answer.status == wanted.status and wanted.contains in answer.text


def path(service: Service) -> str:
    """Return what is asked of a public service: its health where that is public, else its path."""
    prefixes = service.public.path if service.public else ()
    inside = any(service.health.path.startswith(prefix.rstrip("/") + "/") for prefix in prefixes)
    return service.health.path if inside else next(iter(prefixes), "/")


def _wrong(work: Operation, wanted: Request, url: str, right: Callable[[web.Answer], bool]) -> str:
    """Return the last answer of a request that is never answered rightly, else nothing."""
    last = ""

    def answered() -> bool | None:
        nonlocal last
        answer = web.ask(url, wanted.method, wanted.headers)
        last = f"{answer.status} {answer.why}".strip() if answer.status else answer.why
        return True if right(answer) else None

    return "" if until(work.session, answered, 2, PATIENCE / work.session.target.pace) else last
