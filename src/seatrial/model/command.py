"""A command as the words that are executed; never a shell line in disguise."""

from __future__ import annotations

import json
import re
import shlex
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

_OPERATOR = re.compile(r"&&|\|\||[|;<>&]")
_VARIABLE = re.compile(r"\$(?!\{|\$\{)")
# What a shell takes literally: an escaped character, single quotes; between double quotes a `$` is
# still a variable.
_LITERAL = re.compile(r"\\.|'[^']*'")
_QUOTED = re.compile(r'\\.|\'[^\']*\'|"(?:\\.|[^"\\])*"')
_SEQUENCE = re.compile(r"(.*(?:&&|;)\s*)(.+)", re.DOTALL)


def _words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if operator := _shell_only(value):
        raise PydanticCustomError(
            "shell",
            "{operator} is a shell operator, but commands run without a shell",
            {"operator": repr(operator), "fix": _in_a_shell(value, operator)},
        )
    try:
        return shlex.split(value)
    except ValueError as error:
        raise PydanticCustomError(
            "shell",
            "the command cannot be split into words: {why}",
            {"why": str(error), "fix": "Close the quotes, or write a list of words."},
        ) from error


def _shell_only(text: str) -> str:
    """Return what of a command only a shell understands; empty where nothing is."""
    found = _OPERATOR.search(_QUOTED.sub("", text)) or _VARIABLE.search(_LITERAL.sub("", text))
    return found[0] if found else ""


def _in_a_shell(text: str, operator: str) -> str:
    """Return the advice: `exec`, so that SIGTERM reaches the program and not only the shell."""
    if operator in ("|", "||", "&", "<"):
        line, why = text, ""
    else:
        before = _SEQUENCE.fullmatch(text)
        line = f"{before[1]}exec {before[2]}" if before else f"exec {text}"
        why = " (`exec`, so that SIGTERM reaches the program)"
    return f"Run a shell explicitly: [sh, -c, {json.dumps(line, ensure_ascii=False)}]{why}."


def _not_empty(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words or "" in words:
        raise PydanticCustomError(
            "shell",
            "the command has an empty word" if words else "the command is empty",
            {"fix": "Write the program and its arguments, or leave the key out."},
        )
    return words


Command = Annotated[tuple[str, ...], BeforeValidator(_words), AfterValidator(_not_empty)]
