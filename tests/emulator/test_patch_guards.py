"""Patches of moto: each fits the installed one, and is still needed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import measure
import pytest

from seatrial_emulator.api.patches import patch

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "packages/emulator/src/seatrial_emulator"
REVIEWED = Path(__file__).with_name("patched_moto.json")
_REPORT = """
import json
from seatrial_emulator.api import patches
from seatrial_emulator.api.patches import patch
try:
    patches.apply()
except patch.PatchError:
    pass
by = {target: row.by for target, row in patch.PATCHES.items()}
print(json.dumps({"problems": patch.PROBLEMS, "sources": patch.fingerprints(), "by": by}))
"""


class Upstream:
    """Stands for a class of moto."""

    def works(self, number: int) -> int:
        """Return the number."""
        return number


@pytest.fixture(autouse=True)
def _separate_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patch, "PATCHES", {})
    monkeypatch.setattr(patch, "PROBLEMS", [])


def test_every_patch_fits_the_installed_moto_and_is_still_needed():
    """Targets are there, added operations are not upstream, replaced sources are the reviewed."""
    done = subprocess.run(
        [sys.executable, "-c", _REPORT], capture_output=True, text=True, check=True
    )
    report, reviewed = json.loads(done.stdout), json.loads(REVIEWED.read_text())
    found = list(report["problems"])
    for target, source in report["sources"].items():
        if reviewed["sources"].get(target) != source:
            found.append(f"{target}: upstream's source is not the one {report['by'][target]} read")
    found += [f"{t}: no patch any more" for t in reviewed["sources"].keys() - report["by"].keys()]
    listed = "".join(f"\n- {row}" for row in sorted(found))
    assert not found, (
        f"moto {version('moto')} (reviewed: {reviewed['moto']}) differs from what the patches were "
        f"written for. Read each one, then run `python tools/patches.py`:{listed}"
    )


def test_replacing_what_is_gone_names_the_target_and_motos_version():
    """A patch whose target was renamed upstream stops the emulator with one clear error."""
    patch.replace(Upstream, "renamed", lambda self: None)
    with pytest.raises(patch.PatchError) as raised:
        patch.require_fit()
    assert f"moto {version('moto')}" in str(raised.value)
    assert "Upstream.renamed is gone" in str(raised.value)


def test_adding_what_upstream_has_now_says_that_the_patch_may_go():
    """An operation that moto implements meanwhile is not overwritten."""

    def works(self: Upstream) -> int:
        return 0

    patch.add(Upstream, "works", works)
    assert Upstream().works(3) == 3
    with pytest.raises(patch.PatchError, match="works is there now"):
        patch.require_fit()


def test_a_wrapped_method_gets_the_original_first(monkeypatch: pytest.MonkeyPatch):
    """The replacement can call what it replaces, and ``original`` returns it."""
    monkeypatch.setattr(Upstream, "works", Upstream.works)
    before = Upstream.works
    patch.wrap(Upstream, "works", lambda works, self, number: works(self, number) + 1)
    assert Upstream().works(3) == 4
    assert patch.original(Upstream, "works") is before
    patch.require_fit()


def test_a_changed_table_of_upstream_is_a_problem():
    """An entry that is no longer the one we replace is not replaced."""
    table = {"HEAD": "Other"}
    patch.replace_item(table, "HEAD", old="HeadBucket", new="ListBucket", where="table[HEAD]")
    assert table == {"HEAD": "Other"}
    with pytest.raises(patch.PatchError, match="'Other' now and no longer 'HeadBucket'"):
        patch.require_fit()


def _attribute_calls() -> Iterator[str]:
    for room in ("api", "ecs", "servers"):
        for path in sorted((SOURCE / room).rglob("*.py")):
            for node in ast.walk(measure.parsed(path)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    name = node.func.id
                    if name in ("getattr", "setattr", "hasattr"):
                        yield f"{path.relative_to(SOURCE)}: {ast.unparse(node)}"


def test_no_state_hangs_on_objects_of_moto():
    """State of ours is in ``api/state.py``: no attribute is read or written by name elsewhere."""
    allowed = {
        "api/patches/patch.py: setattr(owner, name, function)",
        "api/patches/patch.py: setattr(owner, name, assigned)",
        "api/patches/streaming.py: getattr(self._key, name)",  # passes everything on
        # moto's own record of a distribution, which has it only where it was given
        "ecs/entrypoints.py: getattr(b, 'origin_request_policy_id', '')",
        "servers/process_tree.py: getattr(full, 'pss', full.uss)",  # of psutil, not everywhere
    }
    assert set(_attribute_calls()) <= allowed
