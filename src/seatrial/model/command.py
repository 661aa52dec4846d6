"""A command as the words that are executed; never a shell line in disguise."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_OPERATOR = re.compile(r"&&|\|\||[|;<>&]|\$(?!\{|\$\{)")


def _words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if operator := _OPERATOR.search(value):
        raise PydanticCustomError(
            "shell",
            "{operator} is a shell operator, but commands run without a shell",
            {
                "operator": repr(operator[0]),
                "fix": f'Run a shell explicitly: [sh, -c, "{value}"].',
            },
        )
    try:
        return shlex.split(value)
    except ValueError as error:
        raise PydanticCustomError(
            "shell",
            "the command cannot be split into words: {why}",
            {"why": str(error), "fix": "Close the quotes, or write a list of words."},
        ) from error


Command = Annotated[tuple[str, ...], BeforeValidator(_words)]
