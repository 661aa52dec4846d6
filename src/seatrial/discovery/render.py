"""A document as the text of an app file: block style, a comment beside each choice."""

from __future__ import annotations

import json
import re
from typing import Any

from seatrial.discovery.document import ORDER, Document, Path

_PLAIN = re.compile(r"-?[A-Za-z0-9_./][\w./ @+=-]*(:[\w./-][\w./ -]*)*")
WIDTH = 96


def text(document: Document) -> str:
    """Return the file's text."""
    lines: list[str] = []
    for key in sorted(document.raw, key=ORDER.index):
        value = document.raw[key]
        if isinstance(value, dict):
            lines += ["", f"{key}:"]
            for name, inner in value.items():
                lines += _block(document, (key, name), inner, "  ")
        else:
            lines.append(_line(document, (key,), f"{key}: {scalar(value)}", ""))
    return "\n".join(lines) + "\n"


def _block(document: Document, path: Path, value: Any, indent: str) -> list[str]:
    """Write one key: a map of keys below it, or its value beside it."""
    key = scalar(path[-1])
    if (
        not isinstance(value, dict)
        or not value
        or (len(path) == 3 and len(flow(value)) < WIDTH - 20)
    ):
        return [_line(document, path, f"{indent}{key}: {flow(value)}", indent)]
    lines = [_line(document, path, f"{indent}{key}:", indent)]
    for name, inner in value.items():
        lines += _block(document, (*path, name), inner, indent + "  ")
    return lines


def _line(document: Document, path: Path, line: str, indent: str) -> str:
    """Put the comment beside the line, or above it where both are too long."""
    comment = document.comments.get(path)
    if not comment:
        return line
    beside = f"{line}  # {comment}"
    return beside if len(beside) <= WIDTH else f"{indent}# {comment}\n{line}"


def flow(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(scalar(word) for word in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """Return a text as YAML: plain where nothing in it could mean something else."""
    plain = str(value)
    if _PLAIN.fullmatch(plain) and not plain.endswith(" "):
        return plain
    return json.dumps(plain, ensure_ascii=False)
