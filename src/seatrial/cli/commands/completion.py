"""``seatrial completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from seatrial.cli.options import COMPLETE_VARIABLE

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script that makes a shell complete commands, options, codes and keys.

    \b
    bash   add to ~/.bashrc:  source <(seatrial completion bash)
    zsh    add to ~/.zshrc:   source <(seatrial completion zsh)
    fish   once:  seatrial completion fish > ~/.config/fish/completions/seatrial.fish
    """
    found = get_completion_class(shell)
    if found is not None:
        click.echo(
            found(
                click.get_current_context().find_root().command, {}, "seatrial", COMPLETE_VARIABLE
            ).source(),
            nl=False,
        )
