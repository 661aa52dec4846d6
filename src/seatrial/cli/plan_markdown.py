"""A plan as Markdown, for a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.ops.plan import Planned, PlanReport

MOST = 250  # changes that are listed: a comment on GitHub holds 65,536 characters
ACTIONS = ("destroy", "replace", "change", "create")


def markdown(report: PlanReport, environment: str) -> str:
    """Return a plan: counts, cost and risks, then what changes by noun, folded."""
    lines = [f"### Plan for `{environment}`", ""]
    if not report.changes:
        return "\n".join([*lines, "Nothing would change.", *_risks(report)])
    lines += [
        ", ".join(f"**{len(report.of(a))}** to {a}" for a in ACTIONS if report.of(a)) + ".",  # type: ignore[arg-type]
        "",
        f"Cost: {report.before:.2f} USD a month now, {report.after:.2f} after "
        f"({report.after - report.before:+.2f}).",
        *_risks(report),
        "",
        f"<details><summary>{len(report.changes)} changes</summary>",
        "",
        "| noun | line | action | what | |",
        "|---|---|---|---|---|",
        *(_row(change) for change in report.changes[:MOST]),
        "",
    ]
    if len(report.changes) > MOST:
        lines += [f"And {len(report.changes) - MOST} more: `seatrial plan {environment}`.", ""]
    return "\n".join([*lines, "</details>"])


def _risks(report: PlanReport) -> list[str]:
    found = [f"- **Risk:** {_plain(risk)}" for risk in report.risks]
    found += [f"- Your own Terraform: {_plain(line)}" for line in report.own]
    return ["", *found] if found else []


def _row(change: Planned) -> str:
    notes = ["**its data would be lost**"] if change.loses_data else []
    notes += [f"because of {', '.join(change.because)}"] if change.because else []
    if change.action == "change" and change.attributes:
        notes.append(", ".join(change.attributes))
    cells = (change.noun, str(change.line or ""), change.action, f"`{change.address}`")
    return f"| {' | '.join(map(_plain, cells))} | {_plain('; '.join(notes))} |"


def _plain(text: str) -> str:
    """Return text that stays in its cell and begins no HTML."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
