"""Why a service does not serve: its task's end, its health checks, its last lines.

Each failing health check has a cause and a fix of its own: refused, closed, another code, silence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from seatrial.cloud import health_checks, logs, services
from seatrial.cloud.health_checks import FailingCheck
from seatrial.cloud.session import Session
from seatrial.diagnosis import catalogue
from seatrial.errors import Problem
from seatrial.model.app import App
from seatrial.model.service import Service

LINES = 12
STARTED = 8.0  # seconds after which a program that does not listen yet is reported
ANSWERS = 2.0  # seconds after which an answer that is not wanted is reported
SURE = 5.0  # seconds after which what is seen of a program will not change by waiting
_LOOPBACK = ("127.", "::1:")


@dataclass(frozen=True)
class Cause:
    """Why health checks fail; ``certain`` where no waiting will help, ``task`` where known."""

    text: str
    fix: str
    certain: bool = False
    task: str = ""


def cause(session: Session, app: App, cluster: str, service: services.Service) -> Problem:
    """Return why a service does not serve, what its last task wrote, and what to do about it."""
    name = service.name
    text = f"service `{name}` is not healthy: "
    ended = _last_ended(session, cluster, service)
    if service.unplaced:
        why = Cause(service.unplaced[0], "")
    elif ended and not ended.unhealthy:
        why = Cause(end(ended), "")
    else:
        why = _check(session, app, service) or Cause(end(ended) if ended else "", "")
    text += why.text or _targets(session, service)
    task = why.task or (ended.arn if ended and not service.unplaced else "")
    if task and (output := last_lines(session, app.app, name, task, LINES)):
        text += "\n  its last lines:\n" + "\n".join(f"    {line}" for line in output)
    return Problem("service-failed", text, why.fix or _fix(text, name), f"services.{name}")


def health(session: Session, app: App, service: services.Service) -> list[Cause]:
    """Return why health checks of a service's newest tasks fail, the same cause once."""
    if service.name not in app.services or not service.groups:
        return []
    given = app.services[service.name]
    newest = service.deployments[0].id if service.deployments else ""
    found = [
        explain(check, service.name, given)
        for check in health_checks.failing(session, service.groups, newest)
    ]
    return list({cause.text: cause for cause in found if cause}.values())


def end(task: services.Stopped) -> str:
    """Return how a task ended, in ECS's words."""
    code = f" (exit code {task.exit_code})" if task.exit_code is not None else ""
    return f"{task.reason}{code}"


def last_lines(session: Session, app: str, name: str, task: str, count: int) -> list[str]:
    """Return the last lines that a service's task wrote; ``task`` is its ARN."""
    stream = logs.stream(name, name, task.rsplit("/", 1)[-1])
    return logs.tail(session, f"/{app}/{session.target.environment}/{name}", stream, count)


def _last_ended(
    session: Session, cluster: str, service: services.Service
) -> services.Stopped | None:
    current = {deployment.id for deployment in service.deployments}
    ended = services.stopped(session, cluster, service.name)
    return next((task for task in reversed(ended) if task.deployment in current), None)


def _check(session: Session, app: App, service: services.Service) -> Cause | None:
    return next(iter(health(session, app, service)), None)


def _targets(session: Session, service: services.Service) -> str:
    why = [reason for g in service.groups for reason in services.healthy(session, g)[1]]
    return why[0] if why else "its tasks did not become healthy in time"


def _fix(text: str, name: str) -> str:
    if "health checks" in text.lower():
        return (
            f"Answer 200 at services.{name}.health on the port it names, listening on 0.0.0.0, "
            "or name the right path or port."
        )
    return (
        catalogue.fix_of(text, name)
        or f"Fix what the last lines report; `seatrial logs` has all of {name}'s."
    )


def explain(check: FailingCheck, name: str, service: Service) -> Cause | None:
    """Return the cause of a failing check of the service ``name``; None while it may be too early.

    Without a look at the program the balancer's own verdict has come late enough.
    """
    found = _explain(check, name, service)
    return found and replace(found, task=check.task)


