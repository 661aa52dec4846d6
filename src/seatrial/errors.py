"""Every error a person can fix: what happened, where, and what to do about it.

A ``Problem`` is one finding; a ``UserError`` carries one or many of them to the command line,
which prints them and exits with the error's code. Anything else that escapes is our bug.

    UserError                 1  nothing was changed, or what served before still serves
     +- AppFileError          2  the app file
     +- UsageError            2  the command line
     +- BrokenError           3  failed and not rolled back
     +- LockedError           4  somebody else is at work
     +- CredentialsError      5  credentials or account
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong and what to do about it; ``key`` is the app file's path."""

    code: str
    message: str
    fix: str
    key: str = ""
    place: Place | None = None

    def at(self, place: Place | None) -> Problem:
        """Return the same problem, pinned to a place."""
        return replace(self, place=place)

    def as_json(self) -> dict[str, object]:
        """Return the documented JSON shape of ``check --json``."""
        return {
            "code": self.code,
            "message": self.message,
            "file": self.place.file if self.place else None,
            "line": self.place.line if self.place else None,
            "column": self.place.column if self.place else None,
            "key": self.key,
            "fix": self.fix,
        }

    def __str__(self) -> str:
        where = ""
        if self.place or self.key:
            where = f"\n  at {' '.join(str(part) for part in (self.place, self.key) if part)}"
        return f"error[{self.code}]: {self.message}{where}\n  fix: {self.fix}"


class UserError(Exception):
    """A failure that the user can fix; carries every problem found, not only the first."""

    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, code: str, message: str, fix: str, key: str = "") -> UserError:
        """Make the error for a single problem."""
        return cls(Problem(code, message, fix, key))


class AppFileError(UserError):
    """The app file says something that cannot be."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(*problems)


class UsageError(UserError):
    """The command was called in a way that means nothing."""

    exit_code = 2


class BrokenError(UserError):
    """Something failed half-way and could not be put back."""

    exit_code = 3


class LockedError(UserError):
    """Another command holds the environment's lock."""

    exit_code = 4


class CredentialsError(UserError):
    """The account refuses us, or is another one than expected."""

    exit_code = 5
