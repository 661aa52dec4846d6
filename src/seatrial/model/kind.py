"""What every noun says of itself to the rest: how it is used, referred to and checked.

A noun declares its ``KIND`` beside its model; ``app.KINDS`` lists them, and is the only list: what
other rooms need of a noun stands in its file of theirs, which ``Kind.module`` finds by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from seatrial.model.finding import Finding

if TYPE_CHECKING:
    from seatrial.model.app import App
    from seatrial.model.service import Use


@dataclass(frozen=True)
class Variable:
    """An environment variable that a use gives, and the attribute that is its value.

    A ``secret`` one reaches the task as an ECS secret: its value stands in no task definition.
    A ``setting`` leads nowhere: an app's `env` may say it otherwise.
    """

    name: str
    attribute: str
    secret: bool = False
    setting: bool = False


def no_variables(_app: App, _use: Use) -> Iterator[Variable]:
    """Yield nothing: what a noun gives that is not used, or gives no variable."""
    yield from ()


def no_findings(_app: App) -> Iterator[Finding]:
    """Yield nothing: a noun whose fields say all there is to check."""
    yield from ()


def never_inside(_app: App, _name: str, _attribute: str) -> str | None:
    """Return None: what is not known when texts with a secret inside are put together."""
    return None


def nothing_borrowed(_app: App, _account: str) -> tuple[str, ...]:
    """Return nothing: a noun that the app makes itself."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of noun: a section of the app file."""

    section: str  # the key at the top of the app file
    single: bool = False  # whether the section is the noun itself, not a map of names
    attributes: tuple[str, ...] = ()  # what `${name.attribute}` may ask for
    secret: frozenset[str] = frozenset()  # those of them that are values of secrets
    open: frozenset[str] = frozenset()  # those of them that need no `uses`
    in_network: bool = False  # whether it lies in the VPC
    accesses: tuple[str, ...] = ()  # words after `uses: [name: ...]`; "" the bare name; () unusable
    beside: frozenset[str] = frozenset()  # accesses that one service may have beside another
    variables: Callable[[App, Use], Iterator[Variable]] = no_variables
    check: Callable[[App], Iterator[Finding]] = no_findings
    # Where an attribute stands in the value of the noun's secret when a text is put together around
    # one: a key of its JSON, "" for the whole value, None where it may not stand in such a text.
    inside: Callable[[App, str, str], str | None] = never_inside
    # The ARNs in an account of what is there already: used, and never made.
    borrowed: Callable[[App, str], tuple[str, ...]] = nothing_borrowed

    @property
    def file(self) -> str:
        """Return the name of this kind's module in every room."""
        return self.section if self.single else self.section.removesuffix("s")

    def module(self, room: str) -> ModuleType:
        """Return this kind's module in a room, where it declares what that room needs of it."""
        return import_module(f"seatrial.{room}.{self.file}")

    def names(self, app: App) -> tuple[str, ...]:
        """Return the names by which an app's other nouns can mean one of this kind."""
        there = getattr(app, self.section)
        if not self.single:
            return tuple(there)
        return (self.section,) if there is not None and self.attributes else ()
