"""What a task finds in its environment: plain variables, and secrets that ECS injects."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.model.reference import Reference, parts
from seatrial.model.service import Use
from seatrial.resources import cache, database, edge, users
from seatrial.resources.context import Context
from seatrial.resources.graph import Expr, Joined, Ref, joined
from seatrial_runtime import contract

Value = str | Ref | Joined | Expr


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
    return str(context.app.services[name].image)[-64:-52]


def of(context: Context, name: str) -> Environment:
    """Return the environment of a service's tasks, migrations and jobs."""
    service = context.app.services[name]
    plain: dict[str, Value] = {
        "APP": context.app.app,
        "ENVIRONMENT": context.app.environment,
        "AWS_REGION": context.app.region,
        "RELEASE": release_id(context, name),
    }
    if service.port is not None:
        plain["PORT"] = str(service.port)
    if edge.has_address(context):
        plain["PUBLIC_URL"] = edge.public_url(context)
    secret: dict[str, Value] = {}
    for use in service.uses:
        _add_use(context, use, plain, secret)
    for key, text in service.env.items():
        _add_value(context, key, text, plain, secret)
    return Environment(plain, secret)


def _part(noun: str, key: str = "") -> Value:
    arn = Ref("aws_secretsmanager_secret", noun, "arn")
    return joined(arn, f":{key}::") if key else arn


def _add_use(context: Context, use: Use, plain: dict[str, Value], secret: dict[str, Value]) -> None:
    noun, name = use.name, contract.variable
    match context.app.kind_of(noun):
        case "databases":
            for suffix in contract.DATABASE_PLAIN:
                plain[name(noun, suffix)] = database.attribute(context, noun, suffix.lower())
            for suffix, key in contract.DATABASE_SECRET.items():
                secret[name(noun, suffix)] = _part(noun, key)
            if len(context.app.databases) == 1:
                secret["DATABASE_URL"] = _part(noun, "url")
            if use.access == "live":
                plain[name(noun, "SECRET_ARN")] = _part(noun)
        case "buckets":
            plain[name(noun, "BUCKET")] = Ref("aws_s3_bucket", noun, "bucket")
        case "secrets":
            keys = context.app.secrets[noun].keys
            for key in keys:
                secret[name(noun, key.upper())] = _part(noun, key)
            if not keys:
                secret[name(noun)] = _part(noun)
            if use.access == "live":
                plain[name(noun, "ARN")] = _part(noun)
        case "services":
            plain[name(noun, "URL")] = internal_url(context, noun)
        case "caches":
            plain[name(noun, "URL")] = cache.url(noun)
        case "queues":
            plain[name(noun, "URL")] = Ref("aws_sqs_queue", noun, "url")
        case "users":
            for key in contract.USERS:
                attribute = key.removeprefix("USERS_").lower()
                plain[key] = users.attribute(context, attribute)
        case _:
            pass


def internal_url(context: Context, service: str) -> Joined:
    """Return the address at which other services reach this one."""
    host = Ref("aws_lb", context.private_balancer, "dns_name")
    return joined("http://", host, f":{context.private_ports[service]}")


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
        hidden = _hidden(context, found[0])
        if hidden is not None:
            secret[key] = hidden
            return
    plain[key] = resolved(context, text)


def _hidden(context: Context, reference: Reference) -> Value | None:
    kind = context.app.kind_of(reference.name)
    if kind == "databases" and reference.attribute in contract.DATABASE_SECRET.values():
        return _part(reference.name, reference.attribute)
    if kind == "secrets" and reference.attribute == "value":
        return _part(reference.name)
    return None


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
    if noun == "app":
        values: dict[str, Value] = {
            "name": context.app.app,
            "env": context.app.environment,
        }
        return values.get(attribute) or edge.public_url(context)
    match context.app.kind_of(noun):
        case "databases":
            return database.attribute(context, noun, attribute)
        case "buckets":
            return Ref("aws_s3_bucket", noun, "bucket" if attribute == "name" else "arn")
        case "secrets":
            return _part(noun)
        case "caches":
            parts_: dict[str, Value] = {"host": cache.host(noun), "port": str(cache.PORT)}
            return parts_.get(attribute) or cache.url(noun)
        case "queues":
            return Ref("aws_sqs_queue", noun, attribute)
        case "sites":
            return edge.site_url(context, noun)
        case "users":
            return users.attribute(context, attribute)
        case _:
            return _service_attribute(context, noun, attribute)


def _service_attribute(context: Context, noun: str, attribute: str) -> Value:
    public = context.app.services[noun].public
    match attribute:
        case "url":
            path = (public.path[0] if public else "/").rstrip("/")
            own = edge.own_url(context)
            if public and public.host:
                own = joined(own.parts[0].split("//")[0] + f"//{public.host}")  # type: ignore[union-attr]
            return Joined((*own.parts, *([path] if path else [])))
        case "host":
            return Ref("aws_lb", context.private_balancer, "dns_name")
        case "port":
            return str(context.private_ports[noun])
        case _:
            return internal_url(context, noun)
