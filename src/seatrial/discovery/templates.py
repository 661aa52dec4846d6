"""Small apps that `init --template` writes into an empty folder."""

from __future__ import annotations

from pathlib import Path

from seatrial.appfile.load import DEFAULT_NAME
from seatrial.discovery.draft import noun_name
from seatrial.discovery.writing import refuse_existing

FOLDER = Path(__file__).with_name("templates")
APP, REGION = "APP_NAME", "AWS_REGION_NAME"  # stand in the templates' app files


def write(folder: Path, template: str, *, region: str) -> list[str]:
    """Write a template's files; returns their names. Raises UsageError where one exists."""
    root = FOLDER / template
    names = sorted(
        str(p.relative_to(root))
        for p in root.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    )
    refuse_existing([folder / name for name in names])
    app = noun_name(folder.resolve().name, kind="app", longest=32)
    for name in names:
        text = (root / name).read_text(encoding="utf-8")
        if name == DEFAULT_NAME:
            text = text.replace(APP, app).replace(REGION, region)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    return names
