"""Colours, unless `NO_COLOR` is set (no-color.org)."""

from __future__ import annotations

import os

import click


def style(text: str, *, fg: str | None = None, bold: bool = False, dim: bool = False) -> str:
    """Return a text in colour; without a terminal, `click.echo` removes it again."""
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, fg=fg, bold=bold or None, dim=dim or None)
