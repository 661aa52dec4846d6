"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from seatrial.appfile.load import AppFile
    from seatrial.model.app import App
    from seatrial.target import Target

Command = Callable[..., Any]
ENGINES = ("auto", "process", "docker", "podman", "buildah")
file_option = click.option(
    "-f",
    "--file",
    "file",
    metavar="FILE",
    help="The app file; else the seatrial.yml here or in the nearest folder above.",
)
env_option = click.option("--env", metavar="ENV", help="The environment; `dev` is the base file.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


rehearsal_option = click.option("--rehearsal", is_flag=True, help="ENV means its rehearsal.")


def engine_option(*, words: str) -> Callable[[Command], Command]:
    """Give a command ``--engine``: what builds images; ``words`` say what ``auto`` means there."""
    return click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="auto",
        envvar="SEATRIAL_ENGINE",
        show_envvar=True,
        help=f"What builds images. {words}",
    )


def _choose_provider(_context: click.Context, _parameter: click.Parameter, value: str) -> None:
    """Set the variable: processes that this one starts use the same provider."""
    if value:
        os.environ["SEATRIAL_PROVIDER"] = value


provider_option = click.option(
    "--provider",
    type=click.Choice(("quick", "stock")),
    envvar="SEATRIAL_PROVIDER",
    show_envvar=True,
    expose_value=False,
    callback=_choose_provider,
    help="`quick` divides the AWS provider's waits (rehearsals and practice accounts only); "
    "`stock` lets Terraform start it unchanged.",
)


def paced(function: Command) -> Command:
    """Give a command the pace of its rehearsal: ``--pace``, or ``--real-time`` for a pace of 1."""
    real = click.option("--real-time", is_flag=True, help="Pauses as long as on AWS: a pace of 1.")
    pace = click.option(
        "--pace",
        type=click.FloatRange(min=0.1, max=100),
        default=10.0,
        show_default=True,
        help="Divides the pauses that AWS imposes; never a limit on the app.",
    )
    return pace(real(function))


def placed(function: Command) -> Command:
    """Give a command what says where it acts: ENV, the app file, and how it answers."""
    return _placed(function, click.argument("environment", metavar="[ENV]", required=False))


def placed_with(metavar: str) -> Callable[[Command], Command]:
    """Give a command the same, and other words beside ENV; ``parted`` tells them apart."""
    return lambda function: _placed(function, click.argument("where", metavar=metavar, nargs=-1))


def _placed(function: Command, argument: Callable[[Command], Command]) -> Command:
    for option in (json_option, rehearsal_option, env_option, file_option, argument):
        function = option(function)
    return function


@dataclass(frozen=True)
class CommandContext:
    """A command's app and the place it acts on."""

    file: AppFile
    app: App
    target: Target
    rehearsed: bool


def faulty(names: tuple[str, ...]) -> None:
    """Refuse names of faults that do not exist; raises UsageError naming all of them."""
    if names:
        from seatrial_emulator.faults import FAULTS

        said = ("usage-fault", "there is no fault", "`seatrial faults` lists them.")
        among(names, FAULTS, said)


def among(names: Iterable[str], known: Iterable[str], said: tuple[str, str, str]) -> None:
    """Refuse names that are not known, all at once; ``said`` are code, sentence and else the fix.

    Raises UsageError.
    """
    from seatrial.errors import Problem, UsageError
    from seatrial.model.finding import nearest

    code, sentence, otherwise = said
    listed = list(known)
    problems = [
        Problem(code, f"{sentence} `{name}`", nearest(name, listed, otherwise))
        for name in names
        if name not in listed
    ]
    if problems:
        raise UsageError(*problems)


def app_path(given: str | None) -> Path:
    """Return the app file a command means."""
    from seatrial.appfile import load

    return load.find(given, Path.cwd())


def scene(file: str | None, env: str | None, *, rehearsal: bool) -> CommandContext:
    """Return where a command acts: ENV is AWS, no ENV is the running rehearsal."""
    from seatrial.appfile import load

    path = app_path(file)
    found = load.read(path)
    if env and not rehearsal:
        return _on_aws(found, env)
    from seatrial.errors import Problem, UsageError
    from seatrial.rehearsal import session

    names = [env] if env else list(found.environments)
    running = [(name, session.find(found.folder, name)) for name in names]
    alive = [(name, one) for name, one in running if one]
    if not alive:
        raise UsageError(
            Problem(
                "rehearsal-none",
                "no rehearsal runs here",
                "Start one with `seatrial up`, or name an environment to ask AWS.",
            )
        )
    name, one = alive[0]
    return CommandContext(found, load.app_for(found, name), one.target, rehearsed=True)


def _on_aws(found: AppFile, env: str) -> CommandContext:
    from seatrial.appfile import load
    from seatrial.cloud import account

    app = load.app_for(found, env)
    folder = found.folder / ".seatrial" / f"aws-{env}"
    return CommandContext(
        found, app, account.target(env, app.region, app.account, folder), rehearsed=False
    )


def named(wanted: str, name: str | None, verb: str) -> None:
    """Let only who names a thing in words destroy or remove it; asks where there is a terminal.

    Raises UsageError.
    """
    from seatrial.errors import Problem, UsageError

    if name is None and sys.stdin.isatty():
        name = click.prompt(f"type {wanted} to {verb} it", err=True)
    if name != wanted:
        raise UsageError(
            Problem(
                "destroy-name",
                f"this would {verb} {wanted}, and "
                + (f"`{name}` was named" if name else "nothing was named"),
                f"Name it: `--name {wanted}`.",
            )
        )


def words(where: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the numbers and the other words of an argument list."""
    return [w for w in where if w.isdigit()], [w for w in where if not w.isdigit()]


def parted(
    file: str | None, env: str | None, where: tuple[str, ...], *, rehearsal: bool
) -> tuple[CommandContext, list[str]]:
    """Return where a command acts and its other words: a word that is an environment is ENV."""
    from seatrial.appfile import load

    known = load.read(app_path(file)).environments
    named = [word for word in where if word in known]
    rest = [word for word in where if word not in known]
    return scene(file, named[0] if named else env, rehearsal=rehearsal), rest


def database(app: App, named: list[str]) -> str:
    """Return the database that is meant: the one that was named, or the only one."""
    from seatrial.errors import Problem, UsageError

    if named:
        return named[0]
    if len(app.databases) == 1:
        return next(iter(app.databases))
    raise UsageError(
        Problem(
            "usage-database",
            "which database?" if app.databases else "the app has no database",
            "Name one of: " + (", ".join(sorted(app.databases)) or "there is none") + ".",
        )
    )
