"""The measures of the house: sizes of rooms, calls, names on moto's objects."""

from __future__ import annotations

import re

import measure

ROOM_SHARE = 0.15  # of all lines, that the largest room may have
# What a function may import by itself. Its import takes a tenth of a second or more (`python -X
# importtime`), so `--help` and commands that do not need it do without: `seatrial --help` takes
# 0.1 s of CPU, and with what `deploy` needs 0.9.
HEAVY = {"boto3", "botocore", "moto", "psycopg", "pydantic", "pydantic_core", "regex"}
HEAVY |= {"werkzeug", "yaml"}
# Packages that an app, or an installation of Seatrial, need not have.
OPTIONAL = {"fastapi", "hvac", "prometheus_client", "sqlalchemy", "sqlglot", "starlette", "uvicorn"}
OPTIONAL |= {"resource"}  # of Unix alone


def test_no_room_holds_more_than_its_share():
    """The largest room has at most 15 % of the lines."""
    rooms = measure.lines_by_room()
    total = sum(rooms.values())
    assert {n: c for n, c in rooms.items() if c / total > ROOM_SHARE} == {}


def test_calls_name_their_arguments():
    """No call has more than five positional arguments."""
    assert measure.crowded_calls() == []


def test_no_state_of_ours_hangs_on_motos_objects():
    """No attribute of ours hangs on an object of moto's."""
    for path, _ in measure.modules():
        assert not re.search(r"\brehearsed_\w+", path.read_text(encoding="utf-8")), path


def test_functions_import_only_what_is_heavy_or_optional():
    """An import inside a function buys start-up time, or spares an optional package."""
    imports = measure.top_imports()
    for late in measure.late_imports():
        packages = {name.split(".")[0] for name in measure.loaded_by(late.imported, imports)}
        assert packages & (HEAVY | OPTIONAL), f"{late}: import it at the top"


def test_no_late_import_hides_a_circle():
    """What a function imports does not import the function's module when it is loaded."""
    imports = measure.top_imports()
    for late in measure.late_imports():
        assert late.module not in measure.loaded_by(late.imported, imports), late


def test_help_of_every_command_loads_nothing_heavy():
    """The modules of the command line load none of the heavy packages."""
    imports = measure.top_imports()
    for module in imports:
        if module.startswith("seatrial.cli.commands"):
            packages = {name.split(".")[0] for name in measure.loaded_by(module, imports)}
            assert not packages & HEAVY, module


# Modules without a fast test that imports them, and the fast test that goes through them.
THROUGH = {
    "seatrial.cloud.clients": "tests/cloud/test_errors.py",  # types alone
    "seatrial.cloud.finder": "tests/cloud/test_finders.py",
    "seatrial.cloud.listings": "tests/cloud/test_inventory.py",
    "seatrial.cloud.spending": "tests/ops/test_account_answers.py",
}
# Modules that only slow tests exercise, such as what the doctor gathers. May fall, never rise.
MOST_SLOW_ALONE = 10


def test_modules_of_ops_and_cloud_have_fast_tests():
    """A test that is not slow imports it; of packages, each module counts by itself."""
    imports = measure.top_imports()
    fast = {
        path: set(measure.imported_by(path))
        for path in (measure.ROOT / "tests").rglob("test_*.py")
        if not re.search(r"^pytestmark = .*\bslow\b", path.read_text("utf-8"), re.MULTILINE)
    }
    tested = {name for names in fast.values() for name in names}
    wanted = {
        dotted
        for path, _ in measure.modules()
        for dotted in [measure.dotted(path)]
        if path.stem != "__init__" and dotted.startswith(("seatrial.ops.", "seatrial.cloud."))
    }
    alone = sorted(wanted - tested - THROUGH.keys())
    assert len(alone) <= MOST_SLOW_ALONE, alone
    for module, file in THROUGH.items():
        names = fast[measure.ROOT / file]
        assert any(module in measure.loaded_by(name, imports) for name in names), module
