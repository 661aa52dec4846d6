"""Whether a value fits a JSON Schema, where a part of the value is not known yet. Pure.

Three answers: a ``Violation`` is sure; ``UNSURE`` says that it depends on a reference; nothing says
that it fits. ``required`` decides inside ``if`` and ``not`` alone: what a resource must have,
Terraform's own schema says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from seatrial.schemas.facts import FORMATS


class _Unknown:
    """A value that is known once Terraform has run: a reference, an expression."""


UNKNOWN: Final = _Unknown()
UNSURE: Final = _Unknown()
MOST_LISTED = 12  # values of an enum that a message shows


@dataclass(frozen=True)
class Violation:
    """One value that a schema does not allow; ``path`` in CloudFormation's names."""

    path: tuple[str, ...]
    value: Any
    rule: str


Outcome = Violation | _Unknown


@dataclass(frozen=True)
class Judge:
    """One schema with its definitions; ``prefixes`` are enums that a version's start satisfies."""

    root: dict[str, Any]
    prefixes: frozenset[str] = frozenset()

    def violations(self, schema: Any, value: Any, path: tuple[str, ...] = ()) -> list[Violation]:
        """Return everything in a value that surely does not fit."""
        found = self._outcomes(schema, value, path, strict=False)
        return [outcome for outcome in found if isinstance(outcome, Violation)]

    def holds(self, schema: Any, value: Any) -> bool | None:
        """Return whether a condition holds; None where that is not known."""
        unsure = False
        for outcome in self._outcomes(schema, value, (), strict=True):
            if isinstance(outcome, Violation):
                return False
            unsure = True
        return None if unsure else True

    def _outcomes(
        self, schema: Any, value: Any, path: tuple[str, ...], *, strict: bool
    ) -> Iterator[Outcome]:
        if schema is False:
            yield Violation(path, value, "must not be there")
            return
        if not isinstance(schema, dict):
            return
        if value is UNKNOWN:
            yield UNSURE
            return
        if "$ref" in schema:
            yield from self._outcomes(self.resolved(schema), value, path, strict=strict)
        if isinstance(value, dict):
            yield from self._object(schema, value, path, strict=strict)
        elif isinstance(value, list):
            yield from self._list(schema, value, path, strict=strict)
        elif value is not None:
            yield from self._scalar(schema, value, path)
        yield from self._combined(schema, value, path, strict=strict)

    def resolved(self, schema: Any) -> Any:
        """Return what a ``$ref`` points at, inside the document."""
        while isinstance(schema, dict) and "$ref" in schema:
            found: Any = self.root
            for part in schema["$ref"].lstrip("#/").split("/"):
                found = found.get(part, {}) if isinstance(found, dict) else {}
            schema = found
        return schema

    def _object(
        self, schema: dict[str, Any], value: dict[str, Any], path: tuple[str, ...], *, strict: bool
    ) -> Iterator[Outcome]:
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from self._outcomes(inner, value[name], (*path, name), strict=strict)
        for name in schema.get("required", ()) if strict else ():
            if name not in value:
                yield Violation((*path, name), None, "must be there")

    def _list(
        self, schema: dict[str, Any], value: list[Any], path: tuple[str, ...], *, strict: bool
    ) -> Iterator[Outcome]:
        least, most = schema.get("minItems"), schema.get("maxItems")
        if least is not None and len(value) < least:
            yield Violation(path, value, f"must have {least} items at least")
        if most is not None and len(value) > most:
            yield Violation(path, value, f"must have {most} items at most")
        for index, item in enumerate(value):
            here = (*path, str(index + 1))
            yield from self._outcomes(schema.get("items"), item, here, strict=strict)
        contains = schema.get("contains")
        if contains is not None and all(self.holds(contains, i) is False for i in value):
            yield Violation(path, value, "lacks an item that must be there")

    def _scalar(
        self, schema: dict[str, Any], value: Any, path: tuple[str, ...]
    ) -> Iterator[Violation]:
        if rule := self._listed(schema, value, path) or _number(schema, value):
            yield Violation(path, value, rule)
        if not isinstance(value, str):
            return
        if len(value) < schema.get("minLength", 0):
            yield Violation(path, value, f"must have {schema['minLength']} characters at least")
        if len(value) > schema.get("maxLength", len(value)):
            yield Violation(path, value, f"must have {schema['maxLength']} characters at most")
        known = FORMATS.get(schema.get("format", ""))
        if known is not None and not known(value):
            yield Violation(path, value, f"must have the form of {schema['format']}")
        if "pattern" in schema and not _matcher(schema["pattern"])(value):
            yield Violation(path, value, f"must match {schema['pattern']}")

    def _listed(self, schema: dict[str, Any], value: Any, path: tuple[str, ...]) -> str:
        """Return the rule of an enum that a value breaks; empty where it breaks none."""
        text = _text(value)
        if "const" in schema and text != _text(schema["const"]):
            return f"must be {_text(schema['const'])}"
        if "enum" in schema:
            known = [_text(each) for each in schema["enum"]]
            started = bool(path) and path[-1] in self.prefixes
            if text not in known and not (started and any(k.startswith(f"{text}.") for k in known)):
                return f"must be one of {_some(known, text)}"
        folded = [_text(each).lower() for each in schema.get("enumCaseInsensitive", ())]
        if folded and text.lower() not in folded:
            return f"must be one of {_some(folded, text)}"
        return ""

    def _combined(
        self, schema: dict[str, Any], value: Any, path: tuple[str, ...], *, strict: bool
    ) -> Iterator[Outcome]:
        for part in schema.get("allOf", ()):
            yield from self._outcomes(part, value, path, strict=strict)
        for word in ("anyOf", "oneOf"):
            if branches := schema.get(word):
                yield from self._one_of(branches, value, path, strict=strict)
        if "if" in schema:
            held = self.holds(schema["if"], value)
            chosen = None if held is None else schema.get("then" if held else "else")
            yield from self._outcomes(chosen, value, path, strict=strict)
        if "not" in schema and (held := self.holds(schema["not"], value)) is not False:
            yield Violation(path, value, "must not be so") if held else UNSURE

    def _one_of(
        self, branches: list[Any], value: Any, path: tuple[str, ...], *, strict: bool
    ) -> Iterator[Outcome]:
        """Yield the nearest branch's outcomes, where no branch fits."""
        tried = [list(self._outcomes(each, value, path, strict=strict)) for each in branches]
        wrong = [[o for o in outcomes if isinstance(o, Violation)] for outcomes in tried]
        if all(wrong):
            yield from min(wrong, key=len)
        elif all(tried):
            yield UNSURE


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _some(known: list[str], near: str) -> str:
    """Return the values that may stand there; of many, those that begin alike."""
    alike = [each for each in known if each.partition(".")[0] == near.partition(".")[0]] or known
    shown = alike if len(known) > MOST_LISTED else known
    return ", ".join(shown[:MOST_LISTED]) + (", ..." if len(shown) > MOST_LISTED else "")


