"""``${name.attribute}``: leads to an attribute that exists, of a noun the service uses."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model import composed
from seatrial.model.app import KINDS, App, wherever
from seatrial.model.finding import Finding, Path, nearest
from seatrial.model.kind import Kind
from seatrial.model.reference import Malformed, Reference, parts, references
from seatrial.model.service import KIND as SERVICES
from seatrial.model.service import Service

APP = ("url", "name", "env")  # attributes of the app itself


def check(app: App) -> Iterator[Finding]:
    """Yield references that lead nowhere or cannot stand where they stand."""
    for name, service in app.services.items():
        path: Path = ("services", name)
        for key, value in service.env.items():
            yield from _value(app, service, value, (*path, "env", key), env=True)
        for field in ("command", "migrate"):
            for word in getattr(service, field) or ():
                yield from _value(app, service, word, (*path, field), env=False)
    for name, job in app.jobs.items():
        if job.service in app.services:
            for word in job.command:
                yield from _value(
                    app, app.services[job.service], word, ("jobs", name, "command"), env=False
                )


def _value(app: App, service: Service, text: str, path: Path, *, env: bool) -> Iterator[Finding]:
    found = parts(text)
    inside = env and len(found) > 1 and any(composed.is_secret(app, r) for r in references(text))
    for part in found:
        if isinstance(part, Malformed):
            yield Finding(
                "appfile-reference",
                path,
                f"`{part.text}` is not a reference",
                "Write `${name.attribute}`, or `$${` for a literal `${`.",
            )
        elif isinstance(part, Reference):
            yield from _reference(app, service, part, path, env=env)
            if inside and not composed.fits(app, part):
                yield Finding(
                    "appfile-reference",
                    path,
                    f"`{part}` cannot stand in one text with a secret",
                    "Beside text may stand what a database says of itself, and secrets of one "
                    "value that the app has made. Give this a variable of its own, and join the "
                    "two in the program.",
                )


def _reference(
    app: App, service: Service, reference: Reference, path: Path, *, env: bool
) -> Iterator[Finding]:
    kind = app.kind_of(reference.name)
    attributes = (*(APP if reference.name == "app" else ()), *(kind.attributes if kind else ()))
    if not attributes:
        names = [name for kind in KINDS if kind.attributes for name in kind.names(app)]
        yield Finding(
            "appfile-reference",
            path,
            f"`{reference}` names an unknown noun",
            nearest(reference.name, [*names, "app"]),
            (path, *wherever(reference.name)),
        )
        return
    if reference.attribute not in attributes:
        yield Finding(
            "appfile-reference",
            path,
            f"`{reference.name}` has no attribute `{reference.attribute}`",
            nearest(reference.attribute, attributes),
        )
        return
    if kind is None or (reference.name == "app" and reference.attribute in APP):
        return
    yield from _allowed(app, service, reference, path, kind)
    if reference.attribute in kind.secret and not env:
        yield Finding(
            "appfile-reference",
            path,
            f"`{reference}` is a secret value and cannot be part of a command",
            f'Make it the value of an `env` entry: `NAME: "{reference}"`.',
        )


def _allowed(
    app: App, service: Service, reference: Reference, path: Path, kind: Kind
) -> Iterator[Finding]:
    if kind is SERVICES:
        called = app.services[reference.name]
        if reference.attribute == "url" and called.public is None:
            yield Finding(
                "appfile-reference",
                path,
                f"`{reference.name}` is not public",
                f"Write `${{{reference.name}.internal_url}}`, or make it public.",
                (path, ("services", reference.name, "public")),
            )
        if called is service:
            yield from _itself(reference, service, path)
            return
    used = {use.name for use in service.uses}
    if reference.attribute not in kind.open and reference.name not in used:
        yield Finding(
            "appfile-reference",
            path,
            f"`{reference}` needs `{reference.name}` in `uses`",
            f"Add `{reference.name}` to this service's `uses`.",
            (path, (*path[:2], "uses")),
        )


def _itself(reference: Reference, service: Service, path: Path) -> Iterator[Finding]:
    """A service has no way to itself but the public one: nothing in the VPC leads back."""
    if reference.attribute not in SERVICES.open:
        port = f":{service.port}" if service.port else ""
        yield Finding(
            "appfile-reference",
            path,
            f"`{reference}` is the service itself, and a service cannot call itself so",
            f"Within one task write `http://localhost{port}`; `PORT` is its port.",
        )