def _explain(check: FailingCheck, name: str, service: Service) -> Cause | None:
    match check.failure:
        case "code" if not check.seen or check.seconds >= ANSWERS:
            return _code(check, name, service)
        case "silent" if not check.seen or check.seconds >= STARTED:
            return _silent(check, name, service)
        case "closed" if check.seconds >= STARTED:
            return _closed(check, name)
        case "refused":
            return _refused(check, name, service)
    return None


def _code(check: FailingCheck, name: str, service: Service) -> Cause:
    path, key, found = service.health.path, f"services.{name}.health", check.answers
    text = f"GET {path} on port {check.port} answers {check.codes}"
    answer = f"Answer {service.health.codes} at {path}"
    # A program that is not ready yet may say 503, never that the path is another one.
    sure = check.seconds >= SURE and check.codes[:1] in ("3", "4") and check.codes != "429"
    if check.codes.startswith("3"):
        return _redirect(Cause(text, answer, sure), key, found)
    if found:
        fix = f"Set {key} to `{found}`, or a{answer[1:]}."
        return Cause(f"{text}; `{found}` answers as wanted", fix, sure)
    if check.codes == "400":
        hosts = "the checks' Host header is the task's address: allow it (Django: ALLOWED_HOSTS)"
        return Cause(f"{text}; {hosts}", f"{answer}, or name another path in {key}.")
    return Cause(text, f"{answer}, name another path in {key}, or add the code to {key}.codes.")


def _redirect(cause: Cause, key: str, location: str) -> Cause:
    there = urlsplit(location)
    text = f"{cause.text}, a redirect" + (f" to `{location}`" if location else "")
    if there.scheme == "https":
        fix = "without a redirect to HTTPS (Django: SECURE_REDIRECT_EXEMPT)"
        return Cause(text, f"{cause.fix} {fix}, or name another path in {key}.", cause.certain)
    named = f"set {key} to `{there.path}`" if there.path else f"name another path in {key}"
    return Cause(text, f"{cause.fix} itself, or {named}.", cause.certain)


def _silent(check: FailingCheck, name: str, service: Service) -> Cause:
    health = service.health
    return Cause(
        f"GET {health.path} on port {check.port} gets no answer within {health.timeout} s",
        f"Answer sooner there, raise services.{name}.health.timeout, or raise "
        f"services.{name}.health.grace ({health.grace} s) if the program is still starting.",
    )


def _closed(check: FailingCheck, name: str) -> Cause:
    return Cause(
        f"connections to port {check.port} are closed without an HTTP answer",
        f"Let the program speak HTTP on services.{name}.port, without TLS: the load balancer ends "
        "it.",
    )


def _refused(check: FailingCheck, name: str, service: Service) -> Cause | None:
    port, grace = check.port, service.health.grace
    same = [place for place in check.listens if place.endswith(f":{port}")]
    sure = check.seconds >= SURE
    if same and all(place.startswith(_LOOPBACK) for place in same):
        text = f"the program listens on {same[0]}, where only its own task reaches it"
        return Cause(text, f"Let it listen on 0.0.0.0:{port} (often `--host 0.0.0.0`).", sure)
    if same:
        return None  # it began to listen after this check
    if check.listens:
        others = sorted({int(place.rsplit(":", 1)[1]) for place in check.listens})
        listed = ", ".join(map(str, others))
        text = f"nothing listens on port {port}; the program listens on port {listed}"
        fix = f"Set services.{name}.port to {others[0]}, or let the program listen on {port}."
        return Cause(text, fix, sure)
    if not check.seen:
        return Cause(
            f"connections to port {port} are refused or closed",
            f"Let the program listen on 0.0.0.0:{port}, or set services.{name}.port to the port it "
            f"listens on. If it starts slowly, raise services.{name}.health.grace ({grace} s).",
        )
    if check.seconds < STARTED:
        return None
    return Cause(
        f"nothing listens on port {port} yet, {check.seconds:.0f} s after the start",
        f"If the program is still starting, raise services.{name}.health.grace ({grace} s); else "
        f"let it listen on 0.0.0.0:{port}.",
    )
