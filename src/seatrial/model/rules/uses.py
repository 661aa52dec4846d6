"""``uses``: leads to a noun that exists, in a way that noun can be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seatrial.model.app import App
from seatrial.model.finding import Finding, nearest
from seatrial.model.reference import references
from seatrial.model.service import Service, Use
from seatrial_runtime import contract

ACCESS = {
    "databases": ("", "live"),
    "buckets": ("", "read", "write", "full"),
    "secrets": ("", "live"),
    "services": ("",),
    "caches": ("",),
    "queues": ("", "send", "receive", "full"),
    "users": ("", "admin"),
}


def given_variables(app: App, use: Use) -> tuple[str, ...]:
    """Return the names of the environment variables that one use gives a task."""
    live = use.access == "live"
    match app.kind_of(use.name):
        case "databases":
            return contract.database_variables(use.name, only=len(app.databases) == 1, live=live)
        case "buckets":
            return (contract.variable(use.name, "BUCKET"),)
        case "secrets":
            return contract.secret_variables(use.name, app.secrets[use.name].keys, live=live)
        case "services" | "caches" | "queues":
            return (contract.variable(use.name, "URL"),)
        case "users":
            return contract.USERS
        case _:
            return ()


def check(app: App) -> Iterator[Finding]:
    """Yield uses that lead nowhere and variables that are given twice."""
    for name, service in app.services.items():
        for index, use in enumerate(service.uses):
            yield from _use(app, name, use, ("services", name, "uses", index))
        yield from _twice(name, service)
        yield from _clashes(app, name, service)
    for name, job in app.jobs.items():
        if job.service not in app.services:
            yield Finding(
                "appfile-use",
                ("jobs", name, "service"),
                f"there is no service `{job.service}`",
                nearest(job.service, app.services),
            )


def _use(app: App, service: str, use: Use, path: tuple[str | int, ...]) -> Iterator[Finding]:
    kind = app.kind_of(use.name)
    named = [n for section in ACCESS if section != "users" for n in getattr(app, section)]
    usable = [n for n in [*named, *(["users"] if app.users else [])] if n != service]
    if kind not in ACCESS or use.name == service:
        why = (
            "a service cannot use itself"
            if use.name == service
            else (
                f"one of the {kind} cannot be used: `{use.name}`"
                if kind
                else f"there is no `{use.name}` to use"
            )
        )
        yield Finding("appfile-use", path, why, nearest(use.name, usable))
    elif use.access not in ACCESS[kind]:
        yield Finding(
            "appfile-use",
            path,
            f"{kind} cannot be used as `{use.access}`",
            nearest(use.access, (a for a in ACCESS[kind] if a), f"Write `{use.name}` alone."),
        )
    elif kind == "services" and app.services[use.name].port is None:
        yield Finding(
            "appfile-use",
            path,
            f"`{use.name}` has no port, so nothing can call it",
            f"Give `services.{use.name}` a `port`, or remove the use.",
        )


def _twice(name: str, service: Service) -> Iterator[Finding]:
    for used, times in Counter(use.name for use in service.uses).items():
        if times > 1:
            yield Finding(
                "appfile-use",
                ("services", name, "uses"),
                f"`{used}` is used {times} times",
                "Keep one of them.",
            )


def _clashes(app: App, name: str, service: Service) -> Iterator[Finding]:
    givers: dict[str, str] = dict.fromkeys(contract.ALWAYS, "the platform")
    for use in service.uses:
        for key in given_variables(app, use):
            if givers.setdefault(key, use.name) != use.name:
                yield Finding(
                    "appfile-variable-clash",
                    ("services", name, "uses"),
                    f"`{key}` is given by both {givers[key]} and {use.name}",
                    "Rename one of the nouns.",
                )
    for key, value in service.env.items():
        if key in givers and not references(value):
            yield Finding(
                "appfile-variable-clash",
                ("services", name, "env", key),
                f"`{key}` is already given by {givers[key]}",
                "Choose another name, or give it by a reference.",
            )
