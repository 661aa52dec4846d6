"""``seatrial generate``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from seatrial.cli.options import app_path, env_option, file_option, json_option
from seatrial.ops.images import runtime_wheel
from seatrial.terraform import guide


@click.command()
@click.argument("environment", metavar="[ENV]", required=False)
@file_option
@env_option
@click.option("--out", required=True, metavar="DIR", help="The folder for both roots.")
@json_option
def command(
    environment: str | None,
    file: str | None,
    env: str | None,
    out: str,
    as_json: bool,
) -> None:
    """Write an environment's Terraform as plain files: two roots, and how to apply them."""
    from seatrial.appfile import load
    from seatrial.resources.catalog import graph
    from seatrial.terraform import document

    found = load.read(app_path(file))
    name = environment or env or load.BASE
    app = load.app_for(found, name)
    written = []
    for root, body in document.documents(graph(app)).items():
        for file_name, text in document.files(body).items():
            path = Path(out) / root / file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(str(path))
    readme = Path(out) / "README.md"
    readme.write_text(guide.text(app.app, name, app.region), encoding="utf-8")
    written.append(str(readme))
    contexts = (s.build.context for s in app.services.values() if s.build)
    builds = (found.folder / context for context in contexts)
    written += [str(path) for path in runtime_wheel.export(builds, Path(out) / "wheels")]
    if as_json:
        click.echo(json.dumps({"environment": name, "files": written}, indent=2))
        return
    for path_text in written:
        click.echo(path_text)
