"""Terraform gets the credentials that boto3 finds, whatever the login, and their renewal."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from seatrial.cloud import credentials
from seatrial.engine.terraform import Terraform

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
Login = Callable[[str], None]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home folder without any AWS configuration, and take the machine's away."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    return tmp_path


@pytest.fixture
def login(home: Path, monkeypatch: pytest.MonkeyPatch) -> Login:
    """Write a profile `work` and choose it."""

    def chosen(lines: str) -> None:
        (home / ".aws" / "config").write_text(f"[profile work]\n{lines}\n")
        monkeypatch.setenv("AWS_PROFILE", "work")

    return chosen


def resolved(variables: dict[str, str]) -> dict[str, Any]:
    """Return what the profile's process prints when a Terraform with these variables runs it."""
    text = Path(variables["AWS_CONFIG_FILE"]).read_text()
    command = next(
        line.partition(" = ")[2] for line in text.splitlines() if "credential_process" in line
    )
    done = subprocess.run(
        shlex.split(command), capture_output=True, text=True, env={**os.environ, **variables},
        check=True, cwd="/",
    )  # fmt: skip
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def test_keys_of_a_profile_reach_terraform(home: Path, login: Login, tmp_path: Path):
    """By a process that prints them; no file that we write holds a secret."""
    login("")
    (home / ".aws" / "credentials").write_text(
        "[work]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = hidden-key\n"
    )
    found = credentials.variables(tmp_path / "work")
    assert resolved(found) == {
        "Version": 1, "AccessKeyId": "AKIAPROFILE", "SecretAccessKey": "hidden-key"
    }  # fmt: skip
    written = "".join(path.read_text() for path in (tmp_path / "work").iterdir())
    assert "hidden-key" not in written


@pytest.mark.usefixtures("home")
def test_another_process_says_when_its_credentials_expire(login: Login, tmp_path: Path):
    """Terraform asks again then: a long apply outlives a short token."""
    row = {
        "Version": 1,
        "AccessKeyId": "ASIASHORT",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": SOON.isoformat(),
    }
    (tmp_path / "row.json").write_text(json.dumps(row))
    login(f"credential_process = cat {tmp_path / 'row.json'}")
    assert resolved(credentials.variables(tmp_path / "work")) == row


def test_aws_login_reaches_terraform(home: Path, login: Login, tmp_path: Path):
    """boto3 knows `aws login`; Terraform 1.14 and the AWS provider 5.100 do not."""
    pytest.importorskip("awscrt", reason="pip install 'boto3[crt]'")
    arn = "arn:aws:iam::123456789012:user/somebody"
    login(f"login_session = {arn}")
    cache = home / ".aws" / "login" / "cache"
    cache.mkdir(parents=True)
    token = {
        "accessToken": {
            "accessKeyId": "ASIALOGIN",
            "secretAccessKey": "s",
            "sessionToken": "t",
            "accountId": "123456789012",
            "expiresAt": SOON.isoformat().replace("+00:00", "Z"),
        },
        "tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "r",
        "idToken": "i",
        "dpopKey": "k",
    }
    name = hashlib.sha256(arn.encode()).hexdigest()
    (cache / f"{name}.json").write_text(json.dumps(token))
    found = resolved(credentials.variables(tmp_path / "work"))
    assert (found["AccessKeyId"], found["SessionToken"]) == ("ASIALOGIN", "t")
    assert datetime.fromisoformat(found["Expiration"]) == SOON


@pytest.mark.usefixtures("home")
def test_keys_of_the_environment_are_left_as_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Terraform reads the same variables; without credentials there is nothing to hand on."""
    assert credentials.variables(tmp_path / "work") == {}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    assert credentials.variables(tmp_path / "work") == {}
    assert not (tmp_path / "work").exists()


@pytest.mark.usefixtures("home")
def test_settings_of_the_profile_hold_for_terraform_too(login: Login, tmp_path: Path):
    """A proxy's CA bundle and FIPS endpoints, and nothing that would choose other credentials."""
    login(
        "ca_bundle = /etc/ca.pem\nuse_fips_endpoint = true\nregion = eu-west-1\n"
        'credential_process = echo \'{"Version":1,"AccessKeyId":"A","SecretAccessKey":"B"}\''
    )
    text = Path(credentials.variables(tmp_path / "work")["AWS_CONFIG_FILE"]).read_text()
    assert "ca_bundle = /etc/ca.pem\nuse_fips_endpoint = true\n" in text
    assert "eu-west-1" not in text


@pytest.mark.usefixtures("home")
def test_relative_configuration_files_are_found_from_terraforms_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Terraform runs in a folder of its own."""
    (tmp_path / "mine").write_text(
        "[default]\naws_access_key_id = AKIARELATIVE\naws_secret_access_key = s\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "mine")
    assert resolved(credentials.variables(tmp_path / "work"))["AccessKeyId"] == "AKIARELATIVE"


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_terraform_itself_takes_them(emulator: Any, login: Login, tmp_path: Path):
    """Its S3 backend and the provider: an apply on the emulator, by the process alone."""
    row = {
        "Version": 1,
        "AccessKeyId": emulator.access_key,
        "SecretAccessKey": emulator.secret_key,
    }
    (tmp_path / "row.json").write_text(json.dumps(row))
    login(f"credential_process = cat {tmp_path / 'row.json'}\nendpoint_url = {emulator.endpoint}")
    emulator.client("s3").create_bucket(Bucket="credentials-state")
    variables = {"AWS_REGION": "us-east-1", **credentials.variables(tmp_path / "work")}
    root = Terraform(tmp_path / "root", variables, lambda _: None)
    document = {
        "terraform": {
            "backend": {"s3": {"use_path_style": True}},
            "required_providers": {"aws": {"source": "hashicorp/aws"}},
        },
        "provider": {"aws": [{"s3_use_path_style": True}]},
        "data": {"aws_caller_identity": {"me": {}}},
        "output": {"account": {"value": "${data.aws_caller_identity.me.account_id}"}},
    }
    root.write({"main.tf.json": json.dumps(document)}, {})
    root.init({"bucket": "credentials-state", "key": "a.tfstate", "region": "us-east-1"})
    root.apply()
    assert root.outputs() == {"account": "123456789012"}
