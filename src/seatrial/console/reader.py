"""Reads what runs, while somebody looks, and shows it: the only loop of the console."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.cloud.session import Session
from seatrial.console import actions, happenings, traffic
from seatrial.console.actions import Runner
from seatrial.console.happenings import Happening, Seen
from seatrial.console.hub import Hub
from seatrial.console.place import Find, Place
from seatrial.errors import UserError
from seatrial.events import Emit, Event, LogLine
from seatrial.model.app import App
from seatrial.ops import logs, metrics, secret
from seatrial.ops import status as reading
from seatrial.ops.status import StatusReport
from seatrial.resources.picture import picture
from seatrial.trial import step_file

LOCAL_SECONDS, AWS_SECONDS = 0.7, 5.0  # between two looks
METRICS = 8  # looks between two readings of CloudWatch
HOUR = 3600.0
FLOOD = 500  # lines that one look shows, at most
FRESH = 120.0  # seconds of logs that a new viewer gets


@dataclass
class Reader:
    """Looks at the place where an environment runs; ``steps`` is the file of its trial."""

    find: Find
    hub: Hub
    runner: Runner
    steps: Path | None = None
    waiting: str = "waiting for `seatrial up` or `seatrial trial`"
    place: Place | None = None
    seen: Seen = field(default_factory=Seen)
    traffic: int = 0  # the number of the last count that was shown
    looks: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    lines: deque[LogLine] = field(default_factory=lambda: deque(maxlen=FLOOD))
    newest: dict[tuple[str, str], int] = field(default_factory=dict)  # by service and task

    def run(self) -> None:
        """Look until the end."""
        while not self.ended.is_set():
            if not self.hub.joined.wait(0.5):
                self.place = None  # nobody looks: the next viewer gets it whole
                continue
            begin = time.monotonic()
            self.look()
            pause = AWS_SECONDS if self.place and self.place.kind == "aws" else LOCAL_SECONDS
            self.ended.wait(max(pause - (time.monotonic() - begin), 0.1))

    def look(self) -> None:
        """Show everything as it is now; what cannot be read now is shown by the next look."""
        place = self.find()
        if (place and place.key) != (self.place and self.place.key):
            self._moved(place)
        self.place = place
        self._steps()
        self._pass_lines()
        if place is None:
            self.hub.show("state", self._nothing())
            return
        try:
            self._look_at(place)
        except UserError as error:
            self.hub.show("state", self._state(place, waiting=error.problems[0].message))
        except (OSError, ValueError, KeyError):  # it is starting or ending
            self.hub.show("state", self._state(place, waiting="starting or ending"))

    def _moved(self, place: Place | None) -> None:
        """Begin with another place: what was counted and logged was of the one before."""
        before, self.place = self.place, place
        if place is None or before is None or place.key[:2] != before.key[:2]:
            self.traffic = self.looks = 0
        if place is not None:
            threading.Thread(target=self._logs, args=(place,), daemon=True, name="logs").start()

    def _look_at(self, place: Place) -> None:
        session = Session(place.target, attempts=2)
        if place.running:
            described = place.running.call("describe")
            self.hub.add("happenings", self.seen.new(happenings.of_rehearsal(described)))
        report = reading.status(place.app, session)
        self.hub.add("happenings", self.seen.new(happenings.of_status(report)))
        self.hub.show("state", self._state(place, report))
        self._traffic(place, report.groups)
        if self.looks % METRICS == 0:
            self._metrics(place, session)
        self.looks += 1

    def _traffic(self, place: Place, names: dict[str, str]) -> None:
        if place.running:
            rows = place.running.call("traffic", after=self.traffic)["rows"]
            self.traffic = max([self.traffic, *(row["number"] for row in rows)])
            self.hub.add("traffic", traffic.by_second(rows, names))

    def _metrics(self, place: Place, session: Session) -> None:
        found = metrics.metrics(place.app, session, since=HOUR / place.target.pace)
        self.hub.show("metrics", [series.as_json() for series in found])
        if place.kind == "aws":
            self.hub.add("traffic", list(traffic.by_minute(found)))

    def _logs(self, place: Place) -> None:
        """Collect lines while this is the place; what fails is tried again, no line twice."""
        pause = AWS_SECONDS if place.kind == "aws" else LOCAL_SECONDS
        wanted = logs.Wanted(names=tuple(logs.named(place.app)), since=FRESH, pause=pause)

        def go_on() -> bool:
            return bool(self.place and self.place.key == place.key) and not self.ended.is_set()

        while go_on():
            with contextlib.suppress(UserError, OSError):
                logs.logs(place.app, place.target, wanted, self._collector(), go_on)
            self.ended.wait(pause)

    def _collector(self) -> Emit:
        """Return what collects lines that are newer than those collected before."""
        before = dict(self.newest)

        def emit(event: Event) -> None:
            if isinstance(event, LogLine):
                stream = event.service, event.task
                if event.time > before.get(stream, 0):
                    self.newest[stream] = max(event.time, self.newest.get(stream, 0))
                    self.lines.append(event)

        return emit

    def _pass_lines(self) -> None:
        """Show the lines that were collected since the last look, at once; of a flood the end."""
        rows = []
        for event in [self.lines.popleft() for _ in range(len(self.lines))]:
            rank = logs.rank_of(event.text)
            rows.append({**event.__dict__, "rank": 1 if rank is None else rank})
        self.hub.add("logs", rows)

    def _steps(self) -> None:
        if self.steps is not None:
            trial = step_file.read(self.steps)
            shown = trial if self.place is None or self.place.kind == "trial" else None
            self.hub.show("steps", shown)
            if shown:
                self.hub.add("happenings", self.seen.new(happenings.of_steps(shown)))

    def say(self, text: str, tone: str) -> None:
        """Show a line of a command that was started from the page."""
        self.hub.add("happenings", [Happening(1000 * time.time(), "", text, tone).__dict__])

    def _nothing(self) -> dict[str, Any]:
        self.runner.offer(())
        environment = self.runner.environment
        title = self.runner.path.parent.name
        return {
            "kind": "",
            "title": title,
            "environment": environment,
            "status": None,
            "picture": None,
            "problems": [],
            "waiting": self.waiting,
            "secret_names": [],
            "actions": [],
        }

    def _state(
        self, place: Place, report: StatusReport | None = None, *, waiting: str = ""
    ) -> dict[str, Any]:
        return {
            "kind": place.kind,
            "title": place.app.app,
            "environment": place.app.environment,
            "status": report.as_json() if report else None,
            "picture": _picture(place.app),
            "problems": report.problems if report else [],
            "waiting": waiting,
            "secret_names": secret.described(place.app),
            "actions": self._actions(place, report),
            "about": _about(place),
        }

    def _actions(self, place: Place, report: StatusReport | None) -> list[dict[str, str]]:
        """Return the buttons: none on AWS, and none in a trial, whose steps must stay its own."""
        if place.kind != "rehearsal" or report is None:
            return self.runner.offer(())
        return self.runner.offer(actions.of_rehearsal(report))


def _picture(app: App) -> dict[str, Any]:
    drawn = picture(app)
    columns = [[dict(node.__dict__) for node in column] for column in drawn.columns]
    return {"title": drawn.title, "columns": columns, "arrows": [list(a) for a in drawn.arrows]}


def _about(place: Place) -> str:
    if place.running is None:
        return f"account {place.target.account}, {place.target.region}; read every few seconds"
    return f"{place.running.sandbox}; pace {place.target.pace:g}"
