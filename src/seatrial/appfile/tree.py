"""YAML events to a tree of text, lists and maps, with the place of every node.

The tree is built from parser events, not by the YAML library's composer: sizes are counted with
aliases expanded before anything is copied, and deep nesting cannot exhaust the C stack.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any

import yaml

from seatrial.appfile.text import CONTROL, Source
from seatrial.errors import AppFileError, Place, Problem

MOST_DEPTH = 60
MOST_ALIASES = 100
MOST_NODES = 20_000
_NULLS = {"", "~", "null", "Null", "NULL"}
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]


@dataclass
class Node:
    """A node of the file: ``value`` is text, a list of nodes, or pairs of key node and node."""

    value: str | list[Node] | list[tuple[Node, Node]]
    place: Place
    kind: str
    null: bool = False
    size: int = 1


@dataclass(frozen=True)
class Tree:
    """Plain values, and where each of them stands.

    ``problems`` are those of values that could not be read, at the paths of ``unreadable``.
    """

    raw: Any
    places: dict[Path, Place]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable: frozenset[Path] = frozenset()


def parse(source: Source) -> Tree:
    """Read YAML; raises AppFileError where the text is no YAML at all."""
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise AppFileError([builder.syntax(error)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise builder.refuse("appfile-syntax", str(error), "Check the YAML.", None) from error
    plain = _Plain(builder)
    raw = plain.of(builder.root, (), None) if builder.root else {}
    return Tree(
        raw, plain.places, source.notes, tuple(builder.problems), frozenset(plain.unreadable)
    )


@dataclass
class _Builder:
    source: Source
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    stack: list[tuple[Node, list[Node], str | None]] = field(default_factory=list)
    aliases: int = 0
    nodes: int = 0
    documents: int = 0

    def place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.source.file, mark.line + 1, mark.column + 1)

    def refuse(self, code: str, message: str, fix: str, place: Place | None) -> AppFileError:
        return AppFileError([Problem(code, message, fix, place=place)])

    def syntax(self, error: yaml.MarkedYAMLError) -> Problem:
        mark = error.problem_mark or error.context_mark
        place = Place(self.source.file, mark.line + 1, mark.column + 1) if mark else None
        what = " ".join(str(error.problem or error.context or "not YAML").split())
        return Problem(
            "appfile-syntax",
            f"invalid YAML: {what}",
            "Check indentation, quotes and brackets here and in the line above.",
            place=place,
        )

    def count(self, size: int, place: Place) -> None:
        self.nodes += size
        if self.nodes > MOST_NODES:
            raise self.refuse(
                "appfile-too-large",
                f"the file has more than {MOST_NODES} values, aliases expanded",
                "Split the app.",
                place,
            )

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self.refuse(
                        "appfile-syntax",
                        "the file holds more than one document",
                        "Keep one app in one file.",
                        self.place(event),
                    )
            case yaml.AliasEvent():
                self.alias(event)
            case yaml.ScalarEvent():
                null = not event.style and event.value in _NULLS
                self.checked(event)
                self.add(Node(event.value, self.place(event), "text", null), event.anchor)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self.open(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self.close()
            case _:
                pass

    def checked(self, event: Any) -> None:
        if event.tag and event.tag not in ("!",):
            self.problems.append(
                Problem(
                    "appfile-tag",
                    f"YAML tags are not supported: `{event.tag}`",
                    "Remove it; the key determines a value's type.",
                    place=self.place(event),
                )
            )

    def open(self, event: Any) -> None:
        self.checked(event)
        if len(self.stack) >= MOST_DEPTH:
            raise self.refuse(
                "appfile-too-large",
                f"values are nested deeper than {MOST_DEPTH}",
                "No key needs that.",
                self.place(event),
            )
        kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "map"
        self.stack.append((Node([], self.place(event), kind), [], event.anchor))

    def close(self) -> None:
        node, children, anchor = self.stack.pop()
        if node.kind == "list":
            node.value = children
        else:
            node.value = list(zip(children[::2], children[1::2], strict=True))
        node.size = 1 + sum(child.size for child in children)
        self.add(node, anchor)

    def add(self, node: Node, anchor: str | None) -> None:
        self.count(1, node.place)
        if anchor:
            self.anchors[anchor] = node
        self._attach(node)

    def alias(self, event: Any) -> None:
        place = self.place(event)
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            raise self.refuse(
                "appfile-too-large",
                f"there are more than {MOST_ALIASES} aliases",
                "Write the values out.",
                place,
            )
        target = self.anchors.get(event.anchor)
        if target is None:
            raise self.refuse(
                "appfile-syntax",
                f"there is no finished anchor `&{event.anchor}`",
                "Define the anchor before it is used.",
                place,
            )
        self.count(target.size, place)
        # A copy with its own place: an error in an aliased node points at its use.
        self._attach(Node(target.value, place, f"alias {target.kind}", target.null, target.size))

    def _attach(self, node: Node) -> None:
        if self.stack:
            self.stack[-1][1].append(node)
        else:
            self.root = node


class _Plain:
    """Turns nodes into plain values and remembers the place of every path."""

    def __init__(self, builder: _Builder) -> None:
        self.builder = builder
        self.places: dict[Path, Place] = {}
        self.unreadable: set[Path] = set()

    def of(self, node: Node, path: Path, used_at: Place | None) -> Any:
        place = used_at or node.place
        if node.kind.startswith("alias "):
            used_at = place
        self.places[path] = place
        if node.null:
            self.problem(
                "appfile-null",
                f"`{path[-1] if path else 'the file'}` has no value",
                "Give it a value, or remove the key.",
                path,
                place,
            )
            return ""
        if node.kind.endswith("text"):
            return self.text(str(node.value), path, place)
        if node.kind.endswith("list"):
            items: list[Any] = list(node.value)
            return [self.of(item, (*path, i), used_at) for i, item in enumerate(items)]
        return self.mapping(node, path, used_at)

    def text(self, value: str, path: Path, place: Place) -> str:
        """Return a value in NFC; YAML's own escapes can write what the file itself may not hold."""
        if match := CONTROL.search(value):
            self.problem(
                "appfile-control-character",
                f"the character U+{ord(match[0]):04X} is not allowed in a value",
                "Remove it; only tab and newline are allowed.",
                path,
                place,
            )
            return ""
        return unicodedata.normalize("NFC", value)

    def mapping(self, node: Node, path: Path, used_at: Place | None) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        pairs: list[Any] = list(node.value)
        for key, value in pairs:
            if not key.kind.endswith("text"):
                self.problem(
                    "appfile-syntax",
                    "a key must be plain text",
                    "Quote it.",
                    path,
                    used_at or key.place,
                )
            elif key.value == "<<":
                self.merge(merged, value, path, used_at)
            elif key.value in result:
                self.problem(
                    "appfile-duplicate-key",
                    f"`{key.value}` appears twice",
                    "Keep one of the two.",
                    (*path, key.value),
                    used_at or key.place,
                )
            else:
                below = (*path, key.value)
                found = self.of(value, below, used_at)
                if below not in self.unreadable:
                    result[key.value] = found
                self.places[below] = used_at or key.place
        return {**merged, **result}

    def merge(self, into: dict[str, Any], value: Node, path: Path, used_at: Place | None) -> None:
        sources: list[Any] = list(value.value) if value.kind.endswith("list") else [value]
        for source in reversed(sources):
            if not isinstance(source, Node) or not source.kind.endswith("map"):
                self.problem(
                    "appfile-syntax",
                    "`<<` takes a map",
                    "Name an anchor of a map.",
                    path,
                    value.place,
                )
                return
            into.update(self.mapping(source, path, used_at or source.place))

    def problem(self, code: str, message: str, fix: str, path: Path, place: Place) -> None:
        self.unreadable.add(path)
        key = ".".join(str(part) for part in path)
        self.builder.problems.append(Problem(code, message, fix, key, place))
