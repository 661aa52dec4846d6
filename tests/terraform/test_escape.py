"""Text of the app file stays text, whatever it contains."""

from __future__ import annotations

import json
import subprocess
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.engine import provider
from seatrial.resources.graph import Expr, Joined, Json
from seatrial.terraform.escape import value

NASTY = [
    '${file("/etc/passwd")}',
    "%{ for x in y }",
    "$${a}",
    "%%{b}",
    "$",
    "%",
    "${",
    "%{",
    '"quoted"',
    "back\\slash",
    "new\nline",
    "tab\t",
    "caf\u00e9 \U0001f600 \u202e",
    "$" * 5 + "{x}",
    '${"${1}"}',
    "~}",
    "<<EOT",
    "\\u00000\\u0000",
    "\ue0000\ue001",
    "\\${x}",
]
TEXT = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]))
    | st.sampled_from(NASTY)
    | st.text('${}%"\\ab', max_size=12),
    min_size=30,
    max_size=60,
)


def terraform_reads(outputs: dict[str, str]) -> dict[str, str]:
    """Return what the real Terraform makes of output values."""
    document = {"output": {name: {"value": text} for name, text in outputs.items()}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
        environment = provider.environment(folder)
        for words in (["apply", "-auto-approve", "-no-color"], ["output", "-json"]):
            done = subprocess.run(
                [provider.terraform().path, *words],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    return {name: row["value"] for name, row in json.loads(done.stdout).items()}


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXT)
def test_terraform_reads_every_text_as_itself(texts):
    """Plain, beside an expression, and inside a JSON document: the text comes back unchanged."""
    texts = [unicodedata.normalize("NFC", text) for text in texts]
    outputs, expected = {}, {}
    for index, text in enumerate(texts):
        outputs[f"plain{index}"] = value(text, str)
        expected[f"plain{index}"] = text
        outputs[f"joined{index}"] = value(Joined((text, Expr('upper("y")'), text)), str)
        expected[f"joined{index}"] = f"{text}Y{text}"
        document = Json({"k": [text, Joined((text, Expr('upper("x")')))]})
        outputs[f"json{index}"] = value(document, str)
        expected[f"json{index}"] = json.dumps({"k": [text, f"{text}X"]}, ensure_ascii=False)
    found = terraform_reads(outputs)
    for name, text in expected.items():
        if name.startswith("json"):
            assert json.loads(found[name]) == json.loads(text)
        else:
            assert found[name] == text
