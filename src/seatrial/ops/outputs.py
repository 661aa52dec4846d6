"""Outputs: every address and name of what was deployed, by the app file's nouns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.cloud.session import Session
from seatrial.errors import Problem, UsageError
from seatrial.model.app import App
from seatrial.model.finding import nearest
from seatrial.ops import smoke
from seatrial.ops.release.operation import none_serves
from seatrial.ops.release.roots import Roots
from seatrial.resources.catalog import KINDS
from seatrial.resources.context import Context
from seatrial.resources.graph import Address, Joined, Ref
from seatrial.resources.kind import ResourceKind, Value

Attributes = Mapping[Address, Mapping[str, Any]]
PAGES = ("sign_in_url", "url")  # what a browser opens; the last one wins


def outputs(app: App, session: Session) -> dict[str, dict[str, str]]:
    """Return what each noun is reached by: `{noun: {attribute: value}}`, the app's own first.

    No value of a secret is among them. Raises UserError where nothing was deployed.
    """
    roots = Roots(session, app.app, lambda _: None)
    attributes = roots.attributes()
    if not attributes:
        raise none_serves(app)
    context = Context(app)
    address = smoke.address(app, session.target, roots.outputs())
    found = {"app": {"url": address} if address else {}}
    for kind in KINDS:
        for name in kind.of.names(app):
            values = noun(context, kind, name, attributes)
            values |= _rehearsed(session, kind, name, values)
            if values:
                found.setdefault(name, {}).update(values)
    return {name: values for name, values in found.items() if values}


def noun(context: Context, kind: ResourceKind, name: str, attributes: Attributes) -> dict[str, str]:
    """Return the attributes of one noun that are deployed and no secret."""
    found = {}
    for attribute in kind.of.attributes:
        closed = attribute in kind.of.open and not _is_public(context, kind, name)
        if closed or attribute in kind.of.secret:
            continue
        try:
            value = kind.attribute(context, name, attribute)
        except LookupError:  # a service without a port has no address
            continue
        if text := resolved(value, attributes):
            found[attribute] = text
    return found


def _is_public(context: Context, kind: ResourceKind, name: str) -> bool:
    """Say whether the internet reaches a noun: a site always, a service where it says so."""
    one = getattr(context.app, kind.of.section)[name]
    return bool(getattr(one, "public", True))


def _rehearsed(
    session: Session, kind: ResourceKind, name: str, values: Mapping[str, str]
) -> dict[str, str]:
    """Return the address that stands for a public one in a rehearsal, where no name resolves."""
    fronts, front = session.target.fronts, session.target.front
    if not front or "url" not in kind.of.open or "url" not in values:
        return {}
    base = fronts.get(name) or fronts.get("main", front)
    path = "" if name in fronts else "/" + values["url"].partition("://")[2].partition("/")[2]
    return {"url": base + path.rstrip("/")}


def resolved(value: Value, attributes: Attributes) -> str:
    """Return a value with everything that it points at; empty where that is not deployed."""
    parts = value.parts if isinstance(value, Joined) else (value,)
    found = [_part(part, attributes) for part in parts]
    return "".join(found) if all(found) else ""


def _part(part: object, attributes: Attributes) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Ref):
        return str(attributes.get(part.address, {}).get(part.attribute, ""))
    return ""


def address(found: Mapping[str, Mapping[str, str]], name: str) -> str:
    """Return the public address of a noun, or of the app; raises UsageError where it has none."""
    pages = {title: row[key] for title, row in found.items() for key in PAGES if key in row}
    if name not in pages:
        raise UsageError(
            Problem(
                "usage-output",
                f"`{name}` has no address that a browser could open",
                nearest(name, pages, "Make a service `public`, or add a site."),
            )
        )
    return pages[name]
