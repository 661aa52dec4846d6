"""What every builder needs: the app, its names, and a way to make resources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seatrial.model.app import KINDS, App
from seatrial.model.build import Build
from seatrial.model.rules.routes import called_privately
from seatrial.model.service import Service, Use
from seatrial.resources import naming
from seatrial.resources.graph import Ref, Resource, Root

if TYPE_CHECKING:
    from seatrial.resources.kind import ResourceKind

ZONES = ("a", "b")  # our names of the two zones; which two of AWS's, the account says
# What CloudFront uses lives in one region, whatever the app's is; so it has a provider of its own.
GLOBAL, GLOBAL_REGION = "aws.global", "us-east-1"
ACCOUNT = Ref("aws_caller_identity", "current", "account_id")


@dataclass(frozen=True)
class Context:
    """An app on its way to becoming a graph."""

    app: App
    kinds: tuple[ResourceKind, ...] = ()  # every noun's declaration, while a graph is made

    def kind_of(self, name: str) -> ResourceKind | None:
        """Return the declaration of the noun that a name means."""
        kind = self.app.kind_of(name)
        return next((each for each in self.kinds if each.of is kind), None)

    def used(self, service: Service) -> Iterator[tuple[Use, ResourceKind]]:
        """Yield what a service uses, each with its noun's declaration."""
        for use in service.uses:
            kind = self.kind_of(use.name)
            if kind is not None:
                yield use, kind

    @property
    def prefix(self) -> str:
        """Return ``<app>-<environment>``."""
        return f"{self.app.app}-{self.app.environment}"

    @property
    def production(self) -> bool:
        """Return whether the careful profile holds."""
        return self.app.profile == "production"

    def name(self, kind: str, noun: str = "") -> str:
        """Return the AWS name of a noun's thing, inside the limit of its kind."""
        return self.fitted(naming.LIMITS[kind], noun)

    def fitted(self, limit: int, noun: str = "") -> str:
        """Return the AWS name of a noun's thing, at most so many characters long."""
        return naming.fitted(f"{self.prefix}-{noun}" if noun else self.prefix, limit)

    def global_name(self, kind: str, noun: str, reserve: int = 0) -> str:
        """Return a name that is unique beyond a region: it carries the region."""
        return self.unique(naming.LIMITS[kind] - reserve, noun)

    def unique(self, limit: int, noun: str) -> str:
        """Return a name as ``global_name`` does, at most so many characters long."""
        region = naming.short_region(self.app.region)
        limit -= len(region) + 1
        return f"{naming.fitted(f'{self.prefix}-{noun}', limit)}-{region}"

    def secret(self, noun: str) -> str:
        """Return the name of a secret, or of the secret that keeps a database's password."""
        return f"{self.app.app}/{self.app.environment}/{noun}"

    def bucket(self, noun: str) -> str:
        """Return a bucket's name but for what ends it: ``-`` and the account's twelve digits."""
        return self.global_name("bucket", noun, reserve=13)

    @property
    def has_network(self) -> bool:
        """Return whether anything of the app lies in a network of its own."""
        return any(kind.in_network and kind.names(self.app) for kind in KINDS)

    @property
    def called(self) -> tuple[str, ...]:
        """Return the services that others call."""
        return called_privately(self.app)

    @property
    def private_ports(self) -> dict[str, int]:
        """Return the private listener's port of each called service."""
        return {n: 10001 + s for n, s in naming.slots(list(self.called), 5000).items()}

    @property
    def private_balancer(self) -> str:
        """Return the balancer that private calls go through."""
        return "internal" if self.app.edge.kind == "balancer" else "main"

    def build_of(self, service: str) -> str | None:
        """Return the build's name, one for each folder, platform and way of building; or None."""
        return builds(self.app).get(service)


def builds(app: App) -> dict[str, str]:
    """Return the name of each service's build: its folder's name, made unique."""
    keys: dict[tuple[str, ...], str] = {}
    result: dict[str, str] = {}
    taken: set[str] = set()
    for name, service in sorted(app.services.items()):
        if service.build is None:
            continue
        folder = "/".join(p for p in service.build.context.split("/") if p not in ("", "."))
        key = (folder, service.platform, *_special(service.build))
        if key not in keys:
            last = folder.rsplit("/", 1)[-1].lower() or "app"
            plain = naming.fitted(last, 40) if last[0].isalpha() else f"build-{naming.digest(last)}"
            unique = plain if plain not in taken else f"{plain}-{naming.digest('/'.join(key))}"
            taken.add(unique)
            keys[key] = unique
        result[name] = keys[key]
    return result


def _special(build: Build) -> tuple[str, ...]:
    """Return what makes a folder's image another one; nothing for a bare folder."""
    said = build.model_dump(exclude={"context"}, exclude_defaults=True)
    return (json.dumps(said, sort_keys=True),) if said else ()


def make(root: Root, noun: str, type_: str, address: str, /, *after: Ref, **body: Any) -> Resource:
    """Return a resource; arguments that are None are left out."""
    stated = {key: value for key, value in body.items() if value is not None}
    return Resource(type_, address, root, noun, stated, after=after)


def foundation(noun: str, type_: str, address: str, /, *after: Ref, **body: Any) -> Resource:
    """Return a resource of the foundation root."""
    return make("foundation", noun, type_, address, *after, **body)


def everywhere(
    context: Context, noun: str, type_: str, address: str, /, *after: Ref, **body: Any
) -> Resource:
    """Return a resource of the foundation that AWS wants in us-east-1 for all of the world."""
    provider = None if context.app.region == GLOBAL_REGION else GLOBAL
    return foundation(noun, type_, address, *after, provider=provider, **body)


def release(noun: str, type_: str, address: str, /, *after: Ref, **body: Any) -> Resource:
    """Return a resource of the release root."""
    return make("release", noun, type_, address, *after, **body)
