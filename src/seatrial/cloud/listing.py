"""How an account is asked for everything of one kind, as data: the call, its rows, their tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath

from seatrial.cloud.finder import tags
from seatrial.cloud.session import Session
from seatrial.resources import naming
from seatrial.resources.naming import short_region

Row = Mapping[str, Any]
EVERYWHERE = "us-east-1"  # where the APIs of global services, and what CloudFront uses, are


@dataclass(frozen=True)
class Scope:
    """Whose things are looked for."""

    app: str
    environment: str
    region: str
    account: str

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags that all of them carry, where AWS takes tags."""
        return naming.tags(self.app, self.environment)

    @property
    def prefix(self) -> str:
        """Return how their names begin."""
        return f"{self.app}-{self.environment}"

    def owns(self, found: Mapping[str, str]) -> bool:
        """Return whether tags are those of this app and environment."""
        return self.tags.items() <= found.items()

    def names(self, name: str) -> bool:
        """Return whether a name is one of this app's and environment's."""
        return name == self.prefix or name.startswith(f"{self.prefix}-")

    def names_globally(self, name: str) -> bool:
        """Return whether a name that is unique beyond a region is one of theirs, of this region."""
        return self.names(name) and name.endswith(f"-{short_region(self.region)}")


Owner = Callable[[Session, Scope, Row], bool]


def tagged(key: str) -> Owner:
    """Return who owns a row that has its tags inside, as a list or a map."""

    def owner(_: Session, scope: Scope, row: Row) -> bool:
        found = row.get(key) or {}
        return scope.owns(found if isinstance(found, dict) else tags(found))

    return owner


def described(service: str, operation: str, found: str, region: str = "", **given: str) -> Owner:
    """Return who owns a row whose tags another call tells.

    ``found`` is the JMESPath of the tags in its answer; ``given`` maps the call's parameters to the
    row's keys.
    """

    def owner(session: Session, scope: Scope, row: Row) -> bool:
        client = session.at(region or scope.region, service)
        rows = jmespath.search(
            found, getattr(client, operation)(**{k: row[v] for k, v in given.items()})
        )
        return scope.owns(rows if isinstance(rows, dict) else tags(rows))

    return owner


def named(key: str) -> Owner:
    """Return who owns a row by its name: of what AWS takes no tags for, or makes itself."""
    return lambda _, scope, row: scope.names(str(row[key]))


def named_globally(key: str) -> Owner:
    """Return who owns a row by a name that carries the region."""
    return lambda _, scope, row: scope.names_globally(str(row[key]))


@dataclass(frozen=True)
class Listing:
    """Everything of one kind; ``rows`` is a JMESPath, ``name`` the key of what tells a row.

    ``parameters`` of the call may be functions of the scope. A row with the key and one of the
    values of ``gone`` is only AWS's memory of what was.
    """

    kind: str
    service: str
    operation: str
    rows: str
    name: str
    owner: Owner
    region: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    gone: tuple[str, tuple[str, ...]] = ("", ())

    def find(self, session: Session, scope: Scope) -> Iterator[str]:
        """Yield the names of what exists; raises botocore's ClientError."""
        key, ended = self.gone
        for row in self._every(session, scope):
            if str(row.get(key, "")).lower() in ended:
                continue
            if self.owner(session, scope, row):
                yield str(row[self.name])

    def _every(self, session: Session, scope: Scope) -> Iterator[Row]:
        client = session.at(self.region or scope.region, self.service)
        given = {k: v(scope) if callable(v) else v for k, v in self.parameters.items()}
        for page in _pages(client, self.operation, given):
            for row in jmespath.search(self.rows, page) or ():
                yield row if isinstance(row, dict) else {self.name: row}


def _pages(client: Any, operation: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if client.can_paginate(operation):
        yield from client.get_paginator(operation).paginate(**given)
        return
    while True:
        page = getattr(client, operation)(**given)
        yield page
        following = jmespath.search("NextMarker || *.NextMarker | [0]", page)
        if not following:
            return
        given = {**given, ("NextMarker" if "NextMarker" in page else "Marker"): following}
