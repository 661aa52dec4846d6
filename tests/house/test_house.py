"""The house's rules: sizes, documents, names, nothing of this machine."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import docs as pages
import measure
import pytest
import scan

from seatrial.cli.main import COMMANDS
from seatrial.errors import EXPLANATIONS
from seatrial.model.app import App
from seatrial.model.noun import Noun
from seatrial.rehearsal.fidelity import TABLE
from seatrial_emulator.faults import FAULTS

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("src", "packages/emulator/src", "packages/runtime/src")
    for path in (ROOT / folder).rglob("*.py")
)


def functions() -> Iterator[tuple[str, int, int]]:
    """Yield every function's name, length and number of parameters."""
    for path in SOURCES:
        for node in ast.walk(measure.parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                named = [a for a in node.args.args if a.arg not in ("self", "cls")]
                yield f"{path.relative_to(ROOT)}:{node.name}", length, len(named)


SAMPLES = ROOT / "tests" / "discovery" / "shapes.py"  # a table of projects, one below the other


def test_files_are_small():
    """No file has more than 400 lines: sources, tests, tools."""
    others = [
        p for folder in ("tests", "tools", "benchmarks") for p in (ROOT / folder).rglob("*.py")
    ]
    files = {*SOURCES, *others} - {SAMPLES}
    assert [p for p in files if len(p.read_text(encoding="utf-8").splitlines()) > 400] == []


def test_functions_are_small():
    """Most functions have at most ten lines or so, few have thirty, none has sixty."""
    lengths = [length for _, length, _ in functions()]
    assert statistics.median(lengths) <= 12
    assert statistics.quantiles(lengths, n=10)[8] <= 32
    assert [name for name, length, _ in functions() if length > 60] == []


def test_functions_take_few_parameters():
    """At most seven positional parameters; commands take their options by name."""
    assert [n for n, _, count in functions() if count > 7 and "cli/commands" not in n] == []


@pytest.mark.parametrize("noun", pages._nouns(App, []), ids=lambda noun: noun.__name__)
def test_every_key_is_described(noun: type[Noun]):
    """Each key has a description and, unless it is set by the command, an example."""
    for name, field in noun.model_fields.items():
        assert field.description, name
        assert field.examples or field.exclude, name


def test_generated_pages_are_up_to_date():
    """`make docs` would change nothing."""
    for name, text in pages.pages().items():
        assert text == (ROOT / "docs" / name).read_text(encoding="utf-8"), name


def test_every_error_is_explained_and_every_explanation_used():
    """The list of explanations and the codes in the sources are the same set."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    text = text.replace((ROOT / "src/seatrial/errors.py").read_text(encoding="utf-8"), "")
    used = (
        set(
            re.findall(
                r'"((?:appfile|aws|build|database|deploy|destroy|doctor|migration|pause|rehearsal|release|secret|'
                r'service|terraform|usage|verify)-[a-z-]+)"',
                text,
            )
        )
        - {"rehearsal-administrator", "service-quotas", "build-system"}
        - {"aws-access-key", "aws-secret-key"}  # kinds of personal data
        - set(FAULTS)
    )
    custom = set(re.findall(r'PydanticCustomError\(\s*"([a-z]+)"', text))
    used |= {f"appfile-{kind}" for kind in custom}
    used |= {f"terraform-{verb}" for verb in ("apply", "destroy", "plan")}
    assert used == set(EXPLANATIONS)


def test_every_command_is_documented():
    """The README or a page names every command."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"## seatrial {name}" not in text] == []


def test_every_row_of_the_fidelity_table_names_a_test_that_exists():
    """A row names a test function of this suite, or says what is missing."""
    for row in TABLE:
        assert row.test or row.missing, row.what
        if row.test:
            file, _, name = row.test.partition("::")
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), row.test


def test_the_security_page_names_tests_that_exist():
    """A control names a test function (or module) of this suite."""
    named = [row["check"] for row in scan.controls() if row["check"].startswith("tests/")]
    for name in named:
        file, _, function = name.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not function or f"def {function}(" in text, name


def test_every_room_says_what_it_is():
    """Each package's docstring says what comes in, goes out or is forbidden."""
    for path in (path for path in SOURCES if path.name == "__init__.py"):
        assert ast.get_docstring(measure.parsed(path)), path


def test_every_test_says_its_behaviour():
    """Each test has a docstring that says the behaviour."""
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "examples").glob("*/tests/test_*.py")]
    for path in files:
        for node in ast.walk(measure.parsed(path)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.name}:{node.name}"


def test_heavy_rooms_are_not_loaded_by_light_commands():
    """`--help`, `check` and `generate` never import boto3, moto or asyncio's servers."""
    code = (
        "import sys; sys.argv = ['seatrial', '--help']\n"
        "from seatrial.cli import main\n"
        "try: main.main()\nexcept SystemExit: pass\n"
        "print([m for m in ('boto3', 'moto', 'pydantic', 'yaml') if m in sys.modules])"
    )
    python = str(ROOT / ".venv/bin/python") if (ROOT / ".venv").exists() else "python3"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_nothing_of_this_machine_is_tracked():
    """No absolute path of a home or work folder stands in a tracked file."""
    done = subprocess.run(
        ["git", "grep", "-nIE", r"(^|[\"' =:(])/(root|work|home/[a-z]+)/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("tests/house/")]
    assert lines == []


def test_no_function_hides_an_unfinished_piece():
    """No `NotImplementedError` or `TODO` in the sources."""
    for path in SOURCES:
        assert not re.search(
            r"raise NotImplementedError|TODO|FIXME", path.read_text(encoding="utf-8")
        )


def test_applications_import_the_runtime_kit_alone():
    """What an example deploys knows nothing of Seatrial but the kit."""
    imports = re.compile(r"^\s*(?:from|import) (seatrial[\w.]*)", re.MULTILINE)
    for path in (ROOT / "examples").rglob("*.py"):
        deployed = not {".seatrial", "tests"} & set(path.parts)
        for name in imports.findall(path.read_text()) if deployed else ():
            assert name.startswith("seatrial_runtime"), path


def test_every_piece_of_the_kit_is_shown_by_example():
    """docs/runtime.md has a section for each module, and its Python parses."""
    page = (ROOT / "docs" / "runtime.md").read_text()
    for path in (ROOT / "packages/runtime/src/seatrial_runtime").glob("[a-z]*.py"):
        assert re.search(rf"`(seatrial_runtime\.)?{path.stem}`|import.*\b{path.stem}\b", page), path
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 8
    for block in blocks:
        ast.parse(f"async def example():\n{textwrap.indent(block, '    ')}")


def test_names_of_test_files_are_unique():
    """pytest imports files of one name only once: the second one's tests would never run."""
    names = [path.name for folder in ("tests", "examples") for path in (ROOT / folder).rglob("*.py")
             if path.name.startswith("test_") and ".seatrial" not in path.parts]  # fmt: skip
    assert sorted({name for name in names if names.count(name) > 1}) == []
