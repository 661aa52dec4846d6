"""Put the runtime's wheel into Seatrial's own, for the builds of apps (docs/decisions/0006)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilder


class RuntimeWheel(BuildHookInterface[Any]):
    """Builds ``packages/runtime`` and includes the wheel as ``seatrial/wheels/*.whl``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the wheel; an editable installation builds it when an app asks for it."""
        if version == "editable":
            return
        self._folder = tempfile.mkdtemp()
        runtime = WheelBuilder(str(Path(self.root) / "packages" / "runtime"))
        wheel = Path(next(runtime.build(directory=self._folder, versions=["standard"])))
        build_data["force_include"][str(wheel)] = f"seatrial/wheels/{wheel.name}"

    def finalize(self, version: str, _data: dict[str, Any], _artifact: str) -> None:
        """Remove the temporary folder."""
        if version != "editable":
            shutil.rmtree(self._folder, ignore_errors=True)
