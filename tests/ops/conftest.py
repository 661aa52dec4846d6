"""A verb at work on an app of which release 3 serves; AWS answers as the test says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatrial.cloud.session import Session
from seatrial.events import Event
from seatrial.model.app import App
from seatrial.ops.release.operation import Operation, Steps
from seatrial.ops.release.record import Record
from seatrial.target import Target

APP = """
app: shop
region: us-east-1
services:
  api:
    build: ./api
    command: run
    port: 8000
    public: /
    uses: [db, token]
    count: {min: 2, max: 4, target: {cpu: 70%}}
  tool: {build: ./api, command: work}
databases: {db: {version: "16"}}
secrets: {token: {generate: 24}, byhand: by-hand, pair: {generate: 8, keys: [a, b]}}
environments: {live: {}}
"""


class StateOf:
    """The state of a foundation, as far as a verb looks at it."""

    def __init__(self, outputs: dict[str, Any], *addresses: str) -> None:
        self.addresses, self.found = list(addresses), outputs
        self.applied: list[tuple[str, ...]] = []

    def held(self, _: str) -> list[str]:
        return self.addresses

    def outputs(self) -> dict[str, Any]:
        return self.found

    def apply(self, *_: Any, targets: tuple[str, ...]) -> None:
        self.applied.append(targets)


@pytest.fixture
def shop(app: Callable[..., App]) -> App:
    """Return an app with services, a database and secrets."""
    return app(APP, "live")


@pytest.fixture
def released(shop: App) -> Callable[..., Record]:
    """Return a maker of releases of the app."""

    def record(number: int, **fields: Any) -> Record:
        body = shop.model_dump(mode="json", by_alias=True)
        known: dict[str, Any] = {"result": "serving", "app": body, "images": {}, "at": ""}
        return Record(number=number, **(known | {"document": {"n": number}} | fields))

    return record


@pytest.fixture
def aws() -> Session:
    """Return a session whose calls are answered by the test, at a thousand times AWS's pace."""
    return Session(Target("live", "123456789012", "us-east-1", Path("nowhere"), pace=1000), 1)


@pytest.fixture
def events() -> list[Event]:
    """Return what a verb reports."""
    return []


@pytest.fixture
def work(
    shop: App, aws: Session, events: list[Event], released: Callable[..., Record]
) -> Operation:
    """Return a verb at work."""
    return Operation(
        app=shop,
        session=aws,
        roots=StateOf({}),  # type: ignore[arg-type]
        steps=Steps(events.append),
        emit=events.append,
        serving=released(3),
        values={"foundation": {}},
    )
