"""A script that answers in a model's place: patterns and what is said to them.

For tests and demonstrations, and always named as such: nothing in it understands anything. A row
answers where its patterns (regular expressions, searched without regard to case) all match; the
first such row wins. Groups of ``when`` may stand in the answer as ``{1}`` or ``{name}``.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from seatrial_emulator.inference.conversation import (
    End,
    InferenceError,
    Part,
    Question,
    ToolCall,
    tokens,
)

KEYS: dict[str, Any] = {
    "when": str,
    "system": str,
    "model": str,
    "tool": str,
    "answer": str,
    "call": dict,
    "error": str,
    "delay": (int, float),
    "pause": (int, float),
}
ERRORS = (
    "AccessDeniedException",
    "InternalServerException",
    "ModelErrorException",
    "ModelNotReadyException",
    "ModelTimeoutException",
    "ServiceUnavailableException",
    "ThrottlingException",
)
SAYS = ("answer", "call", "error")
EMBEDDING = 1024  # numbers, as Titan Text Embeddings V2 has by default
WORD = re.compile(r"\w+")


class ScriptError(Exception):
    """What is wrong with a script, one problem a line."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: when it answers, and what.

    ``delay`` is the seconds before the answer, ``pause`` those between two words of a stream.
    """

    when: re.Pattern[str]
    system: re.Pattern[str]
    model: re.Pattern[str]
    tool: str = ""  # a tool that must be on offer
    answer: str = ""
    call: tuple[str, dict[str, Any]] | None = None
    error: str = ""
    delay: float = 0.0
    pause: float = 0.0

    def match(self, question: Question) -> re.Match[str] | None:
        """Return where the row matches the last turn of a question, or None."""
        offered = not self.tool or any(tool.name == self.tool for tool in question.tools)
        if offered and self.system.search(question.system) and self.model.search(question.model):
            return self.when.search(question.last_text)
        return None


def parse(text: str) -> tuple[Row, ...]:
    """Return a script's rows; raises ScriptError with every problem."""
    try:
        rows = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScriptError(" ".join(str(error).split())) from error
    if not isinstance(rows, list):
        raise ScriptError("a script is a list of rows, each with `when` and one of " + _or(SAYS))
    problems: list[str] = []
    found = tuple(_row(number, row, problems) for number, row in enumerate(rows, 1))
    if problems:
        raise ScriptError("\n".join(problems))
    return tuple(row for row in found if row)


def _row(number: int, row: Any, problems: list[str]) -> Row | None:
    wrong = list(_wrong(row)) if isinstance(row, dict) else ["it is not a map"]
    problems += [f"row {number}: {text}" for text in wrong]
    if wrong:
        return None
    call = row.get("call")
    patterns = {key: re.compile(row.get(key, ""), re.IGNORECASE | re.DOTALL) for key in _PATTERNS}
    return Row(
        **patterns,
        tool=row.get("tool", ""),
        answer=row.get("answer", ""),
        call=(str(call["name"]), dict(call.get("input") or {})) if call else None,
        error=row.get("error", ""),
        delay=float(row.get("delay", 0)),
        pause=float(row.get("pause", 0)),
    )


_PATTERNS = ("when", "system", "model")


def _wrong(row: dict[str, Any]) -> Iterator[str]:
    for key, value in row.items():
        if key not in KEYS:
            yield f"there is no key `{key}`; the keys are {', '.join(KEYS)}"
        elif not isinstance(value, KEYS[key]) or isinstance(value, bool):
            yield f"`{key}` has the wrong type"
        elif key in _PATTERNS and (error := _bad_pattern(value)):
            yield f"`{key}` is no regular expression: {error}"
    if sum(key in row for key in SAYS) != 1:
        yield f"it needs one of {_or(SAYS)}"
    if "error" in row and row["error"] not in ERRORS:
        yield f"`error` is one of {', '.join(ERRORS)}"
    if isinstance(row.get("call"), dict) and "name" not in row["call"]:
        yield "`call` needs the tool's `name`"


def _bad_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        return str(error)
    return ""


def _or(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words[:-1]) + f" or `{words[-1]}`"


class Script:
    """A model that says what its rows say."""

    embeds = False

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows

    def answer(self, question: Question) -> Iterator[Part]:
        """Yield the answer of the first row that matches; raises InferenceError."""
        for row in self.rows:
            if found := row.match(question):
                return _said(row, found, question)
        text = "The script that stands for the model has no row for this. It was asked: "
        raise InferenceError("ModelErrorException", text + question.last_text[:200])

    def embed(self, texts: list[str], size: int | None) -> list[list[float]]:
        """Return vectors by which texts with the same words are near each other."""
        return [_vector(text, size or EMBEDDING) for text in texts]


def _said(row: Row, found: re.Match[str], question: Question) -> Iterator[Part]:
    time.sleep(row.delay)
    if row.error:
        raise InferenceError(row.error, "The script that stands for the model says so.")
    return _parts(row, found, question)


def _parts(row: Row, found: re.Match[str], question: Question) -> Iterator[Part]:
    prompt = tokens(question.system + "".join(message.text for message in question.messages))
    if row.call:
        name, arguments = row.call
        filled = {k: _fill(v, found) if isinstance(v, str) else v for k, v in arguments.items()}
        yield ToolCall(f"tooluse_{hashlib.sha256(name.encode()).hexdigest()[:22]}", name, filled)
        yield End("tool_use", prompt, tokens(str(filled)))
        return
    text = _fill(row.answer, found)
    words = re.findall(r"\S*\s*", text)
    most = question.most_tokens
    cut = most is not None and tokens(text) > most
    if cut and most is not None:
        text = text[: most * 4]
        words = re.findall(r"\S*\s*", text)
    for word in filter(None, words):
        yield word
        if row.pause:
            time.sleep(row.pause)
    yield End("max_tokens" if cut else "end_turn", prompt, tokens(text))


def _fill(text: str, found: re.Match[str]) -> str:
    """Put the groups of a match into a text; other braces stay."""
    named = found.groupdict()

    def value(brace: re.Match[str]) -> str:
        key = brace[1]
        if key.isdigit() and int(key) <= (found.re.groups or 0):
            return found[int(key)] or ""
        return named[key] or "" if key in named else brace[0]

    return re.sub(r"\{(\w+)\}", value, text)


def _vector(text: str, size: int) -> list[float]:
    """Return a text's words as a unit vector: each is counted where its hash says."""
    numbers = [0.0] * size
    for word in WORD.findall(text.lower()):
        place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        numbers[place % size] += 1.0
    length = math.sqrt(sum(number * number for number in numbers)) or 1.0
    return [number / length for number in numbers]
