"""What every command does alike: its help, and its end where there is no app file, with a fix."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from seatrial.cli.commands import secret as secret_commands
from seatrial.cli.main import COMMANDS, main

# Arguments that a command needs before it looks for the app file.
ARGUMENTS = {
    "deploy": ["live"],
    "destroy": ["live"],
    "generate": ["--out", "out"],
    "kill": ["web"],
    "remove": ["live", "db"],
    "restore": ["db"],
    "rollback": ["live"],
    "run": ["web", "--", "true"],
    "scale": ["live", "web", "2"],
    "unlock": ["live", "0"],
    "backup": ["live", "db"],
}
# They need none, or are groups.
WITHOUT_APP = {"completion", "explain", "faults", "init", "practice", "secret"}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Return what runs a command line in an empty folder; it gives exit code and both outputs."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    monkeypatch.chdir(tmp_path)

    def run_(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    yield run_
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_a_command_and_each_option_do(run: Run, name: str):
    """Each command has a sentence of its own, and no option is without one."""
    code, out, _ = run(name, "--help")
    assert code == 0
    command = import_module(f"seatrial.cli.commands.{name}").command
    assert str(command.help).split("\n")[0][:30] in " ".join(out.split())
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert option.help, option.name


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_APP))
def test_a_missing_app_file_is_one_problem_with_its_fix(run: Run, name: str):
    """Wrong use is exit code 2; with `--json` it is a problem that a program can read."""
    words = [name, *ARGUMENTS.get(name, [])]
    code, _, err = run(*words)
    assert code == 2, err
    assert "seatrial.yml" in err
    assert "Traceback" not in err
    json_option = [o for o in import_module(f"seatrial.cli.commands.{name}").command.params
                   if "--json" in o.opts]  # fmt: skip
    if json_option:
        code, out, _ = run(*words, "--json")
        (problem,) = json.loads(out)["problems"]
        assert code == 2
        assert problem["code"].startswith(("appfile-", "usage-"))
        assert problem["fix"]


@pytest.mark.parametrize("name", sorted(secret_commands.command.commands))
def test_each_command_on_secrets_needs_an_app_file(run: Run, name: str):
    """The same holds for `secret set`, `list`, `rotate` and `import`."""
    code, _, err = run("secret", name, *(["live", "key"] if name != "list" else []))
    assert code == 2
    assert "seatrial.yml" in err or "Usage:" in err


def test_faults_are_listed_without_an_app_file(run: Run):
    """`faults` needs nothing."""
    code, out, _ = run("faults")
    assert code == 0
    assert "oom" in out or "memory" in out
