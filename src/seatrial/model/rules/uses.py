"""``uses``: leads to a noun that exists, in a way that noun can be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seatrial.model.app import KINDS, App, wherever
from seatrial.model.finding import Finding, nearest
from seatrial.model.reference import references
from seatrial.model.service import KIND as SERVICES
from seatrial.model.service import Service, Use
from seatrial_runtime import contract


def check(app: App) -> Iterator[Finding]:
    """Yield uses that lead nowhere and variables that are given twice."""
    for name, service in app.services.items():
        for index, use in enumerate(service.uses):
            yield from _use(app, name, use, ("services", name, "uses", index))
        yield from _twice(app, name, service)
        yield from _clashes(app, name, service)
        yield from _others(app, name, service)
    for name, job in app.jobs.items():
        if job.service not in app.services:
            yield Finding(
                "appfile-use",
                ("jobs", name, "service"),
                f"there is no service `{job.service}`",
                nearest(job.service, app.services),
                (("jobs", name, "service"), ("services", job.service)),
            )


def _use(app: App, service: str, use: Use, path: tuple[str | int, ...]) -> Iterator[Finding]:
    kind = app.kind_of(use.name)
    named = [name for each in KINDS if each.accesses for name in each.names(app)]
    if kind is None or not kind.accesses or use.name == service:
        why = (
            "a service cannot use itself"
            if use.name == service
            else (
                f"one of the {kind.section} cannot be used: `{use.name}`"
                if kind
                else f"there is no `{use.name}` to use"
            )
        )
        yield Finding(
            "appfile-use",
            path,
            why,
            nearest(use.name, [name for name in named if name != service]),
            (path, *wherever(use.name)),
        )
    elif use.access not in kind.accesses:
        yield Finding(
            "appfile-use",
            path,
            f"{kind.section} cannot be used as `{use.access}`",
            nearest(use.access, (a for a in kind.accesses if a), f"Write `{use.name}` alone."),
        )
    elif kind is SERVICES and app.services[use.name].port is None:
        yield Finding(
            "appfile-use",
            path,
            f"`{use.name}` has no port, so it cannot be called",
            f"Give `services.{use.name}` a `port`, or remove the use.",
            (path, ("services", use.name, "port")),
        )


def _twice(app: App, name: str, service: Service) -> Iterator[Finding]:
    given = Counter((use.name, _beside(app, use)) for use in service.uses)
    for (used, _), times in given.items():
        if times > 1:
            yield Finding(
                "appfile-use",
                ("services", name, "uses"),
                f"`{used}` is used {times} times",
                "Keep one of them.",
            )


def _beside(app: App, use: Use) -> str:
    """Return the access of a use that stands beside another one of the same noun; else nothing."""
    kind = app.kind_of(use.name)
    return use.access if kind and use.access in kind.beside else ""


def _clashes(app: App, name: str, service: Service) -> Iterator[Finding]:
    givers: dict[str, str] = dict.fromkeys(contract.ALWAYS, "the platform")
    settings = set[str]()
    for use in service.uses:
        kind = app.kind_of(use.name)
        variables = list(kind.variables(app, use)) if kind else []
        settings |= {given.name for given in variables if given.setting}
        for key in [given.name for given in variables]:
            if givers.setdefault(key, use.name) != use.name:
                yield Finding(
                    "appfile-variable-clash",
                    ("services", name, "uses"),
                    f"`{key}` is set by both {givers[key]} and {use.name}",
                    "Rename one of the nouns.",
                )
    for key, value in service.env.items():
        if key in givers and key not in settings and not references(value):
            yield Finding(
                "appfile-variable-clash",
                ("services", name, "env", key),
                f"`{key}` is already set by {givers[key]}",
                "Remove the entry. Under another name write a reference, such as "
                "`DB_SERVER: ${db.host}`.",
            )


def _others(app: App, name: str, service: Service) -> Iterator[Finding]:
    """Yield values of a noun's other access where a service has the one beside it alone."""
    for use in service.uses:
        kind = app.kind_of(use.name)
        alone = all(u.access == use.access for u in service.uses if u.name == use.name)
        if kind is None or use.access not in kind.beside or not alone:
            continue
        given = {variable.attribute for variable in kind.variables(app, use)}
        for key, value in service.env.items():
            for found in references(value):
                if found.name == use.name and found.attribute not in given:
                    yield Finding(
                        "appfile-reference",
                        ("services", name, "env", key),
                        f"`{found}` is not of `{use.name}: {use.access}`, which has variables of "
                        "its own",
                        f"Use `{use.name}` too, or read the variables.",
                    )
