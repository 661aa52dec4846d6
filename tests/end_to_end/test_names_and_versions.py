"""What AWS keeps under a name, and what it only changes in steps: one rehearsal of production."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from helpers import EXAMPLES, Rehearsal, seatrial

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
APP = """
app: hello
region: us-east-1
profile: production
domain: {name: app.example.com, zone_name: example.com, zone: create}
services:
  web: {build: ., command: "uvicorn main:app --host 0.0.0.0 --port 8000", port: 8000, public: /}
databases: {db: {version: "16"}}
secrets: {token: {generate: 32}}
"""


def edit(here: Rehearsal, *changes: tuple[str, str]) -> None:
    """Change the app file, and wait until the rehearsal has deployed it."""
    file = here.folder / "seatrial.yml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    here.until_idle(240)


def test_versions_rise_and_names_come_back(tmp_path: Path):
    """A zone's servers are shown before the certificate waits; version 17 comes at once, with a
    group of its own; a secret that was taken out is there again with its value.
    """
    folder = tmp_path / "app"
    shutil.copytree(
        EXAMPLES / "hello", folder, ignore=shutil.ignore_patterns("golden", ".seatrial")
    )
    (folder / "seatrial.yml").write_text(APP)
    done = seatrial("up", "--detach", "--json", folder=folder, timeout=400)
    try:
        assert done.returncode == 0, done.stderr
        here = Rehearsal(folder, json.loads(done.stdout))
        log = folder / ".seatrial/dev/up.log"
        assert "enter the name servers of example.com" in log.read_text()
        secrets, rds = here.client("secretsmanager"), here.client("rds")
        before = secrets.get_secret_value(SecretId="hello/dev/token")["SecretString"]
        edit(here, ('"16"', '"17"'), ("secrets: {token: {generate: 32}}\n", ""))
        [instance] = rds.describe_db_instances()["DBInstances"]
        assert instance["EngineVersion"].startswith("17")
        groups = rds.describe_db_parameter_groups()["DBParameterGroups"]
        assert [g["DBParameterGroupName"] for g in groups] == ["hello-dev-db-postgres17"]
        assert "DeletedDate" in secrets.describe_secret(SecretId="hello/dev/token")
        edit(here, ("databases:", "secrets: {token: {generate: 32}}\ndatabases:"))
        assert secrets.get_secret_value(SecretId="hello/dev/token")["SecretString"] == before
        assert "hello/dev/token was scheduled for deletion: restored" in log.read_text()
        second = seatrial("plan", folder=folder)
        assert (second.returncode, second.stdout.strip()) == (0, "nothing would change")
    finally:
        seatrial("down", folder=folder)
