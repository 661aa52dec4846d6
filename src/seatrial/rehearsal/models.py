"""What answers for an app's models in a rehearsal, beside what the emulator makes of it."""

from __future__ import annotations

from pathlib import Path

from seatrial.errors import Problem, UserError
from seatrial.model.app import App
from seatrial_emulator.inference import script

SCRIPT = "rehearsal/model.yml"  # of the project


def script_of(app: App, project: Path) -> Path | None:
    """Return the file that stands for the models where no model server does.

    None for an app without models. Raises UserError for a script that cannot be played.
    """
    if not app.models:
        return None
    path = project / SCRIPT
    try:
        if path.is_file():
            script.parse(path.read_text())
    except (script.ScriptError, UnicodeDecodeError) as error:
        said = str(error).replace("\n", "\n    ")
        raise UserError(
            Problem(
                "rehearsal-model-script",
                f"{SCRIPT}, the script of the models, cannot be played:\n    {said}",
                "Correct it; docs/nouns.md has its keys.",
            )
        ) from error
    return path
