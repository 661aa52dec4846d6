"""Values to Terraform's JSON syntax; text of the app file stays text, whatever it contains."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from seatrial.resources.graph import Expr, Joined, Json, Ref

Resolve = Callable[[Ref], str]


def literal(text: str) -> str:
    """Return text that Terraform reads as itself: no ``${`` or ``%{`` is ever evaluated."""
    return text.replace("${", "$${").replace("%{", "%%{")


def value(node: Any, resolve: Resolve) -> Any:
    """Return a node of a resource's body as Terraform JSON."""
    match node:
        case str():
            return literal(node)
        case Ref():
            return f"${{{resolve(node)}}}"
        case Expr(text):
            return f"${{{text}}}"
        case Joined(parts):
            return _joined(parts, resolve)
        case Json(inner):
            return _document(inner, resolve)
        case Mapping():
            return {key: value(item, resolve) for key, item in node.items()}
        case list() | tuple():
            return [value(item, resolve) for item in node]
        case _:
            return node


def _guarded(text: str) -> str:
    """Keep a ``$`` or ``%`` at the end of text from meeting the ``${`` that follows it."""
    plain = text.rstrip("$%")
    return f'{plain}${{"{text[len(plain) :]}"}}' if plain != text else text


def _joined(parts: tuple[str | Ref | Expr, ...], resolve: Resolve) -> str:
    """Join literal text and expressions."""
    text = ""
    for part in parts:
        written = value(part, resolve)
        text = (text if isinstance(part, str) else _guarded(text)) + written
    return text


def _document(inner: Any, resolve: Resolve) -> str:
    """Write a JSON document whose references are interpolated by Terraform.

    References are first written as marks that JSON leaves alone, then the document's text is
    escaped as a whole, then the marks become references. ARNs, names and addresses hold no
    character that JSON would have to escape (AWS's naming rules), so they fit between quotes.
    """
    marks: dict[str, str] = {}

    def mark(expression: str) -> str:
        key = f"\0{len(marks)}\0"  # no text of an app file holds this character
        marks[json.dumps(key)[1:-1]] = expression
        return key

    def plain(node: Any) -> Any:
        match node:
            case Ref() | Expr():
                return mark(value(node, resolve))
            case Joined(parts):
                return "".join(p if isinstance(p, str) else mark(value(p, resolve)) for p in parts)
            case Mapping():
                return {key: plain(item) for key, item in node.items()}
            case list() | tuple():
                return [plain(item) for item in node]
            case _:
                return node

    text = literal(json.dumps(plain(inner), ensure_ascii=False, sort_keys=True))
    for key, expression in marks.items():
        before, _, after = text.partition(key)
        text = _guarded(before) + expression + after
    return text
