"""What a task finds in its environment: plain variables, and secrets that ECS injects."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.model.composed import texts
from seatrial.model.reference import Reference, parts
from seatrial.model.rules.references import APP
from seatrial.resources import composed, edge
from seatrial.resources.context import Context
from seatrial.resources.graph import Expr, Joined, Ref
from seatrial.resources.kind import Value
from seatrial_runtime import contract


@dataclass(frozen=True)
class Environment:
    """Plain variables, and variables whose value ECS reads from a secret."""

    plain: dict[str, Value]
    secret: dict[str, Value]


def image(context: Context, name: str) -> str | Expr:
    """Return a service's image: always a repository and a digest."""
    build = context.build_of(name)
    return Expr(f'var.images["{build}"]') if build else str(context.app.services[name].image)


def release_id(context: Context, name: str) -> str | Expr:
    """Return twelve characters of the image's digest; they change exactly when the image does."""
    build = context.build_of(name)
    if build:
        return Expr(f'substr(var.images["{build}"], -64, 12)')
    _, _, digest = str(context.app.services[name].image).partition("@sha256:")
    return digest[:12] or "unpinned"  # only in files of `generate`: a deploy knows the digest


def of(context: Context, name: str) -> Environment:
    """Return the environment of a service's tasks, migrations and jobs."""
    service = context.app.services[name]
    said = (context.app.app, context.app.environment, release_id(context, name))
    own: dict[str, Value] = dict(zip(contract.PLAIN, said, strict=True))
    plain = {f"{contract.PREFIX}{key}": value for key, value in own.items()} | own
    plain["AWS_REGION"] = context.app.region
    if service.port is not None:
        plain["PORT"] = str(service.port)
    if edge.has_address(context):
        plain["PUBLIC_URL"] = edge.public_url(context)
    secret: dict[str, Value] = {}
    for use, kind in context.used(service):
        for given in kind.of.variables(context.app, use):
            value = kind.attribute(context, use.name, given.attribute)
            (secret if given.secret else plain)[given.name] = value
    inside = texts(context.app, service)
    for key, text in service.env.items():
        _add_value(context, key, text, plain, secret)
        if key in inside:
            plain.pop(key)
            secret[key] = composed.part(name, key, text)
    return Environment(plain, secret)


def _add_value(
    context: Context,
    key: str,
    text: str,
    plain: dict[str, Value],
    secret: dict[str, Value],
) -> None:
    plain.pop(key, None)
    secret.pop(key, None)
    found = parts(text)
    if len(found) == 1 and isinstance(found[0], Reference):
        kind = context.kind_of(found[0].name)
        if kind and found[0].attribute in kind.of.secret:
            secret[key] = kind.attribute(context, found[0].name, found[0].attribute)
            return
    plain[key] = resolved(context, text)


def resolved(context: Context, text: str) -> Value:
    """Return a value of the app file with its references put in; the rest stays literal text."""
    found: list[str | Ref | Expr] = []
    for part in parts(text):
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, Reference):
            value = _attribute(context, part)
            found.extend(value.parts if isinstance(value, Joined) else [value])
    if all(isinstance(part, str) for part in found):
        return "".join(str(part) for part in found)
    return Joined(tuple(found))


def _attribute(context: Context, reference: Reference) -> Value:
    noun, attribute = reference.name, reference.attribute
    if noun == "app" and attribute in APP:  # a service may have this name too
        values: dict[str, Value] = {
            "name": context.app.app,
            "env": context.app.environment,
        }
        return values.get(attribute) or edge.public_url(context)
    kind = context.kind_of(noun)
    if kind is None:
        raise LookupError(f"{reference} leads to nothing")
    return kind.attribute(context, noun, attribute)
