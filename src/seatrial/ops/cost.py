"""What an app costs a month, and what would make it cheaper: the same app, priced another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.cost import prices
from seatrial.cost.case import Traffic
from seatrial.cost.estimate import Estimate
from seatrial.cost.estimate import estimate as priced
from seatrial.model.app import App
from seatrial.model.service import Capacity
from seatrial.resources.catalog import graph

WORTH = 1.0  # dollars a month, below which a saving is not worth a word


@dataclass(frozen=True)
class Advice:
    """A way to pay less: how much, and what it costs in safety."""

    what: str
    saves: float
    price: str


@dataclass(frozen=True)
class CostReport:
    """An estimate and the advice that belongs to it."""

    estimate: Estimate
    advice: tuple[Advice, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        found = self.estimate
        return {
            "monthly": found.monthly,
            "low": found.monthly,
            "high": found.high,
            "currency": "USD",
            "dated": found.dated,
            "lines": [line.as_json() for line in found.lines],
            "assumptions": dict(found.assumed),
            "advice": [dict(row.__dict__) for row in self.advice],
        }


Newer = Mapping[str, Any] | None  # prices of the app's region that were refreshed


def cost(app: App, traffic: Traffic, newer: Newer = None) -> CostReport:
    """Return an app's estimate; needs no account."""
    whole = estimate(app, traffic, newer)
    return CostReport(whole, tuple(_advice(app, whole, traffic, newer)))


def estimate(app: App, traffic: Traffic | None = None, newer: Newer = None) -> Estimate:
    """Return what an app costs with the assumptions that are given, else the usual ones."""
    return priced(graph(app), prices.load(app.region, newer), traffic or Traffic())


def _advice(app: App, whole: Estimate, traffic: Traffic, newer: Newer) -> Iterator[Advice]:
    """Try each change on the app itself; what does not change the sum is no advice."""
    found = []
    for what, price, change in CHANGES:
        cheaper = estimate(change(app), traffic, newer)
        saves = round(whole.monthly - cheaper.monthly, 2)
        if saves >= WORTH:
            found.append(Advice(what, saves, price))
    yield from sorted(found, key=lambda row: -row.saves)


def _services(app: App, **change: Any) -> App:
    return app.model_copy(
        update={"services": {n: s.model_copy(update=change) for n, s in app.services.items()}}
    )


def _spot(app: App) -> App:
    """Move services that have no port, and can be started again at any time, to Spot."""
    spot = Capacity(fargate=0, spot=1)
    moved = {
        name: s if s.port else s.model_copy(update={"capacity": spot})
        for name, s in app.services.items()
    }
    return app.model_copy(update={"services": moved})


def _mostly_spot(app: App) -> App:
    mixed = Capacity(base=1, fargate=0, spot=1)
    moved = {
        name: s.model_copy(update={"capacity": mixed}) if s.port and s.count.min > 1 else s
        for name, s in app.services.items()
    }
    return app.model_copy(update={"services": moved})


def _shorter(app: App) -> App:
    days = min(14, app.logs.retention)
    return app.model_copy(update={"logs": app.logs.model_copy(update={"retention": days})})


def _valkey(app: App) -> App:
    every = {n: c.model_copy(update={"engine": "valkey"}) for n, c in app.caches.items()}
    return app.model_copy(update={"caches": every})


def _databases(app: App, **change: Any) -> App:
    return app.model_copy(
        update={"databases": {n: d.model_copy(update=change) for n, d in app.databases.items()}}
    )


def _network(app: App, **change: Any) -> App:
    return app.model_copy(update={"network": app.network.model_copy(update=change)})


def _one_gateway(app: App) -> App:
    return _network(app, nat="one") if app.outbound == "nat" else app


def _small(app: App) -> App:
    """Where a class is one of Intel's, the same size of Graviton's."""
    every = {
        name: d.model_copy(update={"class_": d.class_.replace("db.t3.", "db.t4g.")})
        for name, d in app.databases.items()
    }
    return app.model_copy(update={"databases": every})


CHANGES: tuple[tuple[str, str, Callable[[App], App]], ...] = (
    (
        "`platform: arm64` for every service",
        "images must be built for arm64",
        lambda app: _services(app, platform="arm64"),
    ),
    (
        "`capacity: spot` for every worker",
        "AWS may end a task with two minutes' warning, and what it did is done again",
        _spot,
    ),
    (
        "`capacity: {base: 1, fargate: 0, spot: 1}` for services of several tasks",
        "AWS may end all but one of a service's tasks with two minutes' warning",
        _mostly_spot,
    ),
    ("`logs: {retention: 14 days}`", "older output is gone", _shorter),
    ("`engine: valkey` for every cache", "none: it speaks Redis's protocol", _valkey),
    ("`class: db.t4g...` instead of `db.t3...`", "none", _small),
    (
        "`multi_az: false`",
        "a lost zone takes the database down until RDS has made it anew",
        lambda app: _databases(app, multi_az=False),
    ),
    (
        "`network: {nat: one}`",
        "a lost zone can cut all tasks off from the internet",
        _one_gateway,
    ),
    (
        "`network: {outbound: public}`",
        "tasks have public addresses, which accept nothing; findings ECS.2, CKV_AWS_333",
        lambda app: _network(app, outbound="public"),
    ),
    (
        "`edge: cdn` instead of a public balancer",
        "none; CloudFront makes the first deploy three minutes longer",
        lambda app: app.model_copy(update={"edge": app.edge.model_copy(update={"kind": "cdn"})}),
    ),
)
