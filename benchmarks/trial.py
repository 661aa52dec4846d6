"""How long a trial takes, step by step: `benchmarks/trial.py [EXAMPLE ...]`, three runs each."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 3


def once(folder: Path) -> dict[str, float]:
    """Run a trial; return the seconds of the whole and of each step that ran."""
    done = subprocess.run(
        [sys.executable, "-m", "seatrial.cli.main", "trial", "--json"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    report = json.loads(done.stdout)
    steps = {s["name"]: s["seconds"] for s in report["steps"] if s["result"] == "passed"}
    return {"whole": report["seconds"], **steps}


def measure(example: str) -> None:
    """Print the medians of an example."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / example
        skipped = shutil.ignore_patterns("golden", ".seatrial")
        shutil.copytree(ROOT / "examples" / example, folder, ignore=skipped)
        once(folder)  # makes the Python environment
        rows = [once(folder) for _ in range(RUNS)]
    print(f"{example}: medians of {RUNS} runs")
    for name in rows[0]:
        values = sorted(row[name] for row in rows)
        middle = statistics.median(values)
        print(f"  {name:<18} {middle:6.1f} s   ({values[0]:.1f} to {values[-1]:.1f})")


if __name__ == "__main__":
    for name in sys.argv[1:] or ("hello", "model-registry"):
        measure(name)
