"""``seatrial completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

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
    from seatrial.cli.main import COMPLETE_VARIABLE, seatrial

    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(seatrial, {}, "seatrial", COMPLETE_VARIABLE).source(), nl=False)
