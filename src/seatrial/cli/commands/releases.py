"""``seatrial releases``."""

from __future__ import annotations

import json

import click

from seatrial.cli.options import command_context, environment_options
from seatrial.cli.output import table


@click.command()
@environment_options
def command(
    environment: str | None, file: str | None, env: str | None, rehearsal: bool, as_json: bool
) -> None:
    """List every release: when it was made, how long that took, and its result."""
    from seatrial.cloud.session import Session
    from seatrial.ops.release import record

    context = command_context(file, environment or env, rehearsal=rehearsal)
    session = Session(context.target)
    serving = record.serving(session, context.app.app)
    rows = [
        {
            "number": found.number,
            "result": "serving" if serving and found.number == serving.number
            else "served" if found.result == "serving" else found.result,
            "at": found.at,
            "seconds": round(sum(found.seconds.values()), 1),
            "back_to": found.back_to or None,
            "images": found.images,
            "commit": found.commit or None,
            "who": found.who or None,
        }
        for found in record.every(session, context.app.app)
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps({"releases": rows}, indent=2))
        return
    shown: list[tuple[str, ...]] = [("release", "result", "made", "took", "commit", "who", "")]
    shown += [
        (str(r["number"]), str(r["result"]), str(r["at"]), f"{r['seconds']} s",
         _short(str(r["commit"] or "-")), str(r["who"] or "-"),
         f"rollback to {r['back_to']}" if r["back_to"] else "")
        for r in rows
    ]  # fmt: skip
    click.echo(table(shown))


def _short(commit: str) -> str:
    """Return an abbreviated commit; ``+`` where files differed from it."""
    return commit[:9] + ("+" if "+" in commit else "")
