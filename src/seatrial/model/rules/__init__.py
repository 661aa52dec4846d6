"""What a single field cannot know: whether the nouns of an app fit together.

Comes in: an ``App``. Goes out: findings, each at a path of the app file. Forbidden here: files,
and stopping at the first finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.model.app import KINDS, App
from seatrial.model.finding import Finding
from seatrial.model.rules import (
    alarms,
    credentials,
    edges,
    limits,
    names,
    references,
    routes,
    sites,
    sizes,
    uses,
)

RULES = (
    names.check,
    sizes.check,
    uses.check,
    references.check,
    credentials.check,
    edges.check,
    limits.check,
    routes.check,
    sites.check,
    alarms.check,
)


def findings(app: App) -> Iterator[Finding]:
    """Yield everything that is wrong between the nouns of an app."""
    for kind in KINDS:
        yield from kind.check(app)
    for rule in RULES:
        yield from rule(app)
