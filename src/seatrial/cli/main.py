"""The command line: loading commands, exit codes and printing errors."""

from __future__ import annotations

import json
import signal
import sys
from importlib import import_module
from typing import Any

import click

from seatrial import __version__
from seatrial.cli.group import Suggesting
from seatrial.cli.options import COMPLETE_VARIABLE
from seatrial.cli.style import style
from seatrial.errors import Problem, UserError

COMMANDS = {
    "init": "Look at the project here and write its app file, or start from a template.",
    "explain": "Explain an error's code, or a key of the app file.",
    "check": "Report every problem in the app file: place, key and fix.",
    "up": "Rehearse: run the whole stack on this machine and redeploy on change.",
    "trial": "Test the deployment: deploy, break, roll back, restore, destroy; one report.",
    "down": "End a rehearsal; its rows, objects and secret values stay.",
    "practice": "Start an empty local account to try `deploy` against.",
    "verify": "Find what would make a deploy fail; changes nothing.",
    "deploy": "Deploy to AWS and wait until the new release serves.",
    "status": "Show what is running.",
    "doctor": "Find out why something does not run; changes nothing.",
    "open": "Open the app, a service or a site in the browser.",
    "outputs": "Print every address and name of what is deployed.",
    "logs": "Print the output of services, jobs and databases.",
    "console": "Show what runs on one local page, live, with buttons in a rehearsal.",
    "metrics": "Show CPU, memory, requests, latency and connections as small graphs.",
    "run": "Run a command once, in a task of its own.",
    "releases": "List every release and its result.",
    "rollback": "Go back to an earlier release.",
    "restart": "Replace the tasks of services; same release.",
    "scale": "Change a service's number of tasks until the next deploy.",
    "pause": "End every task and stop every database; saves most of the cost.",
    "resume": "Start what is paused.",
    "backup": "Take a backup of a database.",
    "backups": "List the backups of every database.",
    "restore": "Restore a database next to the one in use.",
    "plan": "Show what a deploy would create, change, replace and destroy.",
    "cost": "Estimate a month's cost, line by line, with advice.",
    "diagram": "Draw the stack: as SVG or in the terminal.",
    "faults": "List the faults that `up`, `inject` and `trial` can inject.",
    "inject": "Inject faults into the running rehearsal, or end them.",
    "kill": "Kill a task, the databases or AWS's API in the running rehearsal.",
    "generate": "Write the Terraform as plain files.",
    "policy": "Print the least IAM policies for who deploys, looks, or is a CI.",
    "ci": "Write the workflow of GitHub or GitLab: check and trial, then deploy.",
    "secret": "Set, list, rotate and import secret values.",
    "remove": "Remove a database or bucket that is no longer in the app file.",
    "completion": "Print the script for completion in bash, zsh or fish.",
    "unlock": "Release the lock of a killed command.",
    "destroy": "Destroy an environment after a final copy, and check that nothing is left.",
}


class Commands(Suggesting):
    """Loads a command's module only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, or None where there is none with this name."""
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
    words = sys.argv[1:] if arguments is None else arguments
    try:
        code: Any = seatrial.main(
            arguments,
            prog_name="seatrial",
            complete_var=COMPLETE_VARIABLE,
            standalone_mode=False,
        )
    except UserError as error:
        show(error, as_json="--json" in words)
        code = error.exit_code
    except click.ClickException as error:
        _usage(error, as_json="--json" in words)
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        code = 130
    except BrokenPipeError:
        code = 0
    except OSError as error:  # no space, no permission: the user's to fix, not our bug
        show(_system(error), as_json="--json" in words)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: click.ClickException, *, as_json: bool) -> None:
    """Print wrong usage as click does, or as a problem in JSON."""
    if as_json:
        fix = "`seatrial --help` lists the commands; `--help` after one, its options."
        show(UserError(Problem("usage-command", error.format_message(), fix)), as_json=True)
    else:
        error.show()


def _system(error: OSError) -> UserError:
    return UserError.of(
        "usage-system",
        f"the operating system refused: {error}",
        "Check the path, its permissions and the free disk space, then run the command again.",
    )


def _interruptible() -> None:
    """Make SIGTERM and a closed terminal end a command as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` ignores it: leave that
            signal.signal(number, interrupt)


def show(error: UserError, *, as_json: bool = False) -> None:
    """Print every problem of an error: to standard error, or as JSON to standard output."""
    if as_json:
        click.echo(json.dumps({"problems": [p.as_json() for p in error.problems]}, indent=2))
        return
    for problem in error.problems:
        click.echo(style("error", fg="red", bold=True) + str(problem)[5:], err=True)


if __name__ == "__main__":
    main()
