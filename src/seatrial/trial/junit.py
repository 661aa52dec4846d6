"""A trial as JUnit XML, for continuous integration."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from seatrial.trial.report import StepReport, TrialReport

_REFUSED = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")  # what XML 1.0 cannot hold


def junit(report: TrialReport) -> str:
    """Return the report as one test suite with a case for each step."""
    suite = Xml.Element(
        "testsuite",
        name=f"seatrial trial {report.app} ({report.environment})",
        tests=str(len(report.steps)),
        failures=str(report.count("failed")),
        skipped=str(report.count("skipped")),
        errors="0",
        time=f"{report.seconds:.2f}",
        timestamp=report.at,
    )
    for step in report.steps:
        _case(suite, report.app, step)
    Xml.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suite, "unicode") + "\n"


def _case(suite: Xml.Element, app: str, step: StepReport) -> None:
    case = Xml.SubElement(
        suite, "testcase", classname=f"trial.{app}", name=step.name, time=f"{step.seconds:.2f}"
    )
    if step.result == "failed":
        failure = Xml.SubElement(case, "failure", message=_plain(step.cause.split("\n")[0]))
        failure.text = _plain(step.cause)
    elif step.result == "skipped":
        Xml.SubElement(case, "skipped", message=_plain(step.reason))
    if step.evidence:
        Xml.SubElement(case, "system-out").text = _plain("\n".join(step.evidence))


def _plain(text: str) -> str:
    return _REFUSED.sub("?", text)
