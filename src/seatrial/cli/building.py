"""How builds become images where a command acts."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.cli.options import Scene
from seatrial.errors import UserError
from seatrial.events import Emit
from seatrial.ops.deploy import Options
from seatrial.rehearsal import up


def options(
    here: Scene, emit: Emit, source: Callable[[str], str | None], *, pushed: bool = True
) -> Options:
    """Return what the deploy verb needs; raises UserError where images cannot be built.

    A rehearsal runs builds in place, a practice account frozen copies of them. What is not to be
    ``pushed`` needs no container engine.
    """
    if here.rehearsed:
        return up.options(here.file, here.app.environment, emit, source)
    built = sorted(name for name, service in here.app.services.items() if service.build)
    if built and pushed and not here.target.runs_snapshots:
        raise UserError.of(
            "build-engine",
            f"{', '.join(built)} must become container images for AWS, and this version builds "
            "none yet",
            "Push images yourself and name them, `image: repository@sha256:...`; or practise: "
            "`seatrial practice`.",
        )
    return up.snapshots(here.file, here.app.environment, emit, source)
