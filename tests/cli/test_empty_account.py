"""Commands on an account where nothing was deployed: each in this process, against the emulator."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import EmulatorProcess
from seatrial.cli import main

FILE = """
app: unmade
region: us-east-1
services:
  api: {build: ./api, command: run, port: 8000, public: /, uses: [db, files, token]}
databases: {db: {}}
buckets: {files: {}}
secrets: {token: by-hand}
jobs: {tidy: {service: api, command: tidy, schedule: rate(1 day)}}
environments: {live: {profile: development}}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    emulator: EmulatorProcess,
    write: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Return the command line beside the app file, with the account's keys in the environment."""
    monkeypatch.chdir(write(FILE).parent)
    for name, value in {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SEATRIAL_PACE": "10",
    }.items():
        monkeypatch.setenv(name, value)
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGHUP)]

    def run_(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            main.main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield run_
    for number, handler in handlers:
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ("status live", 1, "release-none"),
        ("rollback live", 1, "release-none"),
        ("restart live", 1, "release-none"),
        ("scale live api 3", 1, "release-none"),
        ("scale live", 2, "usage-service"),
        ("backup live db", 1, "release-none"),
        ("backup live dx", 1, "usage-database"),
        ("restore live db", 1, "release-none"),
        ("restore live --at tomorrow", 2, "usage-moment"),
        ("deploy live", 2, "deploy-confirm"),
        ("deploy live --yes", 1, "verify-secret-missing"),
        ("deploy", 2, "usage-environment"),
        ("deploy nowhere", 2, "usage-environment"),
        ("secret rotate token --env live", 1, "secret-missing"),
        ("remove live", 2, "usage-remove"),
        ("remove live db", 2, "usage-remove"),
        ("remove live dx", 2, "usage-remove"),
        ("unlock live", 2, "deploy-unlock"),
        ("unlock live x", 2, "deploy-unlock"),
        ("unlock live x y", 2, "deploy-unlock"),
        ("destroy live", 2, "destroy-name"),
        ("destroy live --name other", 2, "destroy-name"),
        ("logs", 2, "rehearsal-none"),
        ("up --inject no-such-fault", 2, "usage-fault"),
        ("trial --steps no-such-step", 2, "usage-step"),
    ],
)
def test_command_is_refused_with_its_error(run: Run, words: str, code: int, error: str):
    """A command that cannot work here ends with one documented error and its exit code."""
    found, out, said = run(*words.split())
    assert (found, out) == (code, "")
    assert f"error[{error}]" in said
    assert "fix: " in said


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        ("releases live --json", {"releases": []}),
        ("backups live --json", {"backups": []}),
        ("secret list live --json", {"name": "token", "kind": "by hand", "set": False}),
        ("verify live --json", {"code": "verify-secret-missing", "severity": "error"}),
    ],
)
def test_json_of_an_empty_account(run: Run, words: str, shape: dict[str, object]):
    """Lists are there and empty; what is missing has its row."""
    _, out, _ = run(*words.split())
    found = json.loads(out)
    (rows,) = found.values() if len(found) == 1 else (found["findings"],)
    assert found == shape or any(shape.items() <= row.items() for row in rows)


def test_secret_waits_for_the_first_deploy(run: Run):
    """The deploy creates it; a name that no secret has is refused with the nearest one."""
    code, _, said = run("secret", "set", "token", "--env", "live", stdin="a-value")
    assert (code, "secret-early" in said, "a-value" in said) == (1, True, False)
    code, _, said = run("secret", "rotate", "token", "--env", "live", stdin="a-value")
    assert (code, "release-none" in said) == (1, True), said
    code, _, said = run("secret", "set", "tokn", "--env", "live", stdin="a-value")
    assert (code, "Did you mean `token`?" in said) == (2, True)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("releases live", "release  result"),
        ("backups live", "database  backup"),
        ("secret list live", "token"),
        ("verify live", "verify-secret-missing"),
        ("faults", "out-of-memory"),
        ("trial --list", "good-release"),
        ("diagram live", "balancer"),
        ("check", "unmade-dev-db"),
        ("cost live", "databases.db"),
        ("generate live --out made", "foundation/main.tf.json"),
        ("down", "no rehearsal of this project is running"),
    ],
)
def test_text_of_an_empty_account(run: Run, words: str, text: str):
    """Every command that only reads prints its table, also of nothing."""
    _, out, said = run(*words.split())
    assert text in out, said
