"""What stands behind Bedrock in a rehearsal: a model server, a script, or nothing."""

from __future__ import annotations

from pathlib import Path

from seatrial_emulator.inference import script
from seatrial_emulator.inference.conversation import InferenceError, Model
from seatrial_emulator.inference.openai_server import OpenAIServer


class Behind:
    """Finds the model for each call: a script is read again when it was edited."""

    def __init__(self, *, url: str = "", key: str = "", name: str = "", path: str = "") -> None:
        self.server = OpenAIServer(url, key, name) if url else None
        self.path = Path(path) if path else None
        self.read: tuple[int, script.Script] | None = None

    def __call__(self) -> Model | None:
        """Return the model, or None; raises InferenceError for a script with faults."""
        if self.server or self.path is None:
            return self.server
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if self.read is None or self.read[0] != changed:
            self.read = changed, self._load(self.path)
        return self.read[1]

    @staticmethod
    def _load(path: Path) -> script.Script:
        try:
            return script.Script(script.parse(path.read_text()))
        except (script.ScriptError, OSError, UnicodeDecodeError) as error:
            text = f"The script {path.name} cannot be played: {error}"
            raise InferenceError("ModelErrorException", text) from error

    @property
    def words(self) -> str:
        """Return what stands behind, for reports."""
        if self.server:
            return f"models are answered by the model server at {self.server.address}"
        if self.path and self.path.is_file():
            return f"models are answered by the script {self.path.name}: nothing understands"
        return "models: none here; calls are refused as on AWS without access to the model"
