"""A secret: only its container; the value never passes through Terraform."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.resources.context import Context, foundation
from seatrial.resources.graph import Expr, Resource


def build(context: Context) -> Iterator[Resource]:
    """Yield a container for every secret."""
    window = 7 if context.production else 0
    for noun in sorted(context.app.secrets):
        yield foundation(
            f"secrets.{noun}",
            "aws_secretsmanager_secret",
            noun,
            name=context.secret(noun),
            recovery_window_in_days=Expr(f"var.teardown ? 0 : {window}"),
        )
