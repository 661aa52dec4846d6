"""``python -m seatrial_emulator``: one empty account, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from seatrial_emulator import process
from seatrial_emulator.process import RunningEmulator, Settings


def main(arguments: list[str] | None = None) -> int:
    """Run the emulator until it is ended; return the exit code."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with _folder(options.folder) as folder:
            _serve(_settings(options, folder), as_json=options.json)
    except (process.NotStartedError, process.NoPortError) as error:
        print(f"error: the emulator did not start\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _serve(settings: Settings, *, as_json: bool) -> None:
    running, child = process.start(settings)
    try:
        print(_json(running) if as_json else _text(running), flush=True)
        child.wait()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave anything
        process.end(child, running.folder)


def _text(running: RunningEmulator) -> str:
    """Return the variables as a shell reads them."""
    return "\n".join(
        [
            *(f"export {name}={value}" for name, value in running.variables.items()),
            f"# load balancers and distributions answer at {running.front}",
            f"# {running.sandbox}",
            "# Ctrl-C ends it and everything that runs in it",
        ]
    )


def _json(running: RunningEmulator) -> str:
    return json.dumps(
        {
            "account": running.account,
            "region": running.region,
            "endpoint": running.endpoint,
            "front": running.front,
            "folder": str(running.folder),
            "variables": running.variables,
        }
    )


def _settings(options: argparse.Namespace, folder: Path) -> Settings:
    return Settings(
        folder=str(folder),
        account=options.account,
        region=options.region,
        endpoint_port=options.port,
        front_port=options.front_port,
        pace=options.pace,
        engine=options.engine,
        programs=dict(options.image),
        model_url=options.model_url,
        model_name=os.environ.get(process.MODEL_NAME, ""),
        model_script=str(options.model_script.resolve()) if options.model_script else "",
    )


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    """Give the folder for data: the one that was named, else a temporary one."""
    if given is not None:
        yield given.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="seatrial-emulator-"))
    made.chmod(0o711)  # databases may run as another user, who must reach their own folders
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _program(text: str) -> tuple[str, str]:
    """Read ``NAME=FOLDER``; a name without a registry stands for any registry."""
    name, separator, folder = text.partition("=")
    path = Path(folder).absolute()
    if not (name and separator and path.is_dir()):
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME=FOLDER with a folder that exists")
    return name, str(path)


def _account(text: str) -> str:
    if len(text) != 12 or not text.isdigit():
        raise argparse.ArgumentTypeError(f"`{text}` is not an account number of 12 digits")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m seatrial_emulator",
        description="Start an empty AWS account on this machine and print how to reach it.",
    )
    add, defaults = parser.add_argument, Settings(folder="")
    add("--port", type=int, default=0, metavar="N", help="where AWS's API answers")
    add("--front-port", type=int, default=0, metavar="N", help="where load balancers answer")
    add("--account", type=_account, default=defaults.account, metavar="ID", help="account number")
    add("--region", default=defaults.region, metavar="NAME", help="the one region")
    add("--folder", type=Path, metavar="PATH", help="keep data here (else it ends with it)")
    add("--pace", type=float, default=defaults.pace, metavar="X", help="waits are X times shorter")
    add("--engine", choices=("process", "podman"), default="process", help="what runs images")
    image = "a folder whose program stands for an image; may be given more than once"
    add("--image", type=_program, action="append", default=[], metavar="NAME=FOLDER", help=image)
    url, named = os.environ.get(process.MODEL_URL, ""), "an OpenAI-compatible server for Bedrock"
    add("--model-url", default=url, metavar="URL", help=named)
    add("--model-script", type=Path, metavar="FILE", help="what answers for Bedrock without one")
    add("--json", action="store_true", help="print one JSON object instead of exports")
    return parser


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
