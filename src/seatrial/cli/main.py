"""The command line: which command, and what an error looks like."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from typing import Any

import click

from seatrial import __version__
from seatrial.errors import UserError

COMMANDS = {
    "check": "Every problem in the app file at once: file:line, key, fix.",
    "up": "Rehearse: the whole stack runs here; restarts on change.",
    "trial": "The asserted rehearsal: deploy, break, roll back, restore, destroy; one report.",
    "down": "End a rehearsal; rows, objects and secret values stay.",
    "practice": "An empty practice account here, for `deploy` before you have one at AWS.",
    "verify": "What would make a deploy fail; changes nothing.",
    "deploy": "Deploy to AWS, and tell the truth about it.",
    "status": "What runs.",
    "logs": "The output of services and jobs.",
    "releases": "Every release, and what became of it.",
    "rollback": "Let an earlier release serve again.",
    "restart": "New tasks of the same release.",
    "scale": "More or fewer tasks, until the next deploy.",
    "backup": "Take a backup of a database.",
    "backups": "The backups there are.",
    "restore": "A database from a backup, beside the one that serves.",
    "plan": "What would be created, changed, replaced, destroyed.",
    "cost": "Estimate a month, line by line, and what would be cheaper.",
    "diagram": "The stack as a picture: SVG, or in the terminal.",
    "faults": "The failures that `up` and `trial` can play.",
    "generate": "Write the plain Terraform, yours to keep.",
    "secret": "Set, list, rotate and import the values of secrets.",
    "remove": "A database or bucket that left the app file, after a last copy.",
    "unlock": "Release the lock of a command that was killed.",
    "destroy": "Everything, after a last copy; and the proof that nothing is left.",
}


class Commands(click.Group):
    """Loads a command's module only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, or None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"seatrial.cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="seatrial")
def seatrial() -> None:
    """Rehearse a deployment on a laptop, then perform the same deployment on AWS."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code."""
    _interruptible()
    try:
        code: Any = seatrial.main(arguments, standalone_mode=False)
    except UserError as error:
        show(error)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        code = 130
    except BrokenPipeError:
        code = 0
    except OSError as error:  # no space, no permission: the user's to fix, not our bug
        show(_system(error))
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _system(error: OSError) -> UserError:
    return UserError.of(
        "usage-system",
        f"the operating system refused: {error}",
        "Check the path, its permissions and the free disk space, then run the command again.",
    )


def _interruptible() -> None:
    """Let SIGTERM and a closed terminal end a command as Ctrl-C does: in order."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` ignores it: that stays so
            signal.signal(number, interrupt)


def show(error: UserError) -> None:
    """Print every problem of an error, to standard error."""
    for problem in error.problems:
        click.echo(click.style("error", fg="red", bold=True) + str(problem)[5:], err=True)


if __name__ == "__main__":
    main()
