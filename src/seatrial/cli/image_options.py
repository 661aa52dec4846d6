"""How builds become images where a command acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seatrial.cli.options import CommandContext
from seatrial.engine import containers
from seatrial.errors import UserError
from seatrial.events import Emit
from seatrial.ops.deploy import Options
from seatrial.ops.images import layers
from seatrial.rehearsal import session, up
from seatrial.rehearsal.up import PROCESS


def options(
    here: CommandContext,
    emit: Emit,
    source: Callable[[str], str | None],
    engine: str = "auto",
    *,
    pushed: bool = True,
) -> Options:
    """Return what the deploy verb needs; raises UserError where images cannot be built.

    A rehearsal builds as it was started, a practice account takes frozen copies of folders unless
    an engine is named. What is not to be ``pushed`` is not built by an engine either.
    """
    environment = here.app.environment
    if here.rehearsed:
        running = session.find(here.file.folder, environment)
        engine = running.engine if running else PROCESS
        found = up.options(here.file, environment, emit, source, engine)
    else:
        engine = PROCESS if engine == "auto" and here.target.runs_snapshots else engine
        _refuse_process(here, engine)
        found = up.snapshots(here.file, environment, emit, source)
    if engine == PROCESS:
        return found
    if not pushed or not any(service.build for service in here.app.services.values()):
        return replace(found, builder=layers.planner())
    into = here.target.folder.parent / f"builds-{environment}"
    return replace(found, builder=layers.builder(containers.find(engine), into, emit))


def _refuse_process(here: CommandContext, engine: str) -> None:
    built = sorted(name for name, service in here.app.services.items() if service.build)
    if engine == PROCESS and built and not here.target.runs_snapshots:
        raise UserError.of(
            "build-engine",
            f"{', '.join(built)} must become container images for AWS",
            "Let an engine build them: `--engine auto`; or practise: `seatrial practice`.",
        )
