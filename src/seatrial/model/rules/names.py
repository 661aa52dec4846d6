"""Names: unique across an app, and never one that a command or the platform needs."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import KINDS, SECTIONS, App
from seatrial.model.finding import Finding
from seatrial.model.kind import Kind

RESERVED = {
    "app": "`${app.name}` means the app itself",
    "main": "shared resources are called `main` in the Terraform",
    "users": "it means the people who sign in",
}


# How no name of one kind may begin, where every name of an app begins with the app's (ELB API
# reference, CreateLoadBalancer; EC2's, CreateSecurityGroup; S3 user guide, "General purpose bucket
# naming rules").
STARTS = {
    "internal-": "ELB keeps it for internal load balancers",
    "sg-": "EC2 keeps it for the identifiers of security groups",
    "sthree-": "S3 keeps it",
    "amzn-s3-demo-": "S3 keeps it for its documentation",
}


def _reserved(name: str, kind: Kind) -> bool:
    """`app` may name what has no name of its own to be asked for: many a service is called so."""
    return name in RESERVED and (name != "app" or "name" in kind.attributes)


def check(app: App) -> Iterator[Finding]:
    """Yield names that stand twice or are reserved."""
    seen: dict[str, str] = {}
    for kind in KINDS:
        section = kind.section
        for name in () if kind.single else kind.names(app):
            path = (section, name)
            if _reserved(name, kind):
                yield Finding(
                    "appfile-name-reserved",
                    path,
                    f"`{name}` is reserved: {RESERVED[name]}",
                    "Choose another name.",
                )
            if name in seen:
                yield Finding(
                    "appfile-name-twice",
                    path,
                    f"`{name}` is already the name of one of the {seen[name]}",
                    "Names are unique across an app, so that `uses` and `${name.attribute}` "
                    "mean one thing: rename one of them.",
                )
            seen.setdefault(name, section)
    for start, why in STARTS.items():
        if f"{app.app}-".startswith(start):
            yield Finding(
                "appfile-name-reserved",
                ("app",),
                f"names of AWS must not begin with `{start}`: {why}",
                "Choose another name for the app: the names of its resources begin with it.",
            )
    # Cognito's sign-in page has the app's name in its own (Cognito developer guide, "Configuring a
    # user pool domain").
    taken = next((word for word in ("aws", "amazon", "cognito") if word in app.app), None)
    if app.users and taken:
        yield Finding(
            "appfile-name-reserved",
            ("app",),
            f"Cognito does not allow `{taken}` in the name of a sign-in page",
            "Choose another name for the app.",
        )
    for key in app.tags:
        if key.lower().startswith(("aws:", "seatrial:")):
            yield Finding(
                "appfile-name-reserved",
                ("tags", key),
                f"the tag `{key}` is reserved for AWS or Seatrial",
                "Choose another name.",
            )
    if not any(getattr(app, section) for section in SECTIONS if section != "jobs"):
        yield Finding(
            "appfile-empty",
            (),
            "the app has no services, sites, databases or anything else to deploy",
            "Add a service: `services: {api: {build: ./api, port: 8000, public: /}}`.",
            tuple((section,) for section in SECTIONS),
        )
