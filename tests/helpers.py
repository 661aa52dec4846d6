"""Programs that tests drive, and what they say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import boto3
import pytest
from botocore.exceptions import ClientError

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"

_EMULATOR = """
import sys, json
from pathlib import Path
from seatrial_emulator.api import existing
from seatrial_emulator.api.server import Emulator
from seatrial_emulator.api.service_roles import ServiceRoles
from seatrial_emulator.inference.bedrock import Bedrock
folder = Path(sys.argv[1])
account, region = "123456789012", "us-east-1"
emulator = Emulator(account, region, folder)
emulator.inference = Bedrock(
    account=account, region=region, caller=emulator.caller, model=lambda: None,
    roles=ServiceRoles(emulator),
)
pinecone = f"arn:aws:secretsmanager:{region}:{account}:secret:pinecone-a1B2c3"
existing.keep(emulator, {pinecone: '{"apiKey": "k"}'})
server = emulator.serve(int(sys.argv[2]))
print(json.dumps([server.port, emulator.keys.access_key, emulator.keys.secret_key]), flush=True)
server.serve_forever()
"""


def seatrial(
    *words: str, folder: Path, stdin: str = "", timeout: float = 180, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    return subprocess.run(
        [sys.executable, "-m", "seatrial.cli.main", *words],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **variables},
    )


_client = cast("Callable[..., Any]", boto3.client)


@dataclass(frozen=True)
class EmulatorProcess:
    """A running emulator."""

    endpoint: str
    access_key: str
    secret_key: str
    folder: Path
    pid: int

    def client(self, service: str, **keys: str) -> Any:
        """Return a client; the administrator's, or one with other keys."""
        given = keys or {
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
        }
        return _client(service, region_name="us-east-1", endpoint_url=self.endpoint, **given)


@contextmanager
def started_emulator(folder: Path, port: int = 0) -> Iterator[EmulatorProcess]:
    """Run a patched emulator."""
    process = subprocess.Popen(
        [sys.executable, "-c", _EMULATOR, str(folder), str(port)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        port, access, secret = json.loads(process.stdout.readline())
        yield EmulatorProcess(f"http://127.0.0.1:{port}", access, secret, folder, process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass(frozen=True)
class Rehearsal:
    """A running rehearsal."""

    folder: Path
    report: dict[str, Any]

    @property
    def address(self) -> str:
        """Return where the app answers."""
        return str(self.report["address"])

    def until_idle(self, timeout: float = 60) -> None:
        """Wait until `up` has deployed, or refused, every edit; fail with what it said last."""
        place = self.folder / ".seatrial/dev"

        def unhandled() -> list[str]:
            handled = place / "handled.json"
            rows = json.loads(handled.read_text()) if handled.exists() else [(str(handled), 0)]
            return [p for p, at in rows if not Path(p).exists() or Path(p).stat().st_mtime_ns != at]

        try:
            eventually(unhandled, lambda paths: not paths, timeout)
        except AssertionError as error:
            said = (place / "up.log").read_text().splitlines()[-20:]
            raise AssertionError("\n".join([str(error), *said])) from error

    def client(self, service: str) -> Any:
        """Return an AWS client of the rehearsal's administrator."""
        row = json.loads((self.folder / ".seatrial/dev/rehearsal.json").read_text())
        keys = json.loads((self.folder / ".seatrial/dev/keys.json").read_text())
        return _client(
            service,
            region_name=row["region"],
            endpoint_url=f"http://127.0.0.1:{row['endpoint_port']}",
            aws_access_key_id=keys["access_key"],
            aws_secret_access_key=keys["secret_key"],
        )


def get(url: str, timeout: float = 5) -> tuple[int, str]:
    """Return status and body; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def eventually(look: Callable[[], T], wanted: Callable[[T], bool], timeout: float = 20) -> T:
    """Look until what is seen is wanted; fail with the last thing seen."""
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert time.monotonic() < deadline, f"still {seen!r} after {timeout} s"
        time.sleep(0.1)


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    """Return AWS's code of a refusal."""
    return str(error.value.response["Error"]["Code"])


def user(
    started_emulator: EmulatorProcess, name: str, *statements: dict[str, Any]
) -> dict[str, str]:
    """Return the keys of a new user with these statements."""
    iam = started_emulator.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(
        UserName=name,
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


def may(action: str, resource: str) -> dict[str, str]:
    """Return a statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


@contextmanager
def short_folder() -> Iterator[Path]:
    """Return a folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="st", dir="/tmp") as name:
        yield Path(name)


def copied(example: str, folder: Path) -> Path:
    """Copy an example to a folder."""
    ignored = shutil.ignore_patterns("golden", ".seatrial")
    shutil.copytree(EXAMPLES / example, folder, ignore=ignored)
    return folder


def up(folder: Path, **variables: Any) -> Rehearsal:
    """Start a rehearsal in the background."""
    done = seatrial("up", "--detach", "--json", folder=folder, **variables)
    assert done.returncode == 0, done.stderr
    return Rehearsal(folder, json.loads(done.stdout))


def processes(folder: Path) -> list[str]:
    """Return every process that speaks of this folder."""
    done = subprocess.run(
        ["pgrep", "-fa", str(folder)], capture_output=True, text=True, check=False
    )
    return [line for line in done.stdout.splitlines() if "pgrep" not in line]


def post_note(address: str, title: str) -> dict[str, Any]:
    """Write a note to the app of examples/notes; return it."""
    request = urllib.request.Request(
        f"{address}/notes",
        json.dumps({"title": title, "body": "b"}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return cast("dict[str, Any]", json.loads(answer.read()))
