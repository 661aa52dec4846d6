"""A group of commands that suggests the one that was meant."""

from __future__ import annotations

import click

from seatrial.model.finding import nearest


class Suggesting(click.Group):
    """Names the nearest command where there is none of the name given."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant; raises UsageError with a suggestion."""

        name = args[0] if args else ""
        if args and self.get_command(ctx, name) is None and not name.startswith("-"):
            fix = nearest(name, self.list_commands(ctx), f"`{ctx.command_path} --help` lists them.")
            ctx.fail(f"There is no command `{name}`. {fix}")
        return super().resolve_command(ctx, args)
