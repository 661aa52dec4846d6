"""Plan: what a deploy would create, change, replace and destroy, by the user's own nouns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from seatrial.cloud import storage
from seatrial.cloud.session import Session
from seatrial.engine.plan import Action, Change
from seatrial.events import Emit
from seatrial.model.app import App
from seatrial.ops import breaking_changes, cost
from seatrial.ops.deploy import Options
from seatrial.ops.images import builds, tags
from seatrial.ops.release import record
from seatrial.ops.release.operation import Connection, Destination, connect
from seatrial.ops.release.roots import Roots
from seatrial.resources import overrides, risks
from seatrial.resources.catalog import HOLDS, SERVES, graph
from seatrial.resources.graph import Graph, Root
from seatrial.schemas import check
from seatrial.terraform.document import documents

# What has an address that others know, in words.
ADDRESSES = SERVES | {
    "aws_lb": "the balancer",
    "aws_cloudfront_distribution": "the distribution",
}
UNKNOWN = "0" * 64  # stands for the digest of an image that was not built yet


@dataclass(frozen=True)
class Planned:
    """One change, at home in the app file."""

    noun: str
    line: int | None
    address: str
    action: Action
    because: tuple[str, ...]
    attributes: tuple[str, ...]

    @property
    def loses_data(self) -> bool:
        """Return whether a database or bucket would be replaced or destroyed."""
        stateful = self.address.split(".")[0] in HOLDS
        return stateful and self.action in ("replace", "destroy")

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {
            "noun": self.noun,
            "line": self.line,
            "address": self.address,
            "because": list(self.because),
            "attributes": list(self.attributes),
        }


@dataclass(frozen=True)
class PlanReport:
    """Everything that would change."""

    changes: tuple[Planned, ...]
    before: float = 0.0  # dollars a month; 0 where nothing serves
    after: float = 0.0
    seen: tuple[str, ...] = ()  # risks of what is wanted, changed or not
    own: tuple[str, ...] = ()  # the user's own Terraform in it

    def of(self, action: Action) -> tuple[Planned, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.action == action)

    @property
    def risks(self) -> tuple[str, ...]:
        """Return a sentence for what would lose data or an address, then for what is wanted."""
        return (*self._losses(), *self._moves(), *self.seen)

    def _moves(self) -> tuple[str, ...]:
        return tuple(
            f"{c.noun}: {ADDRESSES[c.address.split('.')[0]]} would be replaced, and what it serves "
            "is away meanwhile" + (f" (because of {', '.join(c.because)})" if c.because else "")
            for c in self.of("replace")
            if c.address.split(".")[0] in ADDRESSES
        )

    def _losses(self) -> tuple[str, ...]:
        return tuple(
            f"{c.noun}: {HOLDS[c.address.split('.')[0]]} would be "
            f"{'replaced' if c.action == 'replace' else 'destroyed'}, and what it holds lost"
            + (f" (because of {', '.join(c.because)})" if c.because else "")
            for c in self.changes
            if c.loses_data
        )

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape; money is US dollars a month."""
        kinds: tuple[Action, ...] = ("create", "change", "replace", "destroy")
        found: dict[str, Any] = {k: [c.as_json() for c in self.of(k)] for k in kinds}
        return found | {
            "monthly": {"before": self.before, "after": self.after},
            "risks": list(self.risks),
            "own_terraform": list(self.own),
        }


def plan(app: App, place: Destination, options: Options, emit: Emit) -> PlanReport:
    """Return what a deploy would do; changes nothing."""
    with connect(place, emit) as here:
        storage.ensure_bucket(here.session)
        return _plan(tags.pinned(app, here.session, emit), here, options, emit)


def _plan(app: App, here: Connection, options: Options, emit: Emit) -> PlanReport:
    session, roots = here.session, here.roots(app.app, emit)
    wanted, serving = graph(app, options.line), record.serving(session, app.app)
    check.refuse(wanted)
    before = graph(record.app_of(serving, app.environment)) if serving else wanted
    foundation = documents(wanted)["foundation"]
    outputs = roots.outputs()
    missing = foundation["output"].keys() - outputs.keys()
    values = {
        "foundation": _known(outputs, foundation),
        "wait": False,
        "images": _images(app, session, options, outputs, serving),
    }
    with ThreadPoolExecutor(1) as pool:
        planned = partial(_planned, roots, wanted=wanted, before=before)
        planning = pool.submit(planned, "foundation", body=foundation, values={})
        if serving is None or missing:
            found = _unplanned(wanted, before, serving is None)
        else:
            release = documents(wanted)["release"]
            found = planned("release", body=release, values=values)
        found += planning.result()
    served = record.app_of(serving, app.environment) if serving else None
    return PlanReport(
        tuple(sorted(found, key=lambda c: (c.noun, c.address))),
        cost.estimate(served).monthly if served else 0.0,
        cost.estimate(app).monthly,
        (
            *breaking_changes.moved_paths(served, app),
            *risks.risks(wanted, production=app.profile == "production"),
        ),
        overrides.words(app.terraform),
    )


def _planned(
    roots: Roots,
    root: Root,
    *,
    body: dict[str, Any],
    values: dict[str, Any],
    wanted: Graph,
    before: Graph,
) -> list[Planned]:
    if roots.unchanged(root, body, values):
        return []
    changes = roots.terraform(root, body, values).plan().changes
    return [_at_home(change, wanted, before) for change in changes]


def _at_home(change: Change, wanted: Graph, before: Graph) -> Planned:
    address = (change.type, change.name)
    resource = wanted.by_address.get(address) or before.by_address.get(address)
    return Planned(
        noun=resource.noun if resource else ".".join(address),
        line=resource.line if resource else None,
        address=".".join(address),
        action=change.action,
        because=change.because,
        attributes=change.attributes,
    )


def _unplanned(wanted: Graph, before: Graph, first: bool) -> list[Planned]:  # noqa: FBT001
    """The release cannot be planned before what it stands on exists: compare the graphs."""
    old = {} if first else {r.address: r for r in before.root("release")}
    found = []
    for resource in wanted.root("release"):
        same = old.get(resource.address)
        if same != resource:
            found.append(
                Planned(
                    noun=resource.noun,
                    line=resource.line,
                    address=".".join(resource.address),
                    action="change" if same else "create",
                    because=(),
                    attributes=(),
                )
            )
    gone = old.keys() - {r.address for r in wanted.root("release")}
    return found + [
        Planned(
            noun=old[a].noun,
            line=old[a].line,
            address=".".join(a),
            action="destroy",
            because=(),
            attributes=(),
        )
        for a in sorted(gone)
    ]


def _known(outputs: dict[str, Any], foundation: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outputs.items() if name in foundation["output"]}


def _images(
    app: App,
    session: Session,
    options: Options,
    outputs: dict[str, Any],
    serving: record.Record | None,
) -> dict[str, str]:
    found = dict(serving.images) if serving else {}
    for name, built in builds.build(app, options.folder, options.builder, session).items():
        repository = outputs.get(f"ecr_repository_{name}", {}).get("repository_url", "new")
        found[name] = f"{repository}@{built.digest}"
    return found
