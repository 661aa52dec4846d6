"""A check of the doctor: what it looks for in the facts, the cause, the fix, what to type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from seatrial.diagnosis.facts import Facts, Said, Source
from seatrial.errors import Problem

# A cause is what to fix; something general is reported where no cause is known; a consequence
# goes away with its cause.
Rank = Literal["cause", "general", "consequence"]
RANKS: tuple[Rank, ...] = ("cause", "general", "consequence")
Severity = Literal["error", "warning"]
LONGEST = 300  # characters of a text that are quoted
EVERYWHERE: tuple[Source, ...] = ("error", "event", "rollout", "stop", "end", "log")
TASK: tuple[Source, ...] = ("error", "stop", "event")
PROGRAM: tuple[Source, ...] = ("error", "end", "log")
ENDED: tuple[Source, ...] = ("error", "end")
COMMAND: tuple[Source, ...] = ("error",)


@dataclass(frozen=True)
class Evidence:
    """What a check saw, and where; ``fix`` replaces the check's own where it says more."""

    text: str
    service: str = ""
    fix: str = ""
    severity: Severity | None = None


Look = Callable[[Facts], Iterable[Evidence]]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One entry of the catalogue.

    ``fix`` and ``command`` may hold ``{service}``, ``{deploy}`` (the command that deploys),
    ``{at}`` (the words that name the environment), ``{env}`` (as options) and ``{environment}``.
    """

    id: str
    title: str
    cause: str
    fix: str
    command: str
    look: Look
    rank: Rank = "cause"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong: the evidence, the cause in AWS's words, the fix, and what to type."""

    id: str
    severity: Severity
    title: str
    service: str
    evidence: tuple[str, ...]
    cause: str
    fix: str
    command: str

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON shape."""
        return {**self.__dict__, "evidence": list(self.evidence)}

    def as_problem(self) -> Problem:
        """Return the finding as an addition to the error of a command that failed."""
        text = f"{self.id}, {self.title}: {self.evidence[0]}\n  cause: {self.cause}"
        return Problem("doctor-finding", text, f"{self.fix} Type: `{self.command}`")


def said(*patterns: str, of: tuple[Source, ...] = EVERYWHERE) -> Look:
    """Return a look for texts of some sources; a pattern is a regular expression."""

    def look(facts: Facts) -> Iterator[Evidence]:
        for each in facts.said:
            if each.source in of and (quote := _quote(each, patterns)):
                yield Evidence(f"{each.where}: {quote}", each.service)

    return look


def _quote(each: Said, patterns: Iterable[str]) -> str:
    """Return the line that a pattern is found in, or all of a text where it is found over lines."""
    for pattern in patterns:
        found = re.search(pattern, each.text)
        if found:
            begin = each.text.rfind("\n", 0, found.start()) + 1
            end = each.text.find("\n", found.end())
            line = each.text[begin : end if end >= 0 else len(each.text)].strip()
            return line if len(line) <= LONGEST else f"...{each.text[found.start() :][:LONGEST]}"
    return ""


def either(*looks: Look) -> Look:
    """Return a look that sees what any of several sees."""
    return lambda facts: [evidence for look in looks for evidence in look(facts)]


def stopped(*codes: str) -> Look:
    """Return a look for tasks that ended with one of ECS's stop codes."""

    def look(facts: Facts) -> Iterator[Evidence]:
        for task in facts.tasks:
            if task.code in codes:
                yield Evidence(
                    f"{task.where}: stopCode {task.code}: {task.reason}",
                    task.service,
                    "",
                    "warning",
                )

    return look


def exited(*codes: int) -> Look:
    """Return a look for tasks whose program ended with one of these codes."""

    def look(facts: Facts) -> Iterator[Evidence]:
        for task in facts.tasks:
            if task.code and task.exit_code in codes:
                yield Evidence(f"{task.where}: exitCode {task.exit_code}", task.service)

    return look


def verified(*codes: str, words: str = "") -> Look:
    """Return a look for what ``seatrial verify`` finds; ``words`` are in its evidence."""
    return lambda facts: [
        Evidence(text) for code, text in facts.verified if code in codes and words in text
    ]


def findings(facts: Facts, checks: Iterable[Check]) -> tuple[Finding, ...]:
    """Return what the checks find, the worst first; one finding a check and service."""
    found = [(check.rank, each) for check in checks for each in _found(facts, check)]
    shown = [
        (rank, each) for rank, each in found if rank != "general" or not _explained(each, found)
    ]
    shown.sort(key=lambda row: (row[1].severity != "error", RANKS.index(row[0])))
    return tuple(each for _, each in shown)


def _explained(each: Finding, found: list[tuple[Rank, Finding]]) -> bool:
    """Say whether another finding of the same service names a cause."""
    return any(rank == "cause" and other.service == each.service for rank, other in found)


def _found(facts: Facts, check: Check) -> Iterator[Finding]:
    rows = list(check.look(facts))
    for service in dict.fromkeys(row.service for row in rows):
        own = [row for row in rows if row.service == service]
        words = _words(facts, service)
        yield Finding(
            id=check.id,
            severity=_severity(facts, service, own),
            title=check.title,
            service=service,
            evidence=tuple(dict.fromkeys(row.text for row in own))[:3],
            cause=check.cause,
            fix=next((row.fix for row in own if row.fix), check.fix.format(**words)),
            command=check.command.format(**words),
        )


def _severity(facts: Facts, service: str, rows: list[Evidence]) -> Severity:
    """What the evidence says; else a service that serves all the same is no failure."""
    given = {row.severity for row in rows}
    if "error" in given or (None not in given):
        return "error" if "error" in given else "warning"
    known = facts.service(service)
    return "warning" if known and known.serves and not known.failed else "error"


def _words(facts: Facts, service: str) -> dict[str, str]:
    named = facts.environment != "dev"
    rehearsed = " --rehearsal" * (facts.in_rehearsal and named)
    return {
        "service": service or (facts.services[0].name if facts.services else "SERVICE"),
        "environment": facts.environment,
        "at": "" if facts.in_rehearsal and not named else f" {facts.environment}{rehearsed}",
        "env": "" if facts.in_rehearsal and not named else f" --env {facts.environment}{rehearsed}",
        "deploy": "seatrial up" + f" --env {facts.environment}" * named
        if facts.in_rehearsal
        else f"seatrial deploy {facts.environment}",
    }