def _number(schema: dict[str, Any], value: Any) -> str:
    """Return the rule of numbers that a value breaks; text that holds a number is one."""
    rules = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    wanted = schema.get("type") in ("integer", "number") or any(rule in schema for rule in rules)
    if not wanted or isinstance(value, bool):
        return ""
    try:
        number = float(value)
    except ValueError:
        return "must be a number" if schema.get("type") in ("integer", "number") else ""
    checks: dict[str, Callable[[float], bool]] = {
        "minimum": lambda least: number >= least,
        "maximum": lambda most: number <= most,
        "exclusiveMinimum": lambda least: number > least,
        "exclusiveMaximum": lambda most: number < most,
        "multipleOf": lambda step: number % step == 0,
    }
    words = {"minimum": "at least", "maximum": "at most", "multipleOf": "a multiple of"}
    for rule, right in checks.items():
        if rule in schema and not right(schema[rule]):
            return f"must be {words.get(rule, rule)} {schema[rule]}"
    return ""


@cache
def _matcher(pattern: str) -> Callable[[str], bool]:
    """Return whether text matches somewhere, as JSON Schema has it; all does where Python cannot.

    Patterns are Java's or JavaScript's: ``\\p{L}`` needs the package ``regex``, which cfn-lint has.
    """
    try:
        if "\\p{" in pattern or "[[:" in pattern:
            import regex

            compiled: Any = regex.compile(pattern)
        else:
            compiled = re.compile(pattern)
    except Exception:  # each package has its own error; a pattern that neither reads refuses nobody
        return lambda _: True
    return lambda text: compiled.search(text) is not None
