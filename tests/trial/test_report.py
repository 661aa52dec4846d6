"""What a trial's reports say, by comparison; the page in a real browser, light and dark."""

from __future__ import annotations

import math
import shutil
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from seatrial.trial import timeline
from seatrial.trial.junit import junit
from seatrial.trial.load import Answer
from seatrial.trial.observer import StateHistory
from seatrial.trial.page import page
from seatrial.trial.report import StepReport, TrialReport

EVIL = "<script>alert(1)</script>\x00 `code`"


def report(*steps: StepReport) -> TrialReport:
    """Return a report of a few seconds."""
    task = StateHistory("t", "web", "revision 1", [(101, "PENDING"), (102, "RUNNING")], 108, "")
    dead = StateHistory("u", "web", "revision 2", [(103, "RUNNING"), (104, "STOPPED")], 104, EVIL)
    rolled = StateHistory(
        "d", "web", "revision 1", [(101, "IN_PROGRESS"), (103, "COMPLETED")], 108, ""
    )
    answers = [Answer(102 + n / 10, 0.01 * n, 200 if n % 9 else 502, "/") for n in range(60)]
    return TrialReport(
        app="app",
        environment="dev",
        at="2026-11-21T12:00:00+00:00",
        pace=10,
        sandbox="isolated",
        seconds=9.0,
        steps=steps,
        not_rehearsed=(EVIL,),
        answers=tuple(answers),
        tasks=(task, dead),
        deployments=(rolled,),
        begin=100.0,
    )


GOOD = StepReport("one", "one holds", "passed", 0, 4, (EVIL,), requests=30, on_aws=60)
BAD = StepReport("two", "two holds", "failed", 4, 2, cause=f"first line\n{EVIL}", requests=9)
LEFT = StepReport("three", "three holds", "skipped", 6, reason="no `db`")


def test_json_has_the_documented_keys():
    """`result` and `steps` with result, seconds, evidence, cause, reason; the load in numbers."""
    row = report(GOOD, BAD, LEFT).as_json()
    assert row["result"] == "failed"
    assert row["requests"] == {"sent": 60, "failed": 7}
    wanted = {"name", "result", "seconds", "evidence", "cause", "reason"}
    assert all(wanted <= step.keys() for step in row["steps"])
    assert report(GOOD, LEFT).as_json()["result"] == "passed"


def test_junit_counts_results():
    """A suite with a case for each step; what XML cannot hold is replaced."""
    suite = ElementTree.fromstring(junit(report(GOOD, BAD, LEFT)).encode())
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    cases = {case.get("name"): case for case in suite}
    failure = cases["two"].find("failure")
    assert failure is not None
    assert failure.get("message") == "first line"
    assert cases["three"].find("skipped") is not None


def test_names_of_steps_never_overlap():
    """Steps of a moment at either end stand apart by a line's height, inside the chart."""
    ends = [timeline.LEFT + 4] * 9 + [timeline.WIDTH - timeline.RIGHT + 4] * 15
    found = timeline.spread(ends)
    assert all(b - a >= timeline.APART - 0.2 for a, b in pairwise(found))
    assert found[-1] <= timeline.WIDTH - timeline.RIGHT
    assert timeline.APART * math.sin(math.radians(timeline.SLANT)) > 14


@pytest.mark.G54
@pytest.mark.slow
@pytest.mark.packages("chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_page_is_self_contained_accessible_and_inert(tmp_path: Path, scheme):
    """One file that requests nothing, runs no script, and passes axe in both colours."""
    path = tmp_path / "report.html"
    path.write_text(page(report(GOOD, BAD, LEFT)), encoding="utf-8")
    requests: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        shown = browser.new_context(color_scheme=scheme).new_page()
        shown.on("request", lambda request: requests.append(request.url))
        shown.on("dialog", lambda _: requests.append("a dialog"))
        shown.goto(path.as_uri())
        assert shown.locator("svg rect.bad").count() > 0
        assert shown.locator("svg rect.died").count() == 1
        assert shown.locator("ol.steps > li").count() == 2
        found = Axe().run(shown)
        browser.close()
    violations = [
        (v["id"], [n["any"][0]["message"] for n in v["nodes"]]) for v in found["violations"]
    ]
    assert violations == []
    assert requests == [path.as_uri()]


def test_report_page_without_load_or_tasks():
    """A trial without load or tasks still has a page with its steps."""
    empty = TrialReport(
        app="a",
        environment="dev",
        at="now",
        pace=10,
        sandbox="",
        seconds=1.0,
        steps=(BAD,),
        not_rehearsed=(),
    )
    assert "two holds" in page(empty)
