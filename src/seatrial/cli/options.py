"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seatrial.errors import Problem, UsageError
from seatrial.model.finding import nearest
from seatrial_emulator.faults import FAULTS

if TYPE_CHECKING:
    from seatrial.appfile.load import AppFile
    from seatrial.model.app import App
    from seatrial.rehearsal.session import Running
    from seatrial.target import Target

Command = Callable[..., Any]
COMPLETE_VARIABLE = "_SEATRIAL_COMPLETE"  # set by a shell that asks what may follow
ENGINES = ("auto", "process", "docker", "podman", "buildah")
file_option = click.option(
    "-f",
    "--file",
    "file",
    metavar="FILE",
    help="The app file. Default: seatrial.yml here or in the nearest parent folder.",
)
env_option = click.option(
    "--env", metavar="ENV", help="The environment. `dev` is the app file without an overlay."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


rehearsal_option = click.option(
    "--rehearsal", is_flag=True, help="Use the running rehearsal of ENV instead of AWS."
)


def engine_option(*, auto: str) -> Callable[[Command], Command]:
    """Give a command ``--engine``, the image builder; ``auto`` describes the default's meaning."""
    return click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="auto",
        envvar="SEATRIAL_ENGINE",
        show_envvar=True,
        help=f"What builds images. {auto}",
    )


def _choose_provider(_context: click.Context, _parameter: click.Parameter, value: str) -> None:
    """Set the variable, so that processes started by this one use the same provider."""
    if value:
        os.environ["SEATRIAL_PROVIDER"] = value


provider_option = click.option(
    "--provider",
    type=click.Choice(("quick", "stock")),
    envvar="SEATRIAL_PROVIDER",
    show_envvar=True,
    expose_value=False,
    callback=_choose_provider,
    help="`quick` shortens the AWS provider's waits (rehearsals and practice accounts only); "
    "`stock` runs it unchanged.",
)


def pace_options(function: Command) -> Command:
    """Give a command ``--pace`` and ``--real-time`` (a pace of 1)."""
    real = click.option(
        "--real-time", is_flag=True, help="Wait as long as AWS does; same as `--pace 1`."
    )
    pace = click.option(
        "--pace",
        type=click.FloatRange(min=0.1, max=100),
        default=10.0,
        show_default=True,
        help="Divide AWS's own waiting times by this; the app's timeouts are not changed.",
    )
    return pace(real(function))


def environment_options(function: Command) -> Command:
    """Give a command ENV, ``--file``, ``--env``, ``--rehearsal`` and ``--json``."""
    return _add_options(function, click.argument("environment", metavar="[ENV]", required=False))


def environment_and_names(metavar: str) -> Callable[[Command], Command]:
    """Give a command the same options and an argument list that may also hold names.

    ``context_and_names`` separates ENV from the names.
    """
    return lambda function: _add_options(
        function, click.argument("where", metavar=metavar, nargs=-1)
    )


def _add_options(function: Command, argument: Callable[[Command], Command]) -> Command:
    for option in (json_option, rehearsal_option, env_option, file_option, argument):
        function = option(function)
    return function


@dataclass(frozen=True)
class CommandContext:
    """What a command works on: the app of one environment, and the target that runs it."""

    file: AppFile
    app: App
    target: Target
    in_rehearsal: bool


def seconds_of(text: str) -> float:
    """Return the seconds of a duration with a unit; raises UsageError."""
    from pydantic_core import PydanticCustomError

    from seatrial.model.units import duration

    try:
        return float(duration(text))
    except PydanticCustomError as error:
        raise UsageError(
            Problem(
                "usage-time", f"`{text}` is not a duration", "Write it as `30 s`, `5 min` or `2 h`."
            )
        ) from error


def refuse_unknown_faults(names: tuple[str, ...]) -> None:
    """Raise UsageError naming every fault that does not exist."""
    if names:
        refuse_unknown(
            names,
            FAULTS,
            code="usage-fault",
            message="unknown fault",
            fix="List them with `seatrial faults`.",
        )


