"""How a command turns builds into images: by snapshots in a rehearsal, else by an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seatrial.cli.options import CommandContext
from seatrial.engine import containers
from seatrial.errors import UserError
from seatrial.events import Emit
from seatrial.ops.deploy import Options
from seatrial.ops.images import layers
from seatrial.rehearsal import options as rehearsal_options
from seatrial.rehearsal import session
from seatrial.rehearsal.options import PROCESS


def options(
    context: CommandContext,
    emit: Emit,
    source: Callable[[str], str | None],
    engine: str = "auto",
    *,
    pushed: bool = True,
) -> Options:
    """Return the deploy options of a command; raises UserError where images cannot be built.

    A rehearsal builds as it was started. A practice account takes copies of the build folders
    unless an engine is named. Images that will not be ``pushed`` are not built by an engine.
    """
    environment = context.app.environment
    if context.in_rehearsal:
        running = session.find(context.file.folder, environment)
        engine = running.engine if running else PROCESS
        found = rehearsal_options.live(context.file, environment, emit, source, engine)
    else:
        engine = PROCESS if engine == "auto" and context.target.runs_snapshots else engine
        _refuse_process(context, engine)
        found = rehearsal_options.frozen(context.file, environment, emit, source)
    if engine == PROCESS:
        return found
    if not pushed or not any(service.build for service in context.app.services.values()):
        return replace(found, builder=layers.planner())
    into = context.target.folder.parent / f"builds-{environment}"
    return replace(found, builder=layers.builder(containers.find(engine), into, emit))


def _refuse_process(context: CommandContext, engine: str) -> None:
    built = sorted(name for name, service in context.app.services.items() if service.build)
    if engine == PROCESS and built and not context.target.runs_snapshots:
        raise UserError.of(
            "build-engine",
            f"{', '.join(built)} must be built as container images for AWS",
            "Pass `--engine auto`, or use a practice account: `seatrial practice`.",
        )
