"""The examples' Terraform: its diff is the review, and the real Terraform accepts it."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import golden
from seatrial.engine import provider, provider_host


@pytest.mark.parametrize("example", golden.examples(), ids=lambda path: path.name)
def test_example_generates_its_golden_files(example):
    """What is generated is what was reviewed; `make golden` rewrites it."""
    made = golden.files(example)
    committed = {
        str(path.relative_to(example / "golden")): path.read_text(encoding="utf-8")
        for path in (example / "golden").rglob("*")
        if path.is_file()
    }
    assert committed == made


def test_generated_terraform_has_no_trace_of_the_rehearsal():
    """No endpoint, no fake key, no switch: what is rehearsed is what ships."""
    for example in golden.examples():
        for name, text in golden.files(example).items():
            for trace in ("127.0.0.1", "localhost", "rehears", "moto", "skip_credentials"):
                assert trace not in text.lower() or name.endswith("README.md")


@pytest.mark.slow
def test_terraform_validates_every_example(tmp_path):
    """`terraform validate` accepts both roots of every example in every environment."""
    roots = [
        path.parent
        for example in golden.examples()
        for path in (example / "golden").rglob("main.tf.json")
    ]

    def validate(numbered: tuple[int, Path], attached: dict[str, str]) -> str:
        number, root = numbered
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "main.tf.json").write_text((root / "main.tf.json").read_text())
        environment = provider.environment(folder) | attached
        words = (["init", "-backend=false", "-no-color"], ["validate", "-json"])
        for each in words:
            done = subprocess.run(
                [provider.terraform().path, *each],
                cwd=folder,
                text=True,
                env=environment,
                capture_output=True,
                check=False,
            )
        found = json.loads(done.stdout)
        return "" if found["valid"] else f"{root}: {found['diagnostics']}"

    with (
        provider_host.running(provider.environment(tmp_path), tmp_path) as (reattach, _),
        ThreadPoolExecutor(2) as pool,
    ):
        attached = {"TF_REATTACH_PROVIDERS": reattach} if reattach else {}
        found = pool.map(partial(validate, attached=attached), enumerate(roots))
        assert [problem for problem in found if problem] == []