def refuse_unknown(
    names: Iterable[str], known: Iterable[str], *, code: str, message: str, fix: str
) -> None:
    """Raise UsageError with one problem for each name that is not known.

    ``fix`` is used where no known name is close to what was typed.
    """

    listed = list(known)
    problems = [
        Problem(code, f"{message} `{name}`", nearest(name, listed, fix))
        for name in names
        if name not in listed
    ]
    if problems:
        raise UsageError(*problems)


def app_path(given: str | None) -> Path:
    """Return the path of the app file to use; raises AppFileError where there is none."""
    from seatrial.appfile import load

    return load.find(given, Path.cwd())


def command_context(file: str | None, env: str | None, *, rehearsal: bool) -> CommandContext:
    """Return what a command works on: ENV on AWS, or without ENV the running rehearsal.

    Raises UsageError where no rehearsal runs.
    """
    from seatrial.appfile import load

    path = app_path(file)
    found = load.read(path)
    if env and not rehearsal:
        return _on_aws(found, env)
    from seatrial.rehearsal import session

    names = [env] if env else list(found.environments)
    running = [(name, session.find(found.folder, name)) for name in names]
    alive = [(name, one) for name, one in running if one]
    if not alive:
        ends = [session.unexpected_end(session.folder_of(found.folder, n)) for n in names]
        why = next((f"; the last one ended by itself: {end}" for end in ends if end), "")
        raise UsageError(
            Problem(
                "rehearsal-none",
                f"no rehearsal of this app is running{why}",
                "Start one with `seatrial up`, or name an environment to use AWS.",
            )
        )
    name, one = alive[0]
    return CommandContext(found, load.app_for(found, name), one.target, in_rehearsal=True)


def running_rehearsal(file: str | None, env: str | None) -> Running:
    """Return the rehearsal that runs; raises UsageError where none does."""
    from seatrial.rehearsal import session

    context = command_context(file, env, rehearsal=True)
    found = session.find(context.file.folder, context.app.environment)
    if found is None:
        raise UsageError(
            Problem(
                "rehearsal-none", "the rehearsal has just ended", "Start one with `seatrial up`."
            )
        )
    return found


def _on_aws(found: AppFile, env: str) -> CommandContext:
    from seatrial.appfile import load
    from seatrial.cloud import account

    app = load.app_for(found, env)
    folder = found.folder / ".seatrial" / f"aws-{env}"
    return CommandContext(
        found, app, account.target(env, app.region, app.account, folder), in_rehearsal=False
    )


def confirm_name(wanted: str, name: str | None, verb: str) -> None:
    """Raise UsageError unless ``name`` is what will be destroyed; on a terminal, ask for it."""

    if name is None and sys.stdin.isatty():
        name = click.prompt(f"type {wanted} to {verb} it", err=True)
    if name != wanted:
        raise UsageError(
            Problem(
                "destroy-name",
                f"this would {verb} {wanted}, but "
                + (f"the name given is `{name}`" if name else "no name was given"),
                f"Confirm with `--name {wanted}`.",
            )
        )


def split_numbers(arguments: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the numbers and the other words of an argument list."""
    listed = list(arguments)
    return [a for a in listed if a.isdigit()], [a for a in listed if not a.isdigit()]


def context_and_names(
    file: str | None, env: str | None, arguments: tuple[str, ...], *, rehearsal: bool
) -> tuple[CommandContext, list[str]]:
    """Return what a command works on, and its arguments that are not an environment's name."""
    from seatrial.appfile import load

    known = load.read(app_path(file)).environments
    environments = [word for word in arguments if word in known]
    names = [word for word in arguments if word not in known]
    chosen = environments[0] if environments else env
    return command_context(file, chosen, rehearsal=rehearsal), names


def chosen_database(app: App, names: list[str]) -> str:
    """Return the named database, or the only one; raises UsageError where that is ambiguous."""

    if names:
        return names[0]
    if len(app.databases) == 1:
        return next(iter(app.databases))
    raise UsageError(
        Problem(
            "usage-database",
            "the app has more than one database" if app.databases else "the app has no database",
            f"Name one of: {', '.join(sorted(app.databases))}."
            if app.databases
            else "Add one under `databases` in the app file.",
        )
    )
