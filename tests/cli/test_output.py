"""Events as lines, and what a service may not do to the reader's terminal."""

from __future__ import annotations

import pytest

from seatrial.cli.output import EventPrinter, plain, table
from seatrial.events import (
    DeploymentChanged,
    LogLine,
    Note,
    ResourceChanged,
    StepEnded,
    StepStarted,
    TaskChanged,
)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b[2J\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("a\x08b\x00c", "abc"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("tab\tstays, ümläut too", "tab\tstays, ümläut too"),
    ],
)
def test_control_sequences_are_taken_out(line: str, shown: str):
    """A service's output cannot clear the screen, set the title, or reorder what is read."""
    assert plain(line) == shown


def test_steps_and_changes_are_lines_on_standard_error(capsys: pytest.CaptureFixture[str]):
    """A step counts its resources anew; tasks, deployments and warnings are said."""
    printer = EventPrinter()
    for event in (
        StepStarted("foundation"),
        ResourceChanged("aws_vpc.main", "created", 1.0),
        ResourceChanged("aws_lb.main", "created", 1.0),
        StepEnded("foundation", 2.5),
        StepStarted("images"),
        StepEnded("images", 0.1),
        DeploymentChanged("web", "1 of 2 running", ""),
        TaskChanged("web", "arn", "a task ended:", "exit code 1"),
        Note("look here", warning=True),
    ):
        printer(event)
    printer.close()
    said = capsys.readouterr()
    assert said.out == ""
    assert "foundation     2.5 s  2 resources" in said.err
    assert "images         0.1 s\n" in said.err
    assert "web: 1 of 2 running" in said.err
    assert "web: a task ended: exit code 1" in said.err
    assert "warning: look here" in said.err


def test_the_output_of_services_goes_to_standard_output(capsys: pytest.CaptureFixture[str]):
    """So that it can be piped; with `--json` nothing is printed but the result."""
    line = LogLine("web", "task", 0, "started\x1b[0m")
    EventPrinter()(line)
    said = capsys.readouterr()
    assert said.out.rstrip().endswith("web started")
    assert said.err == ""
    EventPrinter(quiet=True)(line)
    assert capsys.readouterr() == ("", "")


def test_a_table_is_aligned_and_ends_without_spaces():
    """The first row is the heading; columns are as wide as their widest cell."""
    assert table([("a", "bb"), ("ccc", "")]) == "a    bb\nccc"
